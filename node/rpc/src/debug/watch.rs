//! An inspector's limits: how much it may record and how long it may run.

use std::io;

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
use serde::Serialize;

use crate::{RpcConfig, error::ApiError, gate::Deadline};

/// Steps between two looks at the clock.
const STEPS_PER_LOOK: u64 = 1_024;

/// Bytes of a recorded step or call, what is copied into it aside.
const RECORD_BYTES: usize = 400;

/// Bytes of a recorded word: 32 in memory, and some 70 as JSON.
const WORD_BYTES: usize = 100;

/// What a tracer records, which is what it takes memory for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Recording {
    /// Nothing, or selectors, of which gas bounds the number.
    Nothing,
    /// The outermost call alone.
    TopCall,
    /// Calls, without what they are given.
    Frames,
    /// Calls and logs.
    Calls,
    /// Steps, calls and logs.
    Steps(StepRecord),
}

impl Recording {
    /// Frames within each other whose failures the answer tells.
    pub(crate) const fn faults_depth(self) -> usize {
        match self {
            Self::Nothing | Self::Frames => 0,
            Self::TopCall => 1,
            Self::Calls | Self::Steps(_) => usize::MAX,
        }
    }
}

/// What a tracer records of each step.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct StepRecord {
    pub(crate) stack: bool,
    pub(crate) memory: bool,
    pub(crate) storage: bool,
    pub(crate) return_data: bool,
    /// Steps after which it records no more, whatever room their limit in bytes leaves for others;
    /// zero is no end.
    pub(crate) limit: u64,
}

/// What one request may still record and answer, and how long it may take.
#[derive(Debug)]
pub(crate) struct Budget {
    /// Bytes of traces that are done.
    settled: usize,
    /// Bytes that the run in progress has recorded.
    recorded: usize,
    bytes_max: usize,
    steps: u64,
    deadline: Deadline,
    verdict: Result<(), ApiError>,
}

impl Budget {
    pub(crate) fn new(config: &RpcConfig, deadline: Deadline) -> Self {
        let bytes_max = config.trace_bytes_max;
        Self { settled: 0, recorded: 0, bytes_max, steps: 0, deadline, verdict: Ok(()) }
    }

    fn charge(&mut self, bytes: usize) {
        self.recorded = self.recorded.saturating_add(bytes);
        if self.is_live() && self.recorded > self.left() {
            self.verdict = Err(self.too_large());
        }
    }

    /// Bytes for the run in progress.
    const fn left(&self) -> usize {
        self.bytes_max.saturating_sub(self.settled)
    }

    const fn too_large(&self) -> ApiError {
        ApiError::TraceTooLarge { maximum: self.bytes_max }
    }

    /// Ends a run with its trace, which takes what was recorded or the length of its JSON,
    /// whichever is more.
    pub(crate) fn settle(&mut self, trace: &impl Serialize) -> Result<(), ApiError> {
        let mut length = Length { bytes: 0, bytes_max: self.left() };
        match serde_json::to_writer(&mut length, trace) {
            Ok(()) => {}
            Err(error) if error.is_io() => return Err(self.too_large()),
            Err(error) => return Err(error.into()),
        }
        self.settled = self.settled.saturating_add(self.recorded.max(length.bytes));
        self.recorded = 0;
        Ok(())
    }

    fn count_step(&mut self) {
        self.steps += 1;
        if self.steps.is_multiple_of(STEPS_PER_LOOK) {
            self.look();
        }
    }

    /// Looks at the clock.
    fn look(&mut self) {
        if self.is_live()
            && let Err(timeout) = self.deadline.check()
        {
            self.verdict = Err(timeout);
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

/// Counts what is written, up to a limit.
struct Length {
    bytes: usize,
    bytes_max: usize,
}

impl io::Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes = self.bytes.saturating_add(bytes.len());
        if self.bytes > self.bytes_max {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An inspector within a budget. Past it, every frame halts at its next step, the inspector hears
/// no more, and whatever came of the run is to be thrown away.
#[derive(Debug)]
pub(crate) struct Watch<'a, I> {
    inner: I,
    budget: &'a mut Budget,
    recording: Recording,
    /// Frames that are open.
    depth: usize,
    steps: u64,
    /// The slots of each account that a step has named.
    slots: AddressHashMap<HashSet<U256>>,
}

impl<'a, I> Watch<'a, I> {
    pub(crate) fn new(inner: I, budget: &'a mut Budget, recording: Recording) -> Self {
        Self { inner, budget, recording, depth: 0, steps: 0, slots: AddressHashMap::default() }
    }

    /// Whether the inspector hears of what happens in a frame with so many frames around it.
    fn hears(&self, depth: usize) -> bool {
        self.budget.is_live() && (depth == 0 || self.recording != Recording::TopCall)
    }

    /// The same for the frame in progress.
    fn hears_now(&self) -> bool {
        self.hears(self.depth.saturating_sub(1))
    }

    fn count_step(&mut self, interpreter: &Interpreter) {
        self.steps += 1;
        self.budget.count_step();
        let Recording::Steps(record) = self.recording else { return };
        if record.limit == 0 || self.steps <= record.limit {
            let bytes = self.step_bytes(record, interpreter);
            self.budget.charge(bytes);
        }
    }

    /// Opens a frame that is given so many bytes; tells whether the inspector hears of it.
    fn open_frame(&mut self, input_bytes: usize) -> bool {
        self.budget.look();
        let outer = self.depth;
        self.depth += 1;
        self.budget.charge(match self.recording {
            Recording::Nothing => 0,
            Recording::TopCall if outer > 0 => 0,
            Recording::Frames => RECORD_BYTES,
            Recording::TopCall | Recording::Calls | Recording::Steps(_) => {
                RECORD_BYTES + input_bytes * 3
            }
        });
        self.hears(outer)
    }

    /// Closes a frame that gives so many bytes; tells whether the inspector hears of it.
    fn close_frame(&mut self, output_bytes: usize) -> bool {
        self.depth = self.depth.saturating_sub(1);
        self.budget.charge(match self.recording {
            Recording::Nothing => 0,
            Recording::TopCall if self.depth > 0 => 0,
            _ => output_bytes * 3,
        });
        self.hears(self.depth)
    }

    fn charge_log(&mut self, log: &Log) -> bool {
        if matches!(self.recording, Recording::Calls | Recording::Steps(_)) {
            self.budget.charge(RECORD_BYTES + log.data.data.len() * 3);
        }
        self.hears_now()
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
        if self.hears_now() {
            self.inner.initialize_interp(interpreter, context);
        }
    }

    fn step(&mut self, interpreter: &mut Interpreter, context: &mut CTX) {
        self.count_step(interpreter);
        if !self.budget.is_live() {
            interpreter.halt(InstructionResult::OutOfGas);
        } else if self.hears_now() {
            self.inner.step(interpreter, context);
        }
    }

    fn step_end(&mut self, interpreter: &mut Interpreter, context: &mut CTX) {
        if self.hears_now() {
            self.inner.step_end(interpreter, context);
        }
    }

    fn log(&mut self, context: &mut CTX, log: Log) {
        if self.charge_log(&log) {
            self.inner.log(context, log);
        }
    }

    fn log_full(&mut self, interpreter: &mut Interpreter, context: &mut CTX, log: Log) {
        if self.charge_log(&log) {
            self.inner.log_full(interpreter, context, log);
        }
    }

    fn frame_start(&mut self, context: &mut CTX, input: &mut FrameInput) -> Option<FrameResult> {
        // The frame is opened after this, and closed before its end is told.
        if self.hears(self.depth) { self.inner.frame_start(context, input) } else { None }
    }

    fn frame_end(&mut self, context: &mut CTX, input: &FrameInput, result: &mut FrameResult) {
        if self.hears(self.depth) {
            self.inner.frame_end(context, input, result);
        }
    }

    fn call(&mut self, context: &mut CTX, inputs: &mut CallInputs) -> Option<CallOutcome> {
        if self.open_frame(inputs.input.len()) { self.inner.call(context, inputs) } else { None }
    }

    fn call_end(&mut self, context: &mut CTX, inputs: &CallInputs, outcome: &mut CallOutcome) {
        if self.close_frame(outcome.result.output.len()) {
            self.inner.call_end(context, inputs, outcome);
        }
    }

    fn create(&mut self, context: &mut CTX, inputs: &mut CreateInputs) -> Option<CreateOutcome> {
        let is_heard = self.open_frame(inputs.init_code().len());
        if is_heard { self.inner.create(context, inputs) } else { None }
    }

    fn create_end(
        &mut self,
        context: &mut CTX,
        inputs: &CreateInputs,
        outcome: &mut CreateOutcome,
    ) {
        if self.close_frame(outcome.result.output.len()) {
            self.inner.create_end(context, inputs, outcome);
        }
    }

    fn selfdestruct(&mut self, contract: Address, target: Address, value: U256) {
        if self.hears_now() {
            self.inner.selfdestruct(contract, target, value);
        }
    }
}
