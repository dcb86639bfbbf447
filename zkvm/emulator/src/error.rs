//! Why a run ends without an exit code.

use minster_precompiles::{ADDRESS_END, Function, Refusal};

/// The program did what the machine does not do. No proof of such a run exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at pc {pc:#010x}: {kind}")]
pub struct Trap {
    /// The address of the instruction.
    pub pc: u32,
    /// What it did.
    pub kind: TrapKind,
}

/// What a program may not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrapKind {
    /// The pc is no multiple of 4.
    #[error("the pc is not 4-byte aligned")]
    MisalignedFetch,
    /// The pc is outside the program's code.
    #[error("the pc is outside the program's code")]
    FetchOutsideCode,
    /// The word is no instruction of RV32IM.
    #[error("not an instruction of RV32IM")]
    IllegalInstruction,
    /// An `ebreak`.
    #[error("ebreak")]
    Breakpoint,
    /// A load or a store, or the buffer of an ecall, at an address that is no multiple of its size.
    #[error("misaligned access to {address:#010x}")]
    MisalignedAccess {
        /// The byte address.
        address: u32,
    },
    /// A load, a store, or the buffer of an ecall reaches past the end of RAM.
    #[error("access to {address:#010x}, outside RAM")]
    OutsideRam {
        /// The byte address where the access starts.
        address: u32,
    },
    /// a7 names no ecall.
    #[error("unknown ecall {number:#x}")]
    UnknownEcall {
        /// The content of a7.
        number: u32,
    },
    /// An ecall wants to transfer more than [`IO_WORDS_MAX`](crate::ecall::IO_WORDS_MAX) words.
    #[error("an ecall for {words} words, at most 1024 are accepted")]
    IoTooLong {
        /// The number of words.
        words: u32,
    },
    /// Only the last commit may end inside a word.
    #[error("commit after a commit that ended inside a word")]
    CommitAfterPartial,
    /// The bytes that fill up the last word of a commit are not zero.
    #[error("commit whose last word is not padded with zeros")]
    CommitPadding,
    /// An operand of a precompile lies too high.
    #[error("an operand of a precompile at {address:#010x}, not below {ADDRESS_END:#010x}")]
    PrecompileAddress {
        /// The byte address.
        address: u32,
    },
    /// A precompile is not defined for its operands.
    #[error("{function:?} refuses its operands: {refusal}")]
    PrecompileRefused {
        /// The function.
        function: Function,
        /// Why.
        refusal: Refusal,
    },
}

/// Why a run gives no outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    /// The program did what the machine does not do.
    #[error(transparent)]
    Trap(#[from] Trap),
    /// The program did not halt in time.
    #[error("the program did not halt within {max} cycles")]
    CyclesExhausted {
        /// The limit.
        max: u64,
    },
    /// The public output is longer than [`OUTPUT_SIZE_MAX`](crate::OUTPUT_SIZE_MAX).
    #[error("the public output is longer than {max} bytes")]
    OutputTooLarge {
        /// The limit.
        max: usize,
    },
    /// No shape holds even a segment of this one instruction.
    #[error("no shape of segments has room for the instruction at pc {pc:#010x}")]
    ShapesTooSmall {
        /// The address of the instruction.
        pc: u32,
    },
    /// The run has already ended.
    #[error("the run has already ended")]
    Ended,
}
