//! The proving meter: cycle-equivalents beside gas.

/// Counts the proving cost of one transaction against its limit.
///
/// Once over the limit it stays over: every later charge fails too, so that each frame on the
/// stack halts at its next instruction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Meter {
    used: u64,
    limit: u64,
}

impl Meter {
    /// A meter at zero.
    #[must_use]
    pub const fn new(limit: u64) -> Self {
        Self { used: 0, limit }
    }

    /// Adds a cost; `false` when the limit is passed.
    #[inline]
    pub const fn charge(&mut self, cycles: u64) -> bool {
        self.used = self.used.saturating_add(cycles);
        self.used <= self.limit
    }

    /// Cycle-equivalents so far, at most the limit: what ran past it was not run.
    #[must_use]
    pub const fn used(&self) -> u64 {
        if self.used < self.limit { self.used } else { self.limit }
    }

    /// Whether the limit was passed.
    #[must_use]
    pub const fn is_exhausted(&self) -> bool {
        self.used > self.limit
    }
}
