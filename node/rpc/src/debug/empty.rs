//! Accounts that were empty before a transaction, which `prestateTracer` shows if it is asked to.
//! The library leaves them out always.

use std::collections::BTreeMap;

use alloy_primitives::{B256, U256};
use alloy_rpc_types_trace::geth::{
    AccountState, GethTrace, PreStateFrame, PreStateMode, mux::MuxFrame,
};
use revm::state::{Account, EvmState};
use serde_json::Value;

use crate::{error::ApiError, methods::Answer};

/// How they are to be shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct EmptyAccounts {
    has_storage: bool,
}

impl EmptyAccounts {
    /// As the tracer's configuration asks for them.
    pub(super) fn asked(config: &Value) -> Answer<Option<Self>> {
        let is_set = |name| config.get(name) == Some(&Value::Bool(true));
        if !is_set("includeEmpty") {
            return Ok(None);
        }
        if is_set("diffMode") {
            let reason = "cannot use diffMode with includeEmpty".to_owned();
            return Err(ApiError::Tracer { reason });
        }
        Ok(Some(Self { has_storage: !is_set("disableStorage") }))
    }

    /// Puts those that a transaction touched beside the others.
    pub(super) fn add(self, trace: &mut GethTrace, touched: &EvmState) {
        match trace {
            GethTrace::MuxTracer(MuxFrame(traces)) => {
                traces.values_mut().for_each(|trace| self.add(trace, touched));
            }
            GethTrace::PreStateTracer(PreStateFrame::Default(PreStateMode(accounts))) => {
                for (address, account) in touched {
                    accounts.entry(*address).or_insert_with(|| self.before(account));
                }
            }
            _ => {}
        }
    }

    fn before(self, account: &Account) -> AccountState {
        let slots = account.storage.iter().filter(|_| self.has_storage);
        let storage: BTreeMap<B256, B256> =
            slots.map(|(slot, value)| ((*slot).into(), value.original_value.into())).collect();
        AccountState { balance: Some(U256::ZERO), storage, ..AccountState::default() }
    }
}
