//! What a recording says about a segment: every access to memory with the access before it.

use alloc::vec::Vec;

use minster_precompiles::{BLOCK_WORDS, Block, Function, OPERANDS_MAX};

use crate::cells::{LEAF_WORDS, Slot};
use crate::class::{CLASSES, Class};
use crate::limits::Counts;

/// The state of a cell when an instruction accesses it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// The value before the access.
    pub value: u32,
    /// When the cell was accessed or stamped anew before; at its first access in this segment, what
    /// it [starts](Leaf::starts) with.
    pub stamp: u32,
}

/// A cell that gets a new stamp just before an access, because the one that it has is older than
/// [`AGE_MAX`](crate::AGE_MAX).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refresh {
    /// The cell.
    pub cell: u32,
    /// Its value, which stays, and the old stamp.
    pub access: Access,
    /// The new stamp.
    pub stamp: u32,
}

/// One instruction. Fields that its class does not use are 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// The address of the instruction.
    pub pc: u32,
    /// When it ran: 1 for the first instruction of a segment.
    pub clock: u32,
    /// The first source register; of an ecall a7.
    pub rs1: Access,
    /// The second source register; of an ecall a1.
    pub rs2: Access,
    /// The word of RAM; of an ecall a2.
    pub memory: Access,
    /// The destination register; of an ecall a0.
    pub rd: Access,
    /// The destination register afterwards.
    pub rd_value: u32,
    /// The word of RAM afterwards; of a read the value read.
    pub memory_value: u32,
    /// The address of the next instruction.
    pub next_pc: u32,
}

/// Which way an ecall moves words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IoKind {
    /// Into memory: of the input or of the hints.
    Read,
    /// From memory to the public output.
    Commit,
}

/// One word that an ecall moves. Its access to RAM is in [`Slot::Memory`](crate::Slot::Memory).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IoStep {
    /// Which way it goes.
    pub kind: IoKind,
    /// The clock of the ecall.
    pub clock: u32,
    /// The cell: byte address / 4.
    pub address: u32,
    /// The word of RAM.
    pub memory: Access,
    /// The word of RAM afterwards.
    pub value: u32,
    /// Of a read the words left, of a commit the bytes left, this word included.
    pub remaining: u32,
}

/// One call of a precompile. All registers are read in [`Slot::Rs1`](crate::Slot::Rs1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    /// The address of the instruction.
    pub pc: u32,
    /// When it ran.
    pub clock: u32,
    /// What it called.
    pub function: Function,
    /// The register a7.
    pub number: Access,
    /// The registers from a0 on that hold the operands' addresses; zeros behind them.
    pub addresses: [Access; OPERANDS_MAX],
}

/// Eight consecutive cells that a call accesses at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockAccess {
    /// When the call ran.
    pub clock: u32,
    /// When in the call: operand 0 in [`Slot::Rd`](crate::Slot::Rd), the others from
    /// [`Slot::Rs1`](crate::Slot::Rs1) on.
    pub slot: Slot,
    /// The first cell.
    pub cell: u32,
    /// The cells before.
    pub memory: [Access; BLOCK_WORDS],
    /// The cells afterwards.
    pub after: Block,
}

/// Eight consecutive cells of which the segment accesses at least one. (The leaves of the
/// registers are always there.)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// The first cell / 8.
    pub index: u32,
    /// The values when the segment starts.
    pub before: [u32; LEAF_WORDS],
    /// The values when the segment ends.
    pub after: [u32; LEAF_WORDS],
    /// The stamps that the cells start with: just before the first access, or 0 for those that are
    /// not accessed, or by a call first of all, which may be of any age.
    pub starts: [u32; LEAF_WORDS],
    /// When the cells were accessed last; 0 for those that were not.
    pub stamps: [u32; LEAF_WORDS],
}

/// A part of a run that is proved on its own.
#[derive(Clone, Debug)]
pub struct SegmentRecord {
    /// 0 for the first segment of a run.
    pub index: u32,
    /// The address of the first instruction.
    pub pc_start: u32,
    /// The address of the first instruction of the next segment, if the run has not halted.
    pub pc_end: u32,
    /// The clock that the next instruction would have.
    pub clock_end: u32,
    /// The instructions, by [`Class::index`], in each class in the order in which they ran.
    pub steps: [Vec<Step>; CLASSES],
    /// The words that ecalls moved, in order.
    pub io: Vec<IoStep>,
    /// The cells that were stamped anew, in order.
    pub refreshes: Vec<Refresh>,
    /// The calls of precompiles, in order. They are instructions too, and not among the steps.
    pub calls: Vec<Call>,
    /// The blocks of the calls' operands: of each call all that its function has.
    pub blocks: Vec<BlockAccess>,
    /// The touched parts of memory, by strictly increasing index.
    pub leaves: Vec<Leaf>,
    /// The exit code, if the run has halted in this segment.
    pub halted: Option<u32>,
    /// What this segment appends to the public output.
    pub output: Vec<u8>,
    /// What the segment takes of each limited thing.
    pub counts: Counts,
}

impl SegmentRecord {
    /// The instructions of a class.
    pub fn steps_of(&self, class: Class) -> &[Step] {
        &self.steps[class.index()]
    }
}
