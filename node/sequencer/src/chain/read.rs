//! What was read from an archive lately.

use std::{collections::VecDeque, sync::Arc};

use parking_lot::Mutex;

/// How much is kept; the newest is, whatever it weighs.
#[derive(Debug)]
pub(super) struct Limits<T> {
    pub(super) count: usize,
    /// The sum of what `weigh` says of each.
    pub(super) weight: usize,
    pub(super) weigh: fn(&T) -> usize,
}

/// What was read last of numbered blocks, the newest first.
#[derive(Debug)]
pub(super) struct Lately<T> {
    values: Mutex<VecDeque<(u64, Arc<T>)>>,
    limits: Limits<T>,
}

impl<T> Lately<T> {
    pub(super) const fn new(limits: Limits<T>) -> Self {
        Self { values: Mutex::new(VecDeque::new()), limits }
    }

    pub(super) fn get(&self, number: u64) -> Option<Arc<T>> {
        let mut values = self.values.lock();
        let at = values.iter().position(|(other, _)| *other == number)?;
        values.make_contiguous()[..=at].rotate_right(1);
        values.front().map(|(_, value)| Arc::clone(value))
    }

    pub(super) fn insert(&self, number: u64, value: &Arc<T>) {
        let Limits { count, weight, weigh } = self.limits;
        let mut values = self.values.lock();
        // Two readers may have been at it.
        values.retain(|(other, _)| *other != number);
        values.push_front((number, Arc::clone(value)));
        let mut sum = 0_usize;
        let kept = values.iter().take(count).take_while(|(_, value)| {
            sum = sum.saturating_add(weigh(value));
            sum <= weight
        });
        let kept = kept.count().max(1);
        values.truncate(kept);
    }

    /// Forgets what is before this number.
    pub(super) fn forget_before(&self, number: u64) {
        self.values.lock().retain(|(other, _)| *other >= number);
    }
}

#[cfg(test)]
mod tests;
