//! How much a segment may hold, and which shapes can still hold it.

use alloc::vec::Vec;

use minster_precompiles::UNITS;
#[cfg(doc)]
use minster_precompiles::Unit;

use crate::class::{CLASSES, Class};

/// The room of one shape of segments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Instructions, by [`Class::index`].
    pub steps: [u32; CLASSES],
    /// Words that ecalls move.
    pub io: u32,
    /// Cells stamped anew. The last instruction may go beyond it by
    /// [`REFRESHES_PER_INSTRUCTION`](crate::REFRESHES_PER_INSTRUCTION).
    pub refreshes: u32,
    /// Calls of precompiles.
    pub calls: u32,
    /// Calls of the functions of each unit, by [`Unit::index`].
    pub units: [u32; UNITS],
    /// Blocks that precompiles access.
    pub blocks: u32,
    /// Leaves of memory.
    pub leaves: u32,
    /// Inner nodes above these leaves.
    pub nodes: u32,
    /// Hashes: two for each leaf and node, one for each committed word.
    pub hashes: u32,
    /// The clock that the next instruction would have: every stamp is below four times this.
    pub clock: u32,
}

/// What a segment takes of the things that [`Limits`] limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Instructions, by [`Class::index`].
    pub steps: [u32; CLASSES],
    /// Words that ecalls move.
    pub io: u32,
    /// Cells stamped anew.
    pub refreshes: u32,
    /// Calls of the functions of each unit, by [`Unit::index`].
    pub units: [u32; UNITS],
    /// Blocks that precompiles access.
    pub blocks: u32,
    /// Leaves of memory, those of the registers included.
    pub leaves: u32,
    /// Inner nodes on the paths from these leaves to the root, the root included.
    pub nodes: u32,
    /// Words of public output.
    pub commit_words: u32,
    /// The clock that the next instruction would have.
    pub clock: u32,
}

impl Counts {
    /// The hashes that memory roots and public output take.
    pub fn hashes(&self) -> u64 {
        2 * (u64::from(self.leaves) + u64::from(self.nodes)) + u64::from(self.commit_words)
    }

    /// Calls of precompiles.
    pub fn calls(&self) -> u32 {
        self.units.iter().sum()
    }

    /// Whether a shape has room for all of it.
    pub fn fits(&self, limits: &Limits) -> bool {
        let steps = self.steps.iter().zip(&limits.steps);
        let units = self.units.iter().zip(&limits.units);
        steps.chain(units).all(|(count, limit)| count <= limit)
            && self.calls() <= limits.calls
            && self.blocks <= limits.blocks
            && self.io <= limits.io
            && self.refreshes <= limits.refreshes
            && self.leaves <= limits.leaves
            && self.nodes <= limits.nodes
            && self.hashes() <= u64::from(limits.hashes)
            && self.clock <= limits.clock
    }
}

/// The shapes that can hold the segment so far.
///
/// Instructions are the frequent case: each needs one comparison with a bound below which no shape
/// drops out. Everything else is counted when a leaf is touched first, words are moved or a cell is
/// stamped anew.
pub struct Budget {
    pub counts: Counts,
    feasible: Vec<Limits>,
    /// The lowest limits of the feasible shapes.
    steps: [u32; CLASSES],
    refreshes: u32,
    clock: u32,
}

impl Budget {
    /// For a segment that starts with `counts`; `None` if no shape holds even these.
    pub fn new(counts: Counts, shapes: &[Limits]) -> Option<Self> {
        let (feasible, steps) = (shapes.to_vec(), [0; CLASSES]);
        let mut budget = Self { counts, feasible, steps, refreshes: 0, clock: 0 };
        budget.admit(counts).then_some(budget)
    }

    /// Whether one instruction more of `class` fits; shapes that it does not fit drop out.
    #[inline(always)]
    pub fn admit_step(&mut self, class: Class) -> bool {
        self.counts.steps[class.index()] < self.steps[class.index()] || self.shrink_steps(class)
    }

    #[cold]
    fn shrink_steps(&mut self, class: Class) -> bool {
        let mut counts = self.counts;
        counts.steps[class.index()] += 1;
        self.shrink(&counts)
    }

    /// Instructions that can run before [`Budget::admit_clock`] must be asked again.
    pub fn clock_left(&self) -> u32 {
        self.clock.saturating_sub(self.counts.clock)
    }

    /// Whether one instruction more fits the clock.
    pub fn admit_clock(&mut self) -> bool {
        let counts = Counts { clock: self.counts.clock + 1, ..self.counts };
        self.shrink(&counts)
    }

    /// Counts a cell that is stamped anew. The instruction that does it runs to its end, and is the
    /// last one of the segment if no shape has room for more.
    pub fn refresh(&mut self) {
        self.counts.refreshes += 1;
        if self.counts.refreshes > self.refreshes {
            let counts = self.counts;
            self.shrink(&counts);
        }
    }

    /// Takes over new counts if a shape holds them.
    pub fn admit(&mut self, counts: Counts) -> bool {
        let fits = self.shrink(&counts);
        if fits {
            self.counts = counts;
        }
        fits
    }

    fn shrink(&mut self, counts: &Counts) -> bool {
        self.feasible.retain(|limits| counts.fits(limits));
        let lowest = |limit: &dyn Fn(&Limits) -> u32| self.feasible.iter().map(limit).min();
        self.steps = core::array::from_fn(|class| {
            lowest(&|limits: &Limits| limits.steps[class]).unwrap_or_default()
        });
        self.refreshes = lowest(&|limits: &Limits| limits.refreshes).unwrap_or_default();
        self.clock = lowest(&|limits: &Limits| limits.clock).unwrap_or_default();
        !self.feasible.is_empty()
    }
}
