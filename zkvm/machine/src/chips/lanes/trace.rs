//! Rows of the chip of lanes.

use minster_precompiles::Block;
use p3_field::PrimeCharacteristicRing;

use super::columns::LIMBS;
use super::{Lanes, LanesRow};
use crate::F;
use crate::chips::keccak::LOW_LANES;
use crate::chips::precompile::{CallRecord, PrecompileTable};
use crate::lookups::LookupCounts;

/// Words of the lanes of the lower half.
const LOW_WORDS: usize = 2 * LOW_LANES;

impl PrecompileTable for Lanes {
    const ROWS: usize = 2;

    fn fill(call: &CallRecord<'_>, rows: &mut [LanesRow<F>], _: &mut LookupCounts) {
        for (index, row) in rows.iter_mut().enumerate() {
            let start = LOW_WORDS * index;
            *row = LanesRow {
                is_low: F::from_bool(index == 0),
                is_high: F::from_bool(index == 1),
                clock: F::from_u32(call.clock),
                cell: F::from_u32(call.cells[0]) + F::from_usize(start),
                ..Default::default()
            };
            // The lower half leaves its last lane zero, and has no tail.
            let words = if index == 0 { LOW_WORDS } else { LIMBS / 2 };
            fill_limbs(&mut row.before[..2 * words], call.before, start);
            fill_limbs(&mut row.after[..2 * words], call.after, start);
            if index == 1 {
                fill_limbs(&mut row.tail, call.before, start + words);
            }
        }
    }
}

/// The limbs of the words from a word on.
fn fill_limbs(cells: &mut [F], blocks: &[Block], start: usize) {
    let words = blocks.as_flattened().iter().skip(start);
    for (pair, word) in cells.chunks_mut(2).zip(words) {
        let limbs = [word & 0xffff, word >> 16];
        pair.iter_mut().zip(limbs).for_each(|(cell, limb)| *cell = F::from_u32(limb));
    }
}
