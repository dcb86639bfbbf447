//! geth's words for the ways in which the machine stops, and what they have to name.

use revm::{
    Inspector,
    bytecode::OpCode,
    interpreter::{
        CallInputs, CallOutcome, CreateInputs, CreateOutcome, Interpreter, interpreter_types::Jumps,
    },
};

/// Words that a stack holds (Yellow Paper, 9.1).
const STACK_MAX: u64 = 1_024;

/// The instruction at which the outermost frame stopped, and the words on its stack before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LastStep {
    pub(crate) opcode: u8,
    pub(crate) stack: usize,
}

/// Looks for it.
#[derive(Debug, Default)]
pub(crate) struct LastStepInspector {
    depth: usize,
    pub(crate) last: Option<LastStep>,
}

impl<Context> Inspector<Context> for LastStepInspector {
    fn step(&mut self, interpreter: &mut Interpreter, _: &mut Context) {
        if self.depth == 1 {
            let (opcode, stack) = (interpreter.bytecode.opcode(), interpreter.stack.len());
            self.last = Some(LastStep { opcode, stack });
        }
    }

    fn call(&mut self, _: &mut Context, _: &mut CallInputs) -> Option<CallOutcome> {
        self.depth += 1;
        None
    }

    fn call_end(&mut self, _: &mut Context, _: &CallInputs, _: &mut CallOutcome) {
        self.depth = self.depth.saturating_sub(1);
    }

    fn create(&mut self, _: &mut Context, _: &mut CreateInputs) -> Option<CreateOutcome> {
        self.depth += 1;
        None
    }

    fn create_end(&mut self, _: &mut Context, _: &CreateInputs, _: &mut CreateOutcome) {
        self.depth = self.depth.saturating_sub(1);
    }
}

/// The machine's own name of a halt, without what follows it.
fn name(reason: &str) -> &str {
    reason.split(['(', ' ']).next().unwrap_or(reason)
}

/// Whether geth names the instruction or the stack.
pub(crate) fn names_step(reason: &str) -> bool {
    matches!(name(reason), "OpcodeNotFound" | "StackUnderflow" | "StackOverflow")
}

/// geth's words for a halt; the reason is the machine's own name.
pub(crate) fn message(reason: &str, last: Option<LastStep>) -> String {
    if let Some(words) = last.and_then(|last| step_message(reason, last)) {
        return words;
    }
    let words = match name(reason) {
        "OutOfGas" => "out of gas",
        "OpcodeNotFound" => "invalid opcode",
        "InvalidFEOpcode" => "invalid opcode: INVALID",
        "InvalidJump" => "invalid jump destination",
        "StackUnderflow" => "stack underflow",
        "StackOverflow" => "stack limit reached 1024 (1023)",
        "OutOfOffset" => "return data out of bounds",
        "CreateCollision" => "contract address collision",
        "NonceOverflow" => "nonce uint64 overflow",
        "CreateContractSizeLimit" => "max code size exceeded",
        "CreateContractStartingWithEF" => "invalid code: must not begin with 0xef",
        "CreateInitCodeSizeLimit" => "max initcode size exceeded",
        "StateChangeDuringStaticCall" | "CallNotAllowedInsideStatic" => "write protection",
        "OutOfFunds" => "insufficient balance for transfer",
        "CallTooDeep" => "max call depth exceeded",
        _ => return format!("execution halted: {reason}"),
    };
    words.to_owned()
}

fn step_message(reason: &str, LastStep { opcode, stack }: LastStep) -> Option<String> {
    if name(reason) == "OpcodeNotFound" {
        return Some(format!("invalid opcode: opcode {opcode:#x} not defined"));
    }
    let info = OpCode::new(opcode)?.info();
    let (takes, leaves) = (u64::from(info.inputs()), u64::from(info.outputs()));
    match name(reason) {
        "StackUnderflow" => Some(format!("stack underflow ({stack} <=> {takes})")),
        "StackOverflow" => {
            let limit = STACK_MAX.saturating_add(takes).saturating_sub(leaves);
            Some(format!("stack limit reached {stack} ({limit})"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
