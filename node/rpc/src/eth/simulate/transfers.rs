//! Logs with ether's transfers among them, as `traceTransfers` asks: each is a log of ERC-20's
//! `Transfer` at the address that stands for ether (ERC-7528).

use alloy_primitives::{Address, B256, Log, LogData, U256};
use revm::{
    Inspector,
    interpreter::{CallInputs, CallOutcome, CreateInputs, CreateOutcome},
};
use revm_inspectors::transfer::{TRANSFER_EVENT_TOPIC, TRANSFER_LOG_EMITTER};

/// Collects them, and forgets those of frames that fail.
#[derive(Debug, Default)]
pub(super) struct Transfers {
    kept: Vec<Log>,
    /// Where each frame's logs begin.
    frames: Vec<usize>,
}

impl Transfers {
    pub(super) fn into_logs(self) -> Vec<Log> {
        self.kept
    }

    fn transfer(&mut self, from: Address, to: Address, value: U256) {
        if value.is_zero() {
            return;
        }
        let topics = vec![TRANSFER_EVENT_TOPIC, from.into_word(), to.into_word()];
        let data = LogData::new_unchecked(topics, B256::from(value).into());
        self.kept.push(Log { address: TRANSFER_LOG_EMITTER, data });
    }

    fn begin(&mut self) {
        self.frames.push(self.kept.len());
    }

    fn end(&mut self, is_ok: bool) {
        let begin = self.frames.pop();
        if let (Some(begin), false) = (begin, is_ok) {
            self.kept.truncate(begin);
        }
    }
}

impl<CTX> Inspector<CTX> for Transfers {
    fn log(&mut self, _: &mut CTX, log: Log) {
        self.kept.push(log);
    }

    fn call(&mut self, _: &mut CTX, inputs: &mut CallInputs) -> Option<CallOutcome> {
        self.begin();
        if let Some(value) = inputs.transfer_value() {
            self.transfer(inputs.transfer_from(), inputs.transfer_to(), value);
        }
        None
    }

    fn call_end(&mut self, _: &mut CTX, _: &CallInputs, outcome: &mut CallOutcome) {
        self.end(outcome.result.is_ok());
    }

    fn create(&mut self, _: &mut CTX, _: &mut CreateInputs) -> Option<CreateOutcome> {
        self.begin();
        None
    }

    fn create_end(&mut self, _: &mut CTX, inputs: &CreateInputs, outcome: &mut CreateOutcome) {
        // The address is known only now; the transfer comes before what its constructor logged.
        let begin = self.frames.last().copied().unwrap_or_default();
        if let Some(address) = outcome.address {
            let logged = self.kept.split_off(begin);
            self.transfer(inputs.caller(), address, inputs.value());
            self.kept.extend(logged);
        }
        self.end(outcome.result.is_ok());
    }

    fn selfdestruct(&mut self, contract: Address, target: Address, value: U256) {
        self.transfer(contract, target, value);
    }
}
