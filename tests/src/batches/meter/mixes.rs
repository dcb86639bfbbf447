//! What several things cost by turns, against what is charged for each of them.
//!
//! A shape that has the most room for one thing for its cells has little for another. So turns of
//! two things can cost a prover more than each of them among its own kind, up to ten times: what
//! is charged has to hold for turns, too.

use std::array::from_fn;

use super::rows::{Rows, Shapes};
use super::{CELLS_PER_CYCLE, Cost};

/// Shares of the second of two things with which the search begins.
const SHARES: [f64; 9] = [0.016, 0.06, 0.12, 0.25, 0.5, 0.75, 0.88, 0.94, 0.984];
/// So many pairs, the dearest ones, does it go on from, and from the dearest of each thing.
const STARTS: usize = 100;
/// What it tries to add of a thing.
const STEPS: [f64; 5] = [0.3, 0.1, 0.03, 0.01, 0.003];
/// What it tries to leave of a part.
const REMAINDERS: [f64; 2] = [0.0, 0.6];
/// A step that makes a mix dearer by less than this part is the last one.
const STEP_MIN: f64 = 1e-3;

/// Things by turns.
#[derive(Debug, Clone)]
pub struct Mix {
    /// Of each thing, its share of the charge.
    pub shares: Vec<f64>,
    /// What a unit of their charge fills.
    pub rows: Rows,
    /// Cells that a prover pays for one that is charged.
    pub ratio: f64,
}

/// What something that can be done again and again fills for one cell that the meter charges.
///
/// # Panics
/// When it charges none.
#[must_use]
pub fn metered(cost: &Cost) -> Rows {
    assert!(cost.metered > 0.0, "something is charged nothing");
    let cells = cost.metered * CELLS_PER_CYCLE;
    cost.rows.map(|rows| rows.max(0.0) / cells)
}

impl Mix {
    fn new(shares: Vec<f64>, things: &[Rows], shapes: &Shapes) -> Self {
        let of =
            |row: usize| things.iter().zip(&shares).map(move |(rows, share)| share * rows[row]);
        let rows = from_fn(|row| of(row).sum());
        Self { shares, rows, ratio: shapes.cells(&rows) }
    }

    /// Its parts with their names, in percent.
    #[must_use]
    pub fn named(&self, names: &[String]) -> String {
        let parts = names.iter().zip(&self.shares).filter(|(_, share)| **share > 0.0);
        let parts: Vec<String> =
            parts.map(|(name, share)| format!("{:.1} % {name}", share * 100.0)).collect();
        parts.join(", ")
    }

    /// With a part less and the rest as much more, or the other way round.
    fn with(&self, thing: usize, share: f64) -> Vec<f64> {
        let rest = (1.0 - share) / (1.0 - self.shares[thing]);
        let mut shares: Vec<f64> = self.shares.iter().map(|share| share * rest).collect();
        shares[thing] = share;
        shares
    }

    /// The dearest mix beside this one, if it is dearer.
    fn dearer(&self, things: &[Rows], shapes: &Shapes) -> Option<Self> {
        let tried = (0..things.len()).flat_map(|thing| {
            let share = self.shares[thing];
            let more = STEPS.map(|step| share + step * (1.0 - share));
            let less = REMAINDERS.map(|part| share * part);
            let is_other = move |tried: &f64| *tried != share && share < 1.0;
            more.into_iter().chain(less).filter(is_other).map(move |share| (thing, share))
        });
        let mixes = tried.map(|(thing, share)| Self::new(self.with(thing, share), things, shapes));
        let dearest = mixes.max_by(|one, other| one.ratio.total_cmp(&other.ratio))?;
        (dearest.ratio > self.ratio * (1.0 + STEP_MIN)).then_some(dearest)
    }
}

/// The dearest mixes that are found from all pairs, the worst first.
#[must_use]
pub fn worst(things: &[Rows], shapes: &Shapes) -> Vec<Mix> {
    let pair = |first: usize, second: usize, share: f64| {
        let mut shares = vec![0.0; things.len()];
        (shares[first], shares[second]) = (1.0 - share, share);
        Mix::new(shares, things, shapes)
    };
    let mut pairs = Vec::new();
    for second in 1..things.len() {
        for first in 0..second {
            let mixes = SHARES.map(|share| pair(first, second, share));
            pairs.extend(mixes.into_iter().max_by(|one, other| one.ratio.total_cmp(&other.ratio)));
        }
    }
    dearest_first(&mut pairs);
    let mut starts = starts(pairs);
    for mix in &mut starts {
        while let Some(dearer) = mix.dearer(things, shapes) {
            *mix = dearer;
        }
    }
    dearest_first(&mut starts);
    starts
}

/// The dearest of the pairs, which come dearest first, and beside them the dearest of each thing.
fn starts(pairs: Vec<Mix>) -> Vec<Mix> {
    let mut has_started = vec![false; pairs.first().map_or(0, |pair| pair.shares.len())];
    let mut place = 0;
    let is_start = move |pair: &Mix| {
        let mut is_new = false;
        for (has_started, _) in
            has_started.iter_mut().zip(&pair.shares).filter(|(_, share)| **share > 0.0)
        {
            is_new |= !std::mem::replace(has_started, true);
        }
        place += 1;
        is_new || place <= STARTS
    };
    pairs.into_iter().filter(is_start).collect()
}

fn dearest_first(mixes: &mut [Mix]) {
    mixes.sort_by(|one, other| other.ratio.total_cmp(&one.ratio));
}
