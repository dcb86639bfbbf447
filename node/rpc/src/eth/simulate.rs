//! `eth_simulateV1`: blocks that might follow a given one, with the calls and overrides that the
//! caller names.
//!
//! Where the specification leaves room, this is geth's way. Its own are the time between blocks,
//! which is the chain's, and the state root, which is zero as that of an open block: no tree is
//! made for what never happens.

mod error;
mod payload;
mod plan;
mod transfers;

use std::{cmp::Ordering, sync::Arc};

use alloy_primitives::{B256, Bytes, Signature, U64, U256};
use alloy_rpc_types_eth::{self as rpc, TransactionRequest, state::StateOverride};
use minster_evm::{
    BlockContext, CallChecks, EvmEnvironment, Execution, ExecutionError, InvalidTransaction,
    Outcome,
};
use minster_os::{ExecutionEnvironment, block_context, seal};
use minster_primitives::{Header, Receipt, Transaction, Typed2718, transactions_root};
use minster_sequencer::{Block, Item, StateError};
use serde::Serialize;

pub(crate) use self::error::SimulateError;
use self::{
    payload::Payload,
    plan::{PlannedBlock, Times, plan},
    transfers::{Numbered, Transfers},
};
use super::{
    call::{CallWording, call_request, unchecked_nonce},
    overrides::{OverriddenState, OverrideLimit, override_block},
    unsigned::Unsigned,
};
use crate::{
    api::Api,
    arguments::Arguments,
    block_parameter::BlockParameter,
    debug::watch::{Budget, Recording, Watch},
    error::{ApiError, EXECUTION_REVERTED, Frame},
    gate::Deadline,
    halt::{self, Faults},
    json::{self, LogJson, Place, TransactionJson},
    methods::Answer,
};

/// Code of a call that failed otherwise than by a revert.
const VM_ERROR: i32 = -32_015;

/// Said of a call that failed with less gas than it asked for.
const CAPPED: &str = " (gas limit was capped by the RPC server's global gas cap)";

/// A simulated block.
#[derive(Debug, Serialize)]
pub(crate) struct SimulatedBlockJson {
    #[serde(flatten)]
    block: rpc::Block<TransactionJson>,
    calls: Vec<CallResultJson>,
}

/// What a call in it did.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct CallResultJson {
    status: U64,
    return_data: Bytes,
    gas_used: U64,
    /// Before refunds.
    max_used_gas: U64,
    logs: Vec<LogJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<CallErrorJson>,
}

#[derive(Debug, Serialize)]
struct CallErrorJson {
    code: i32,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Bytes>,
}

/// Arguments `[payload, block]`.
pub(crate) fn simulate(api: &Api, arguments: &Arguments<'_>) -> Answer<Vec<SimulatedBlockJson>> {
    let payload: Payload = arguments.required(0)?;
    let parameter: BlockParameter = arguments.or_default(1)?;
    payload.check()?;
    let (state, parent, soonest) = base(api, parameter)?;
    let block_seconds = (api.chain().config().block_time_ms / 1_000).max(1);
    let blocks = plan(payload.blocks, &parent.header, Times { block_seconds, soonest })?;
    let deadline = Deadline::new(&api.config);
    let mut simulation = Simulation {
        api,
        environment: EvmEnvironment::new(OverriddenState::new(state)),
        parent: parent.header.clone(),
        parent_hash: parent.hash,
        is_validating: payload.is_validating,
        is_full: payload.is_full,
        traces_transfers: payload.traces_transfers,
        gas_left: api.config.call_gas_max,
        overrides: api.override_limit(),
        budget: Budget::new(&api.config, deadline),
        deadline,
    };
    blocks.into_iter().map(|block| simulation.block(block)).collect()
}

/// A simulation that takes too long has a code of its own.
pub(crate) fn timed_out(error: ApiError) -> ApiError {
    match error {
        ApiError::Timeout { timeout_ms } => SimulateError::Timeout { timeout_ms }.into(),
        other => other,
    }
}

/// The state to begin with, the block that the first simulated one follows, and when that can be
/// at the soonest. At `latest` and `pending` they follow the last sealed block, at the time of the
/// block that comes, and the open one's slices count as state.
fn base(
    api: &Api,
    parameter: BlockParameter,
) -> Answer<(minster_sequencer::StateView, Arc<Block>, u64)> {
    if matches!(parameter, BlockParameter::Latest | BlockParameter::Pending) {
        let latest = api.chain().latest();
        let soonest = api.chain().next_context(api.sequencer.now()).timestamp;
        return Ok((api.chain().state()?, latest, soonest));
    }
    let block = api.state_block(parameter)?;
    Ok((api.state_after(&block)?.0, block, 0))
}

/// A simulation between two blocks.
struct Simulation<'a> {
    api: &'a Api,
    environment: EvmEnvironment<OverriddenState>,
    parent: Header,
    parent_hash: B256,
    is_validating: bool,
    is_full: bool,
    traces_transfers: bool,
    /// Gas that the whole request may still use.
    gas_left: u64,
    /// What all its blocks may still override.
    overrides: OverrideLimit,
    budget: Budget,
    deadline: Deadline,
}

/// How a call ran.
#[derive(Debug)]
struct Ran {
    /// Gas that it used before refunds.
    gas_max: u64,
    /// Whether it had less gas than it asked for, because that was all that the request had left.
    is_capped: bool,
    /// Why it failed, in geth's words.
    failure: Option<String>,
}

/// A block in the making.
#[derive(Default)]
struct Made {
    items: Vec<Arc<Item>>,
    results: Vec<(Execution, Ran)>,
    /// Logs that the caller sees, transfers among them.
    logs: Vec<Vec<Numbered>>,
    /// The number of the next of these.
    log_next: u64,
    gas_used: u64,
    log_count: u64,
}

impl Simulation<'_> {
    fn block(&mut self, planned: PlannedBlock) -> Answer<SimulatedBlockJson> {
        self.check_time()?;
        let context = self.open(&planned);
        // What a block's overrides moved is back in the next one, as in geth.
        self.environment.oracle_mut().put_precompiles_back();
        if let Some(overrides) = planned.state_overrides {
            self.lay(overrides)?;
        }
        self.environment.begin_block(&context).map_err(oracle_error)?;
        let mut made = Made::default();
        for call in planned.calls {
            self.check_time()?;
            self.call(call, &context, &mut made)?;
        }
        Ok(self.seal(&context, made))
    }

    fn check_time(&self) -> Answer<()> {
        self.deadline.check().map_err(timed_out)
    }

    /// The context of the next block, with its overrides. The recipient of tips and the gas limit
    /// stay what the block before had.
    fn open(&mut self, planned: &PlannedBlock) -> BlockContext {
        let config = self.api.chain().config();
        let (parent, timestamp) = (&self.parent, planned.timestamp);
        let origin = Default::default();
        let mut context = block_context(config, parent, self.parent_hash, timestamp, origin);
        (context.coinbase, context.gas_limit) = (parent.beneficiary, parent.gas_limit);
        if !self.is_validating {
            context.base_fee = 0;
        }
        let hashes = override_block(planned.block_overrides.clone(), &mut context);
        self.environment.oracle_mut().lay_block_hashes(hashes);
        context
    }

    fn lay(&mut self, overrides: StateOverride) -> Answer<()> {
        // What ran so far is in the machine, which the overrides lie above.
        let diff = self.environment.take_diff();
        let state = self.environment.oracle_mut();
        state.apply(diff);
        state.lay(overrides, &mut self.overrides)
    }

    fn call(
        &mut self,
        mut request: TransactionRequest,
        context: &BlockContext,
        made: &mut Made,
    ) -> Answer<()> {
        let block_left = context.gas_limit.saturating_sub(made.gas_used);
        let required = request.gas.unwrap_or(block_left);
        if required > block_left {
            return Err(SimulateError::BlockGasLimit { remaining: block_left, required }.into());
        }
        request.gas = Some(required);
        let (nonce, is_priced) = (request.nonce, request.gas_price.is_some());
        let described = call_request(request, context.chain_id, self.gas_left)?;
        let request = &described.request;
        let account = self.environment.account(request.from)?.unwrap_or_default();
        let nonce = nonce.unwrap_or(account.nonce);
        let unsigned = Unsigned::new(request.clone(), nonce, context.chain_id, is_priced)?;
        let envelope = unsigned.into_envelope(Signature::new(U256::ZERO, U256::ZERO, false));
        let transaction = Transaction::from_trusted_parts(envelope, request.from);
        let is_capped = request.gas_limit < required;
        let frame = Frame::Call { gas: request.gas_limit };
        let wording = CallWording::new(frame, request, context, context.number.saturating_sub(1));
        let refused =
            |reason| ApiError::from(SimulateError::Refused(Box::new(wording.refusal(reason))));
        let (checks, nonce) = if self.is_validating {
            check_nonce(nonce, account.nonce).map_err(refused)?;
            (CallChecks::All, nonce)
        } else {
            (CallChecks::Funds, unchecked_nonce(nonce))
        };
        described.check().map_err(refused)?;
        let mut transfers = Transfers::new(self.traces_transfers, made.log_next);
        let mut faults = Faults::outermost();
        let redirects = self.environment.oracle_mut().redirects();
        let inspector = (&mut transfers, (&mut faults, redirects));
        let watch = Watch::new(inspector, &mut self.budget, Recording::Calls);
        let inspection = self
            .environment
            .inspect_call(described.request, nonce, checks, watch)
            .map_err(|error| match error {
                ExecutionError::Invalid(reason) => {
                    refused(wording.funds_first(reason, account.balance))
                }
                error => oracle_error(error),
            })?;
        self.budget.take_verdict().map_err(timed_out)?;
        let gas_max = inspection.result.result.gas().total_gas_spent();
        let execution = self.environment.keep(inspection);
        self.gas_left = self.gas_left.saturating_sub(execution.gas_used);
        let (logs, log_next) = transfers.into_logs();
        made.logs.push(if execution.is_success() { logs } else { Vec::new() });
        made.log_next = log_next;
        let ran = Ran { gas_max, is_capped, failure: faults.into_words() };
        made.push(transaction, execution, ran);
        Ok(())
    }

    /// Ends the block; the next one follows it.
    fn seal(&mut self, context: &BlockContext, made: Made) -> SimulatedBlockJson {
        let Made { items, results, logs, .. } = made;
        let transactions: Vec<_> = items.iter().map(|item| item.transaction.as_ref()).collect();
        let receipts: Vec<_> = items.iter().map(|item| &item.receipt).collect();
        let root = transactions_root(&transactions);
        let header = seal(context, root, &receipts, B256::ZERO);
        let hash = header.hash_slow();
        self.environment.oracle_mut().lay_block_hashes([(header.number, hash)]);
        (self.parent, self.parent_hash) = (header.clone(), hash);
        let (slice_hashes, state_version) = (Vec::new(), 0);
        let block = Block { header, hash, is_open: false, items, slice_hashes, state_version };
        let place = Place::from(&block);
        let calls = block.items.iter().zip(results).zip(logs).zip(0..);
        let calls = calls.map(|(((item, (execution, ran)), logs), index)| {
            let logs: Vec<_> = logs
                .iter()
                .map(|(number, log)| json::log(log, item, &place, (index, *number)))
                .collect();
            call_result(execution, ran, logs)
        });
        SimulatedBlockJson { calls: calls.collect(), block: json::block(&block, self.is_full) }
    }
}

impl Made {
    fn push(&mut self, transaction: Transaction, execution: Execution, ran: Ran) {
        self.gas_used = self.gas_used.saturating_add(execution.gas_used);
        let receipt = Receipt::new(
            transaction.envelope().ty(),
            execution.is_success(),
            self.gas_used,
            execution.logs.clone(),
            None,
        );
        let first_log_index = self.log_count;
        self.log_count += execution.logs.len() as u64;
        self.items.push(Arc::new(Item {
            transaction: Arc::new(transaction),
            receipt,
            gas_used: execution.gas_used,
            created: execution.created,
            cycles: execution.cycles,
            first_log_index,
        }));
        self.results.push((execution, ran));
    }
}

fn call_result(execution: Execution, ran: Ran, logs: Vec<LogJson>) -> CallResultJson {
    let Execution { outcome, output, gas_used, .. } = execution;
    // What a revert gives is the error's.
    let return_data = if outcome == Outcome::Success { output.clone() } else { Bytes::new() };
    let error = match outcome {
        Outcome::Success => None,
        Outcome::Revert => Some(CallErrorJson {
            code: EXECUTION_REVERTED,
            message: ApiError::Reverted { output: output.clone() }.to_string(),
            data: Some(output),
        }),
        Outcome::Halt { reason } => Some(CallErrorJson {
            code: VM_ERROR,
            message: format!(
                "vm execution error: {}{}",
                ran.failure.unwrap_or_else(|| halt::message(&reason)),
                if ran.is_capped { CAPPED } else { "" }
            ),
            data: None,
        }),
    };
    CallResultJson {
        status: U64::from(error.is_none()),
        return_data,
        gas_used: U64::from(gas_used),
        max_used_gas: U64::from(ran.gas_max.max(gas_used)),
        logs,
        error,
    }
}

/// geth looks at the nonce before it looks at anything else.
fn check_nonce(tx: u64, state: u64) -> Result<(), InvalidTransaction> {
    match tx.cmp(&state) {
        Ordering::Greater => Err(InvalidTransaction::NonceTooHigh { tx, state }),
        Ordering::Less => Err(InvalidTransaction::NonceTooLow { tx, state }),
        Ordering::Equal if tx == u64::MAX => Err(InvalidTransaction::NonceOverflowInTransaction),
        Ordering::Equal => Ok(()),
    }
}

fn oracle_error(error: ExecutionError<StateError>) -> ApiError {
    match error {
        ExecutionError::Oracle(error) => error.into(),
        error => ApiError::Internal { reason: error.to_string() },
    }
}
