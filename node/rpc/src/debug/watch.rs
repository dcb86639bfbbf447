//! An inspector's limits: how much it may record and how long it may run.

use alloy_primitives::{
    Address, Log, U256,
    map::{AddressHashMap, HashSet},
};
use revm::{
    Inspector,
    bytecode::opcode,
    context::ContextTr,
    handler::FrameResult,
    interpreter::{
        CallInputs, CallOutcome, CreateInputs, CreateOutcome, FrameInput, InstructionResult,
        Interpreter,
        interpreter_types::{InputsTr, Jumps, MemoryTr, ReturnData},
    },
};

use crate::{RpcConfig, error::ApiError, gate::Deadline};

/// Steps between two looks at the clock.
const STEPS_PER_LOOK: u64 = 1_024;

/// Bytes of a recorded step or call, what is copied into it aside.
const RECORD_BYTES: usize = 400;

/// Bytes of a recorded word: 32 in memory, and some 70 as JSON.
const WORD_BYTES: usize = 100;

/// What a tracer records of each step.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct StepRecord {
    pub(crate) stack: bool,
    pub(crate) memory: bool,
    pub(crate) storage: bool,
    pub(crate) return_data: bool,
    /// Steps after which it records no more; zero is no end.
    pub(crate) limit: u64,
}

/// What one request may still record.
#[derive(Debug)]
pub(crate) struct Budget {
    bytes_left: usize,
    bytes_max: usize,
    deadline: Deadline,
    verdict: Result<(), ApiError>,
}

impl Budget {
    pub(crate) fn new(config: &RpcConfig, deadline: Deadline) -> Self {
        let bytes_max = config.trace_bytes_max;
        Self { bytes_left: bytes_max, bytes_max, deadline, verdict: Ok(()) }
    }

    fn charge(&mut self, bytes: usize) {
        match self.bytes_left.checked_sub(bytes) {
            Some(left) => self.bytes_left = left,
            None if self.is_live() => {
                self.verdict = Err(ApiError::TraceTooLarge { maximum: self.bytes_max });
            }
            None => {}
        }
    }

    const fn is_live(&self) -> bool {
        self.verdict.is_ok()
    }

    /// Whether all runs so far stayed within the limits.
    pub(crate) fn take_verdict(&mut self) -> Result<(), ApiError> {
        std::mem::replace(&mut self.verdict, Ok(()))
    }
}

/// An inspector within a budget. Past it, every frame halts at its next step, the inspector hears
/// no more, and whatever came of the run is to be thrown away.
#[derive(Debug)]
pub(crate) struct Watch<'a, I> {
    inner: I,
    budget: &'a mut Budget,
    record: Option<StepRecord>,
    steps: u64,
    /// The slots of each account that a step has named.
    slots: AddressHashMap<HashSet<U256>>,
}

impl<'a, I> Watch<'a, I> {
    pub(crate) fn new(inner: I, budget: &'a mut Budget, record: Option<StepRecord>) -> Self {
        Self { inner, budget, record, steps: 0, slots: AddressHashMap::default() }
    }

    fn count_step(&mut self, interpreter: &Interpreter) {
        self.steps += 1;
        if self.steps.is_multiple_of(STEPS_PER_LOOK)
            && self.budget.is_live()
            && let Err(timeout) = self.budget.deadline.check()
        {
            self.budget.verdict = Err(timeout);
        }
        let Some(record) = self.record else { return };
        if record.limit == 0 || self.steps <= record.limit {
            let bytes = self.step_bytes(record, interpreter);
            self.budget.charge(bytes);
        }
    }

    fn step_bytes(&mut self, record: StepRecord, interpreter: &Interpreter) -> usize {
        let mut bytes = RECORD_BYTES;
        if record.stack {
            bytes += interpreter.stack.len() * WORD_BYTES;
        }
        if record.memory {
            bytes += interpreter.memory.size().div_ceil(32) * WORD_BYTES;
        }
        if record.return_data {
            bytes += interpreter.return_data.buffer().len() * 3;
        }
        let opcode = interpreter.bytecode.opcode();
        if record.storage && matches!(opcode, opcode::SLOAD | opcode::SSTORE) {
            // Each such step shows all slots of the contract that were named so far.
            let slots = self.slots.entry(interpreter.input.target_address()).or_default();
            slots.extend(interpreter.stack.peek(0));
            bytes += slots.len() * 2 * WORD_BYTES;
        }
        bytes
    }
}

impl<CTX: ContextTr, I: Inspector<CTX>> Inspector<CTX> for Watch<'_, I> {
    fn initialize_interp(&mut self, interpreter: &mut Interpreter, context: &mut CTX) {
        if self.budget.is_live() {
            self.inner.initialize_interp(interpreter, context);
        }
    }

    fn step(&mut self, interpreter: &mut Interpreter, context: &mut CTX) {
        self.count_step(interpreter);
        if self.budget.is_live() {
            self.inner.step(interpreter, context);
        } else {
            interpreter.halt(InstructionResult::OutOfGas);
        }
    }

    fn step_end(&mut self, interpreter: &mut Interpreter, context: &mut CTX) {
        if self.budget.is_live() {
            self.inner.step_end(interpreter, context);
        }
    }

    fn log(&mut self, context: &mut CTX, log: Log) {
        self.budget.charge(RECORD_BYTES + log.data.data.len() * 3);
        if self.budget.is_live() {
            self.inner.log(context, log);
        }
    }

    fn log_full(&mut self, interpreter: &mut Interpreter, context: &mut CTX, log: Log) {
        self.budget.charge(RECORD_BYTES + log.data.data.len() * 3);
        if self.budget.is_live() {
            self.inner.log_full(interpreter, context, log);
        }
    }

    fn frame_start(&mut self, context: &mut CTX, input: &mut FrameInput) -> Option<FrameResult> {
        if self.budget.is_live() { self.inner.frame_start(context, input) } else { None }
    }

    fn frame_end(&mut self, context: &mut CTX, input: &FrameInput, result: &mut FrameResult) {
        if self.budget.is_live() {
            self.inner.frame_end(context, input, result);
        }
    }

    fn call(&mut self, context: &mut CTX, inputs: &mut CallInputs) -> Option<CallOutcome> {
        self.budget.charge(RECORD_BYTES + inputs.input.len() * 3);
        if self.budget.is_live() { self.inner.call(context, inputs) } else { None }
    }

    fn call_end(&mut self, context: &mut CTX, inputs: &CallInputs, outcome: &mut CallOutcome) {
        self.budget.charge(outcome.result.output.len() * 3);
        if self.budget.is_live() {
            self.inner.call_end(context, inputs, outcome);
        }
    }

    fn create(&mut self, context: &mut CTX, inputs: &mut CreateInputs) -> Option<CreateOutcome> {
        self.budget.charge(RECORD_BYTES + inputs.init_code().len() * 3);
        if self.budget.is_live() { self.inner.create(context, inputs) } else { None }
    }

    fn create_end(
        &mut self,
        context: &mut CTX,
        inputs: &CreateInputs,
        outcome: &mut CreateOutcome,
    ) {
        self.budget.charge(outcome.result.output.len() * 3);
        if self.budget.is_live() {
            self.inner.create_end(context, inputs, outcome);
        }
    }

    fn selfdestruct(&mut self, contract: Address, target: Address, value: U256) {
        if self.budget.is_live() {
            self.inner.selfdestruct(contract, target, value);
        }
    }
}
