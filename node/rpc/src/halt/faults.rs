//! Where and why frames fail.

use alloy_primitives::U256;
use revm::{
    Inspector,
    bytecode::{OpCode, opcode},
    context::ContextTr,
    interpreter::{
        CallInputs, CallOutcome, CreateInputs, CreateOutcome, InstructionResult, Interpreter,
        interpreter_types::{Jumps, LoopControl},
    },
    primitives::{eip170::MAX_CODE_SIZE, eip3860::MAX_INITCODE_SIZE},
};

use super::{
    GAS_OVERFLOW, OUT_OF_GAS,
    memory::{Reach, reach},
    message,
};

/// Words that a stack holds (Yellow Paper, 9.1).
const STACK_MAX: u64 = 1_024;

/// A frame that failed, in geth's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// How many frames opened before it.
    pub(crate) frame: usize,
    /// The instruction that it failed at; others fail as they open or close.
    pub(crate) instruction: Option<Instruction>,
    pub(crate) words: String,
}

/// An instruction that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Instruction {
    pub(crate) opcode: u8,
    /// Whether it had not begun: the stack was not right, or its price could not be paid.
    pub(crate) is_refused: bool,
}

/// What there was before an instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Step {
    opcode: u8,
    /// Words on the stack.
    stack: usize,
    reach: Reach,
    /// The third word from the top: the size of what is created, where something is.
    third: U256,
}

impl Step {
    fn before(interpreter: &Interpreter) -> Self {
        let opcode = interpreter.bytecode.opcode();
        let operand = |place| interpreter.stack.peek(place).ok();
        let third = operand(2).unwrap_or_default();
        let (stack, reach) = (interpreter.stack.len(), reach(opcode, operand));
        Self { opcode, stack, reach, third }
    }
}

/// A frame that is open.
#[derive(Debug, Clone, Copy)]
struct Frame {
    number: usize,
    is_creation: bool,
    step: Option<Step>,
    /// Whether the last step is what it fails at.
    is_stopped: bool,
}

/// Looks for faults, down to a depth.
#[derive(Debug)]
pub(crate) struct Faults {
    /// Frames within each other of which it tells.
    depth_max: usize,
    open: Vec<Frame>,
    frames: usize,
    found: Vec<Fault>,
}

impl Faults {
    /// That tells of so many frames within each other.
    pub(crate) const fn new(depth_max: usize) -> Self {
        Self { depth_max, open: Vec::new(), frames: 0, found: Vec::new() }
    }

    /// That tells of the outermost frame alone.
    pub(crate) const fn outermost() -> Self {
        Self::new(1)
    }

    /// What failed, as it closed.
    pub(crate) fn into_found(self) -> Vec<Fault> {
        self.found
    }

    /// Why the outermost frame failed.
    pub(crate) fn into_words(self) -> Option<String> {
        self.found.into_iter().find(|fault| fault.frame == 0).map(|fault| fault.words)
    }

    const fn is_told(&self) -> bool {
        self.open.len() <= self.depth_max
    }

    fn open(&mut self, is_creation: bool) {
        let number = self.frames;
        self.open.push(Frame { number, is_creation, step: None, is_stopped: false });
        self.frames += 1;
    }

    fn close(&mut self, result: InstructionResult, output_size: usize) {
        let is_told = self.is_told();
        let Some(frame) = self.open.pop() else { return };
        if result.is_ok() || !is_told {
            return;
        }
        let step = frame.step.filter(|_| frame.is_stopped);
        let words = match step {
            Some(step) => step_words(result, step),
            None => frame_words(result, frame.is_creation, output_size),
        };
        let instruction = step.map(|Step { opcode, .. }| {
            let is_refused = is_refused(result, opcode);
            Instruction { opcode, is_refused }
        });
        self.found.push(Fault { frame: frame.number, instruction, words });
    }
}

impl<Context: ContextTr> Inspector<Context> for Faults {
    fn step(&mut self, interpreter: &mut Interpreter, _: &mut Context) {
        if self.is_told()
            && let Some(frame) = self.open.last_mut()
        {
            frame.step = Some(Step::before(interpreter));
        }
    }

    fn step_end(&mut self, interpreter: &mut Interpreter, _: &mut Context) {
        if let Some(frame) = self.open.last_mut() {
            let result = interpreter.bytecode.instruction_result();
            frame.is_stopped = result.is_some_and(InstructionResult::is_halt);
        }
    }

    fn call(&mut self, _: &mut Context, _: &mut CallInputs) -> Option<CallOutcome> {
        self.open(false);
        None
    }

    fn call_end(&mut self, _: &mut Context, _: &CallInputs, outcome: &mut CallOutcome) {
        self.close(outcome.result.result, outcome.result.output.len());
    }

    fn create(&mut self, _: &mut Context, _: &mut CreateInputs) -> Option<CreateOutcome> {
        self.open(true);
        None
    }

    fn create_end(&mut self, _: &mut Context, _: &CreateInputs, outcome: &mut CreateOutcome) {
        self.close(outcome.result.result, outcome.result.output.len());
    }
}

/// Whether geth refuses an instruction for this before it begins.
const fn is_refused(result: InstructionResult, opcode: u8) -> bool {
    use InstructionResult as Halt;
    match result {
        Halt::StackUnderflow | Halt::StackOverflow | Halt::CreateInitCodeSizeLimit => true,
        Halt::StateChangeDuringStaticCall | Halt::CallNotAllowedInsideStatic => {
            !is_free_to_begin(opcode)
        }
        other => is_want_of_gas(other),
    }
}

/// Whether geth looks only within the instruction whether it may change anything, not where it
/// finds its price.
const fn is_free_to_begin(opcode: u8) -> bool {
    matches!(opcode, opcode::LOG0..=opcode::LOG4 | opcode::TSTORE)
}

const fn is_want_of_gas(result: InstructionResult) -> bool {
    use InstructionResult as Halt;
    matches!(
        result,
        Halt::OutOfGas
            | Halt::MemoryOOG
            | Halt::MemoryLimitOOG
            | Halt::InvalidOperandOOG
            | Halt::ReentrancySentryOOG
    )
}

/// geth's words for an instruction that failed.
fn step_words(result: InstructionResult, step: Step) -> String {
    use InstructionResult as Halt;
    let Step { opcode, stack, .. } = step;
    match result {
        Halt::OpcodeNotFound | Halt::NotActivated => {
            format!("invalid opcode: opcode {opcode:#x} not defined")
        }
        Halt::StackUnderflow => format!("stack underflow ({stack} <=> {})", stack_effect(opcode).0),
        Halt::StackOverflow => {
            let (takes, leaves) = stack_effect(opcode);
            let limit = STACK_MAX.saturating_add(takes).saturating_sub(leaves);
            format!("stack limit reached {stack} ({limit})")
        }
        Halt::StateChangeDuringStaticCall | Halt::CallNotAllowedInsideStatic => {
            let words = message(&format!("{result:?}"));
            if is_free_to_begin(opcode) { words } else { format!("{OUT_OF_GAS}: {words}") }
        }
        result if is_want_of_gas(result) || result == Halt::CreateInitCodeSizeLimit => {
            price_words(result, step)
        }
        other => message(&format!("{other:?}")),
    }
}

/// The same for one whose price could not be found or paid.
fn price_words(result: InstructionResult, step: Step) -> String {
    let besides = match (step.reach, result) {
        (Reach::Uncounted, _) => return GAS_OVERFLOW.to_owned(),
        // geth finds this only where it looks for the price.
        (Reach::Unpriced, _) => GAS_OVERFLOW.to_owned(),
        (_, InstructionResult::ReentrancySentryOOG) => {
            "not enough gas for reentrancy sentry".to_owned()
        }
        (_, InstructionResult::CreateInitCodeSizeLimit) => {
            let size = step.third;
            format!("max initcode size exceeded: code size {size} limit {MAX_INITCODE_SIZE}")
        }
        _ => return OUT_OF_GAS.to_owned(),
    };
    format!("{OUT_OF_GAS}: {besides}")
}

/// geth's words for a frame that failed at no instruction.
fn frame_words(result: InstructionResult, is_creation: bool, output_size: usize) -> String {
    let words = message(&format!("{result:?}"));
    match result {
        InstructionResult::OutOfGas if is_creation => {
            format!("contract creation code storage {words}")
        }
        InstructionResult::CreateContractSizeLimit => {
            format!("{words}: code size {output_size} limit {MAX_CODE_SIZE}")
        }
        _ => words,
    }
}

/// How many words an instruction takes from the stack, and leaves there.
fn stack_effect(opcode: u8) -> (u64, u64) {
    OpCode::new(opcode).map_or((0, 0), |opcode| {
        let info = opcode.info();
        (u64::from(info.inputs()), u64::from(info.outputs()))
    })
}

#[cfg(test)]
mod tests;
