//! Rows of the refresh chip.

use minster_emulator::{AGE_MAX, Refresh as RefreshRecord};
use p3_field::PrimeCharacteristicRing;

use super::{Refresh, RefreshRow};
use crate::F;
use crate::access::{Age, gap, word};
use crate::lookups::LookupCounts;

impl Refresh {
    /// The row of a cell, with its lookups counted.
    pub fn fill(record: &RefreshRecord, counts: &mut LookupCounts) -> RefreshRow<F> {
        let RefreshRecord { cell, access, stamp } = *record;
        let gap = gap(access, stamp);
        counts.range(gap % AGE_MAX);
        counts.range(stamp % AGE_MAX);
        counts.septets(gap / AGE_MAX, stamp / AGE_MAX);
        RefreshRow {
            real: F::ONE,
            cell: F::from_u32(cell),
            value: word(access.value),
            age: Age { previous: F::from_u32(access.stamp) },
            age_high: F::from_u32(gap / AGE_MAX),
            stamp_low: F::from_u32(stamp % AGE_MAX),
            stamp_high: F::from_u32(stamp / AGE_MAX),
        }
    }
}
