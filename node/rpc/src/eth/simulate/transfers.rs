//! The logs that the caller of a simulation sees: with ether's transfers among them where
//! `traceTransfers` asks for them, each a log of ERC-20's `Transfer` at the address that stands for
//! ether (ERC-7528). As in geth, what is undone has had its number in the block.

use alloy_primitives::{Address, B256, Log, LogData, U256};
use revm::{
    Inspector,
    interpreter::{CallInputs, CallOutcome, CreateInputs, CreateOutcome},
};
use revm_inspectors::transfer::{TRANSFER_EVENT_TOPIC, TRANSFER_LOG_EMITTER};

/// A log with its number in the block.
pub(super) type Numbered = (u64, Log);

/// Collects them, and forgets those of frames that fail.
#[derive(Debug)]
pub(super) struct Transfers {
    is_asked: bool,
    /// The number of the next log.
    next: u64,
    kept: Vec<Numbered>,
    frames: Vec<Frame>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Frame {
    /// Where its logs begin.
    begin: usize,
    /// The number of the transfer to what it creates, which has no address yet.
    reserved: Option<u64>,
}

impl Transfers {
    /// That shows transfers or not, where the next log has this number.
    pub(super) const fn new(is_asked: bool, next: u64) -> Self {
        Self { is_asked, next, kept: Vec::new(), frames: Vec::new() }
    }

    /// What is left, and the number of the next log.
    pub(super) fn into_logs(self) -> (Vec<Numbered>, u64) {
        (self.kept, self.next)
    }

    const fn number(&mut self) -> u64 {
        let number = self.next;
        self.next += 1;
        number
    }

    /// The number of a transfer, if it is one that is shown.
    fn number_of(&mut self, value: U256) -> Option<u64> {
        (self.is_asked && !value.is_zero()).then(|| self.number())
    }

    fn transfer(&mut self, number: Option<u64>, from: Address, to: Address, value: U256) {
        let Some(number) = number else { return };
        let topics = vec![TRANSFER_EVENT_TOPIC, from.into_word(), to.into_word()];
        let data = LogData::new_unchecked(topics, B256::from(value).into());
        self.kept.push((number, Log { address: TRANSFER_LOG_EMITTER, data }));
    }

    fn begin(&mut self, reserved: Option<u64>) {
        self.frames.push(Frame { begin: self.kept.len(), reserved });
    }

    fn end(&mut self, is_ok: bool) {
        let frame = self.frames.pop();
        if let (Some(frame), false) = (frame, is_ok) {
            self.kept.truncate(frame.begin);
        }
    }
}

impl<CTX> Inspector<CTX> for Transfers {
    fn log(&mut self, _: &mut CTX, log: Log) {
        let number = self.number();
        self.kept.push((number, log));
    }

    fn call(&mut self, _: &mut CTX, inputs: &mut CallInputs) -> Option<CallOutcome> {
        self.begin(None);
        if let Some(value) = inputs.transfer_value() {
            let number = self.number_of(value);
            self.transfer(number, inputs.transfer_from(), inputs.transfer_to(), value);
        }
        None
    }

    fn call_end(&mut self, _: &mut CTX, _: &CallInputs, outcome: &mut CallOutcome) {
        self.end(outcome.result.is_ok());
    }

    fn create(&mut self, _: &mut CTX, inputs: &mut CreateInputs) -> Option<CreateOutcome> {
        let reserved = self.number_of(inputs.value());
        self.begin(reserved);
        None
    }

    fn create_end(&mut self, _: &mut CTX, inputs: &CreateInputs, outcome: &mut CreateOutcome) {
        // The address is known only now; the transfer comes before what its constructor logged.
        let frame = self.frames.last().copied().unwrap_or_default();
        if let Some(address) = outcome.address {
            let logged = self.kept.split_off(frame.begin);
            self.transfer(frame.reserved, inputs.caller(), address, inputs.value());
            self.kept.extend(logged);
        }
        self.end(outcome.result.is_ok());
    }

    fn selfdestruct(&mut self, contract: Address, target: Address, value: U256) {
        let number = self.number_of(value);
        self.transfer(number, contract, target, value);
    }
}
