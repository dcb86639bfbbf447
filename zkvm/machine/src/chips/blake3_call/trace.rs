//! Rows of the chip of BLAKE3's calls.

use core::array::from_fn;

use minster_precompiles::Block;
use minster_precompiles::blake3::IV;
use p3_field::PrimeCharacteristicRing;

use super::{Blake3Call, Blake3CallRow};
use crate::F;
use crate::chips::blake3::LANES;
use crate::chips::precompile::{CallRecord, PrecompileTable};
use crate::lookups::LookupCounts;

impl PrecompileTable for Blake3Call {
    const ROWS: usize = 1;

    fn fill(call: &CallRecord<'_>, rows: &mut [Blake3CallRow<F>], _: &mut LookupCounts) {
        let [result, message, parameters, _] = call.cells.map(F::from_u32);
        for row in rows {
            *row = Blake3CallRow {
                real: F::ONE,
                clock: F::from_u32(call.clock),
                cells: [result, message, parameters],
                value: limbs(&call.before[..1]),
                message: limbs(&call.before[1..3]),
                parameters: limbs(&call.before[3..]),
            };
        }
    }
}

/// The words of blocks as limbs.
fn limbs<const N: usize>(blocks: &[Block]) -> [F; N] {
    from_fn(|limb| {
        let value = blocks[limb / 16][limb / 2 % 8];
        F::from_u32(if limb % 2 == 0 { value & 0xffff } else { value >> 16 })
    })
}

/// The words a, b, c and d of each lane before the first half round.
pub fn first_state(value: &Block, parameters: &Block) -> [[u32; 4]; LANES] {
    from_fn(|lane| [value[lane], value[4 + lane], IV[lane], parameters[lane]])
}
