//! The slices that were published last, for who follows them.

use std::{collections::VecDeque, sync::Arc};

use crate::block::Slice;

/// Slices that are kept.
const SLICES_MAX: usize = 1_024;

/// Transactions of all of them together, unless the last one alone has more: what a slice keeps
/// beside them grows with them.
const TRANSACTIONS_MAX: usize = 1 << 16;

/// The last slices in their order, each with its block's base fee in wei per gas.
#[derive(Debug, Default)]
pub(super) struct RecentSlices {
    slices: VecDeque<(Arc<Slice>, u64)>,
    transactions: usize,
}

impl RecentSlices {
    pub(super) fn push(&mut self, slice: Arc<Slice>, base_fee: u64) {
        self.transactions += slice.items.len();
        self.slices.push_back((slice, base_fee));
        while self.slices.len() > SLICES_MAX
            || (self.transactions > TRANSACTIONS_MAX && self.slices.len() > 1)
        {
            let Some((oldest, _)) = self.slices.pop_front() else { return };
            self.transactions -= oldest.items.len();
        }
    }

    /// Forgets the slices of blocks before this one.
    pub(super) fn forget_before(&mut self, block: u64) {
        while let Some((oldest, _)) = self.slices.front()
            && oldest.header.block_number < block
        {
            self.transactions -= oldest.items.len();
            self.slices.pop_front();
        }
    }

    pub(super) fn get(&self, sequence: u64) -> Option<(Arc<Slice>, u64)> {
        let first = self.slices.front()?.0.header.sequence;
        let index = usize::try_from(sequence.checked_sub(first)?).ok()?;
        let found = self.slices.get(index)?;
        (found.0.header.sequence == sequence).then(|| found.clone())
    }
}

#[cfg(test)]
mod tests;
