//! Rows of the block chip.

use minster_emulator::BlockAccess;
use p3_field::PrimeCharacteristicRing;

use super::{Block, BlockRow};
use crate::F;
use crate::access::{long_ages, stamp_at};
use crate::lookups::LookupCounts;
use crate::tree::limbs;

impl Block {
    /// The row of an access, with its lookups counted.
    pub fn fill(block: &BlockAccess, counts: &mut LookupCounts) -> BlockRow<F> {
        let slot = block.slot as u32;
        let stamp = stamp_at(block.clock, slot);
        let (ages, high) = long_ages(block.memory.map(|access| (access, stamp)), counts);
        BlockRow {
            real: F::ONE,
            clock: F::from_u32(block.clock),
            slot: F::from_u32(slot),
            cell: F::from_u32(block.cell),
            before: limbs(&block.memory.map(|access| access.value)),
            after: limbs(&block.after),
            previous: ages.map(|age| age.previous),
            high,
        }
    }
}
