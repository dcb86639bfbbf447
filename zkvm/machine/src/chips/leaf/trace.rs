//! Rows of the leaf chip.

use minster_emulator::Leaf as LeafRecord;
use p3_field::PrimeCharacteristicRing;

use super::{Leaf, LeafRow};
use crate::F;
use crate::config::Digest;
use crate::lookups::LookupCounts;
use crate::tree::limbs;

impl Leaf {
    /// The row of a touched leaf with its digests before and after, with its lookups counted.
    pub fn fill(leaf: &LeafRecord, digests: [Digest; 2], counts: &mut LookupCounts) -> LeafRow<F> {
        leaf.before.iter().for_each(|value| counts.word(*value));
        let [digest_before, digest_after] = digests;
        LeafRow {
            real: F::ONE,
            index: F::from_u32(leaf.index),
            before: limbs(&leaf.before),
            after: limbs(&leaf.after),
            starts: leaf.starts.map(F::from_u32),
            stamps: leaf.stamps.map(F::from_u32),
            digest_before,
            digest_after,
        }
    }
}
