//! What the chips of precompiles share: how they are filled, and when they access memory.

use minster_precompiles::{Block, Function};

use crate::F;
use crate::lookups::LookupCounts;
use crate::table::Table;

/// When a call accesses each of its operands. The cells of an operand are different ones, and
/// operands that overlap are accessed at different times: operand 0, which is written, last.
pub mod slot {
    use minster_emulator::OPERAND_SLOTS;

    /// The slot of each operand.
    pub const OPERANDS: [u32; 4] = [
        OPERAND_SLOTS[0] as u32,
        OPERAND_SLOTS[1] as u32,
        OPERAND_SLOTS[2] as u32,
        OPERAND_SLOTS[3] as u32,
    ];
}

/// One call with what it found in memory and what it left there.
#[derive(Clone, Debug)]
pub struct CallRecord<'a> {
    /// The function.
    pub function: Function,
    /// Tick of the call.
    pub clock: u32,
    /// The first cell of each operand; 0 of those that the function does not have.
    pub cells: [u32; 4],
    /// The blocks of all operands before the call, one operand behind the other.
    pub before: &'a [Block],
    /// The blocks of operand 0 after the call.
    pub after: &'a [Block],
}

/// A chip that computes precompiles: a fixed number of rows per call.
pub trait PrecompileTable: Table {
    /// The rows of one call.
    const ROWS: usize;

    /// Fills the rows of a call, with their lookups counted.
    fn fill(call: &CallRecord<'_>, rows: &mut [Self::Row<F>], counts: &mut LookupCounts);
}
