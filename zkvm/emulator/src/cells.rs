//! How registers and RAM form one memory of words, and when its cells are accessed.

use minster_precompiles::OPERANDS_MAX;

/// The cell of register `x0`; those of the other registers follow. The cells below are the words
/// of RAM: byte address / 4.
pub const REGISTER_CELLS_START: u32 = 1 << 29;
/// Consecutive words that one leaf of the memory tree holds.
pub const LEAF_WORDS: usize = 8;
/// Levels of inner nodes above the 2^27 leaves of the memory tree.
pub const NODE_LEVELS: u32 = 27;

/// The registers, and one place more for writes to `x0`.
const REGISTERS: usize = 33;
/// [`REGISTERS`] up to a power of two, so that a masked index needs no bounds check.
pub(crate) const REGISTER_SLOTS: usize = 64;
/// Where the interpreter keeps what is written to `x0`, so that `x0` needs no test.
pub(crate) const SINK: u8 = 32;
/// The leaves of [`REGISTERS`].
pub(crate) const REGISTER_LEAVES: usize = REGISTERS.div_ceil(LEAF_WORDS);
/// The index of the first of them.
pub(crate) const REGISTER_LEAF_START: u32 = REGISTER_CELLS_START / LEAF_WORDS as u32;

/// The cell that takes the writes to `x0`. Nobody reads it, so that every instruction of a class
/// makes the same accesses.
pub const fn sink_cell() -> u32 {
    REGISTER_CELLS_START + SINK as u32
}

/// When within its clock an instruction makes an access: `stamp = 4 * clock + slot`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u32)]
pub enum Slot {
    /// The first source register is read.
    Rs1 = 0,
    /// The second source register is read.
    Rs2 = 1,
    /// RAM is read or written.
    Memory = 2,
    /// The destination register is written.
    Rd = 3,
}

impl Slot {
    /// The time stamp of an access in this slot.
    pub const fn stamp(self, clock: u32) -> u32 {
        4 * clock + self as u32
    }
}

/// Stamps from the access before to an access at most, if that one shows itself that it is later.
/// A cell that was left alone for longer is stamped anew just before the access.
pub const AGE_MAX: u32 = 1 << 16;
/// Cells that one instruction may stamp anew: a call of a precompile reads its number and its
/// operands' addresses. Memory that calls move may be of any age.
pub const REFRESHES_PER_INSTRUCTION: u32 = 1 + OPERANDS_MAX as u32;

/// When a call of a precompile accesses each of its operands. Operand 0, which is written, comes
/// last, so that all others are read as they were before, overlap or not.
pub const OPERAND_SLOTS: [Slot; OPERANDS_MAX] = [Slot::Rd, Slot::Rs1, Slot::Rs2, Slot::Memory];
