//! geth's words for the ways in which the machine stops, and what they have to name.

mod faults;
mod memory;

pub(crate) use self::faults::{Fault, Faults, Instruction};

/// geth's words for want of gas; what is wrong besides follows after a colon.
const OUT_OF_GAS: &str = "out of gas";

/// The same for more gas or memory than 64 bits count.
const GAS_OVERFLOW: &str = "gas uint64 overflow";

/// The same for a call that ended itself.
pub(crate) const REVERTED: &str = "execution reverted";

/// The machine's own name of a halt, without what follows it.
fn name(reason: &str) -> &str {
    reason.split(['(', ' ']).next().unwrap_or(reason)
}

/// Whether geth's words depend on the instruction, on what it was given, or on the contract.
pub(crate) fn names_more(reason: &str) -> bool {
    matches!(
        name(reason),
        "OutOfGas"
            | "OpcodeNotFound"
            | "StackUnderflow"
            | "StackOverflow"
            | "CreateContractSizeLimit"
    )
}

/// Whether these words say that gas was wanting, so that more of it might do.
pub(crate) fn is_out_of_gas(words: &str) -> bool {
    words.strip_prefix(OUT_OF_GAS).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
}

/// geth's words for a halt of which no more is known than the machine's own name, that of a
/// transaction's or of a frame's.
pub(crate) fn message(reason: &str) -> String {
    let words = match name(reason) {
        // The machine says this of operands that have more than 64 bits.
        "InvalidOperandOOG" => GAS_OVERFLOW,
        "OutOfGas" if reason == "OutOfGas(InvalidOperand)" => GAS_OVERFLOW,
        "OutOfGas" | "MemoryOOG" | "MemoryLimitOOG" | "PrecompileOOG" | "ReentrancySentryOOG" => {
            OUT_OF_GAS
        }
        "OpcodeNotFound" | "NotActivated" => "invalid opcode",
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
        "PrecompileError" => "precompiled failed",
        "Revert" => REVERTED,
        _ => return format!("execution halted: {reason}"),
    };
    words.to_owned()
}

#[cfg(test)]
mod tests;
