//! Which proofs are kept: as many of the newest as there is room for. Pure.

use std::collections::BTreeMap;

/// The kept proofs and their sizes.
#[derive(Debug)]
pub(crate) struct Shelf {
    /// Proofs of the batches up to this one were verified, and removed later.
    removed_through: u64,
    /// Bytes of each, by batch.
    sizes: BTreeMap<u64, u64>,
    bytes: u64,
    bytes_max: u64,
}

impl Shelf {
    pub(crate) const fn new(removed_through: u64, bytes_max: u64) -> Self {
        Self { removed_through, sizes: BTreeMap::new(), bytes: 0, bytes_max }
    }

    pub(crate) const fn removed_through(&self) -> u64 {
        self.removed_through
    }

    pub(crate) fn add(&mut self, batch: u64, bytes: u64) {
        let replaced = self.sizes.insert(batch, bytes).unwrap_or_default();
        self.bytes = self.bytes.saturating_sub(replaced).saturating_add(bytes);
    }

    /// The proof that has to go: the oldest, of a batch that is proven with all before it. The last
    /// one stays, however large it is.
    pub(crate) fn surplus(&self, first_unproven: u64) -> Option<u64> {
        let (oldest, _) = self.sizes.first_key_value()?;
        let is_surplus = self.bytes > self.bytes_max && self.sizes.len() > 1;
        (is_surplus && *oldest < first_unproven).then_some(*oldest)
    }

    pub(crate) fn remove(&mut self, batch: u64) {
        let bytes = self.sizes.remove(&batch).unwrap_or_default();
        self.bytes = self.bytes.saturating_sub(bytes);
        self.removed_through = self.removed_through.max(batch);
    }
}

#[cfg(test)]
mod tests;
