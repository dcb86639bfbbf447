//! Traces as geth writes them. The library writes flat calls as Parity did, with members that geth
//! leaves out and without some that it has, and accounts without the hashes of their code.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, Bytes, U64, U256, keccak256};
use alloy_rpc_types_trace::{
    geth::{AccountState, DiffMode, GethTrace, PreStateFrame, PreStateMode, mux::MuxFrame},
    parity::{
        Action, ActionType, CallType, CreationMethod, LocalizedTransactionTrace, TraceOutput,
    },
};
use serde::{Serialize, Serializer};

/// What a tracer answers.
#[derive(Debug)]
pub(crate) struct TraceJson {
    pub(super) trace: GethTrace,
    /// Whether accounts are shown without their code.
    pub(super) hides_code: bool,
}

impl Serialize for TraceJson {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { ref trace, hides_code } = *self;
        Shown { trace, hides_code }.serialize(serializer)
    }
}

/// A trace, or one of many.
struct Shown<'a> {
    trace: &'a GethTrace,
    hides_code: bool,
}

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let hides_code = self.hides_code;
        match self.trace {
            GethTrace::FlatCallTracer(calls) => {
                serializer.collect_seq(calls.iter().map(FlatCallJson::from))
            }
            GethTrace::MuxTracer(MuxFrame(traces)) => {
                let shown = |trace| Shown { trace, hides_code };
                serializer.collect_map(traces.iter().map(|(tracer, trace)| (tracer, shown(trace))))
            }
            GethTrace::PreStateTracer(PreStateFrame::Default(PreStateMode(accounts))) => {
                Accounts { accounts, hides_code }.serialize(serializer)
            }
            GethTrace::PreStateTracer(PreStateFrame::Diff(DiffMode { post, pre })) => {
                let shown = |accounts| Accounts { accounts, hides_code };
                DiffJson { post: shown(post), pre: shown(pre) }.serialize(serializer)
            }
            trace => trace.serialize(serializer),
        }
    }
}

/// What a transaction changed.
#[derive(Serialize)]
struct DiffJson<'a> {
    post: Accounts<'a>,
    pre: Accounts<'a>,
}

struct Accounts<'a> {
    accounts: &'a BTreeMap<Address, AccountState>,
    hides_code: bool,
}

impl Serialize for Accounts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let accounts = self.accounts.iter();
        let shown = |account| AccountJson::new(account, self.hides_code);
        serializer.collect_map(accounts.map(|(address, account)| (address, shown(account))))
    }
}

/// An account of `prestateTracer`, its members in geth's order.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AccountJson<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    balance: Option<U256>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a Bytes>,
    /// There where the code is, hidden or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    code_hash: Option<B256>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<u64>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    storage: &'a BTreeMap<B256, B256>,
}

impl<'a> AccountJson<'a> {
    fn new(account: &'a AccountState, hides_code: bool) -> Self {
        let AccountState { balance, code, nonce, storage } = account;
        Self {
            balance: *balance,
            code: code.as_ref().filter(|_| !hides_code),
            code_hash: code.as_ref().map(keccak256),
            nonce: *nonce,
            storage,
        }
    }
}

/// A call of `flatCallTracer`, its members in geth's order.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct FlatCallJson<'a> {
    action: ActionJson<'a>,
    block_hash: Option<B256>,
    /// Zero of a call that is in no block.
    block_number: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    /// None of a contract's end, nor of what failed otherwise than by a revert.
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<ResultJson<'a>>,
    subtraces: usize,
    trace_address: &'a [usize],
    transaction_hash: Option<B256>,
    transaction_position: u64,
    #[serde(rename = "type")]
    kind: ActionType,
}

impl<'a> From<&'a LocalizedTransactionTrace> for FlatCallJson<'a> {
    fn from(call: &'a LocalizedTransactionTrace) -> Self {
        let LocalizedTransactionTrace { trace, block_hash, block_number, transaction_hash, .. } =
            call;
        let is_creation = trace.action.is_create();
        Self {
            action: ActionJson::from(&trace.action),
            block_hash: *block_hash,
            block_number: block_hash.and(*block_number).unwrap_or_default(),
            error: trace.error.as_deref(),
            result: trace.result.as_ref().map(|output| ResultJson::new(output, is_creation)),
            subtraces: trace.subtraces,
            trace_address: &trace.trace_address,
            transaction_hash: *transaction_hash,
            transaction_position: call.transaction_position.unwrap_or_default(),
            kind: trace.action.kind(),
        }
    }
}

/// What was to be done, in the members that this kind of it has.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct ActionJson<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<Address>,
    #[serde(skip_serializing_if = "Option::is_none")]
    balance: Option<U256>,
    #[serde(skip_serializing_if = "Option::is_none")]
    call_type: Option<CallType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    creation_method: Option<CreationMethod>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<Address>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gas: Option<U64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    init: Option<&'a Bytes>,
    #[serde(skip_serializing_if = "Option::is_none")]
    input: Option<&'a Bytes>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refund_address: Option<Address>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<Address>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<U256>,
}

impl<'a> From<&'a Action> for ActionJson<'a> {
    fn from(action: &'a Action) -> Self {
        match action {
            Action::Call(call) => Self {
                call_type: Some(call.call_type),
                from: Some(call.from),
                gas: Some(U64::from(call.gas)),
                input: Some(&call.input),
                to: Some(call.to),
                value: Some(call.value),
                ..Self::default()
            },
            Action::Create(creation) => Self {
                creation_method: Some(creation.creation_method),
                from: Some(creation.from),
                gas: Some(U64::from(creation.gas)),
                init: Some(&creation.init),
                value: Some(creation.value),
                ..Self::default()
            },
            Action::Selfdestruct(end) => Self {
                address: Some(end.address),
                balance: Some(end.balance),
                refund_address: Some(end.refund_address),
                ..Self::default()
            },
            // No tracer makes any.
            Action::Reward(_) => Self::default(),
        }
    }
}

/// What came of it.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct ResultJson<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<Address>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a Bytes>,
    gas_used: U64,
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<&'a Bytes>,
}

impl<'a> ResultJson<'a> {
    /// What a creation gave is code, also where it reverted and there is no contract.
    fn new(output: &'a TraceOutput, is_creation: bool) -> Self {
        let gas_used = U64::from(output.gas_used());
        let bytes = Some(output.output());
        if is_creation {
            let address = output.created_contract();
            return Self { address, code: bytes, gas_used, output: None };
        }
        Self { gas_used, output: bytes, ..Self::default() }
    }
}

#[cfg(test)]
mod tests;
