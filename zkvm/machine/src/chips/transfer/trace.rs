//! Rows of the transfer chip.

use minster_emulator::{IoKind, IoStep};
use p3_field::PrimeCharacteristicRing;

use super::{Transfer, TransferRow};
use crate::F;
use crate::access::{long_ages, slot, stamp_at, word};
use crate::lookups::LookupCounts;
use crate::output::OutputDigest;

impl Transfer {
    /// The row of a word, with its lookups counted; a committed word goes into the output.
    /// `position` is the number of words that the segment has committed before.
    pub fn fill(
        step: &IoStep,
        position: u32,
        output: &mut OutputDigest,
        counts: &mut LookupCounts,
    ) -> TransferRow<F> {
        let stamp = stamp_at(step.clock, slot::MEMORY);
        let ([age], [age_high]) = long_ages([(step.memory, stamp)], counts);
        let is_commit = step.kind == IoKind::Commit;
        let bytes = if is_commit { step.remaining.min(4) } else { 4 };
        let bounded = match bytes {
            1 => (step.value & 0xffff) << 8,
            3 => (step.value >> 16) << 8,
            _ => step.value & 0xffff,
        };
        counts.range(bounded);
        counts.range(step.value >> 16);
        let mut row = TransferRow {
            is_read: F::from_bool(!is_commit),
            is_commit: F::from_bool(is_commit),
            clock: F::from_u32(step.clock),
            cell: F::from_u32(step.address),
            remaining: F::from_u32(step.remaining),
            before: word(step.memory.value),
            after: word(step.value),
            bounded: F::from_u32(bounded),
            age,
            age_high,
            ..Default::default()
        };
        if is_commit {
            row.position = F::from_u32(position);
            row.part = [1, 2, 3].map(|part| F::from_bool(part == bytes));
            row.digest = output.digest();
            output.absorb(step.value, bytes);
            row.digest_after = output.digest();
        }
        row
    }
}
