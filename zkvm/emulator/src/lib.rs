#![doc = include_str!("../README.md")]
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

extern crate alloc;

mod arithmetic;
mod calls;
mod cells;
mod class;
mod cpu;
pub mod ecall;
mod error;
mod io;
mod limits;
mod profile;
mod ram;
mod record;
mod recorder;
mod recording;
mod run;

pub use calls::{FunctionUse, calls};
pub use cells::{
    AGE_MAX, LEAF_WORDS, NODE_LEVELS, OPERAND_SLOTS, REFRESHES_PER_INSTRUCTION,
    REGISTER_CELLS_START, Slot, sink_cell,
};
pub use class::{CLASSES, Class};
pub use error::{RunError, Trap, TrapKind};
pub use io::{Descriptor, HintHandler, Io, OUTPUT_SIZE_MAX, TEXT_SIZE_MAX, TextHandler};
pub use limits::{Counts, Limits};
pub use profile::{FunctionCount, Profile, profile};
pub use record::{Access, BlockAccess, Call, IoKind, IoStep, Leaf, Refresh, SegmentRecord, Step};
pub use recorder::Recorder;
pub use run::{CYCLES_MAX_DEFAULT, Outcome, run};

#[cfg(test)]
mod tests;
