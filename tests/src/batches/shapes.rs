//! Looks for shapes of segments that suit batches.
//!
//! Segments are cut where they cost least, so what a shape is worth depends on which others there
//! are. The search starts with all shapes that segments of any heights would have, and joins two at
//! a time, those by which the least is lost, until as many are left as are wanted; segments are cut
//! anew now and then. Then it tries to make each a little lower or higher. A run counts by what
//! it costs more than with segments of any heights, so a small batch counts as much as a large one.

mod list;

use std::thread;
use std::time::{Duration, Instant};

use minster_emulator::{CLASSES, CYCLES_MAX_DEFAULT, Counts, Limits, REFRESHES_PER_INSTRUCTION};
use minster_machine::chip::TABLES;
use minster_machine::shape::{CLOCK_MAX, GENERAL, PrecompileRoom, Shape, UNIT_TABLES};
use minster_precompiles::{UNITS, Unit};
use minster_prover::Pieces;
use minster_prover::cost::row_cells;
use minster_verifier::VerifyingKey;

pub use list::{FILE, source};

use super::scenarios::workloads::{Workload, workload};
use super::triangle::{SALT, guest, io, range_of};

/// The batches that they are to suit: of so many transactions, in a state of so many accounts.
const BATCHES: &[(Workload, u64, u64)] = &[
    (Workload::Transfer, 1, 1_000),
    (Workload::Transfer, 2, 1_000),
    (Workload::Transfer, 3, 1_000),
    (Workload::Transfer, 5, 1_000),
    (Workload::Transfer, 10, 1_000),
    (Workload::Transfer, 20, 1_000),
    (Workload::Transfer, 50, 1_000),
    (Workload::Transfer, 100, 1_000),
    (Workload::Transfer, 130, 10_000),
    (Workload::Transfer, 100, 50_000),
    (Workload::Transfer, 400, 1_000),
    (Workload::Hot, 30, 1_000),
    (Workload::Hot, 100, 1_000),
    (Workload::NewAccount, 10, 1_000),
    (Workload::NewAccount, 100, 1_000),
    (Workload::Erc20, 1, 1_000),
    (Workload::Erc20, 10, 1_000),
    (Workload::Erc20, 40, 1_000),
    (Workload::Erc20, 100, 1_000),
    (Workload::Swap, 1, 1_000),
    (Workload::Swap, 10, 1_000),
    (Workload::Swap, 30, 1_000),
    (Workload::Deployment, 1, 1_000),
    (Workload::Deployment, 10, 1_000),
];

/// No table is lower than 2 to this, but those of units.
const LOG_HEIGHT_MIN: u8 = 6;
/// Joins between two cuts of all runs, as a part of the shapes that are left.
const JOINS: usize = 16;
/// Rows of instructions that leave all times below 2^24, with what calls add.
const ROWS_MAX: u64 = (1 << 22) - (1 << 17);

const NO_LIMITS: Limits = Limits {
    steps: [u32::MAX; CLASSES],
    io: u32::MAX,
    refreshes: u32::MAX,
    calls: u32::MAX,
    units: [u32::MAX; UNITS],
    blocks: u32::MAX,
    leaves: u32::MAX,
    nodes: u32::MAX,
    hashes: u32::MAX,
    clock: u32::MAX,
};

/// What a shape costs the prover of the guest.
struct Prices {
    log_program_height: u8,
    rows: [u64; TABLES],
    /// The cells of the costliest general shape: a segment has no more, for the prover's memory.
    most: u64,
}

impl Prices {
    fn new(key: &VerifyingKey) -> Self {
        let [program, ..] = key.log_heights(&GENERAL[0]);
        let mut cells = row_cells(key);
        let rows = core::array::from_fn(|_| cells.next().unwrap_or_default());
        let mut prices =
            Self { log_program_height: program.unwrap_or_default(), rows, most: u64::MAX };
        prices.most = GENERAL.iter().map(|shape| prices.cells(shape)).max().unwrap_or_default();
        prices
    }

    fn cells(&self, shape: &Shape) -> u64 {
        let tables = self.rows.iter().zip(shape.log_heights(self.log_program_height));
        tables.map(|(row, height)| height.map_or(0, |height| row << height)).sum()
    }

    /// The cells of a shape, if a segment may have them and its times stay small.
    fn allowed(&self, shape: &Shape) -> Option<u64> {
        let rows: u64 = shape.steps.iter().map(|height| 1 << height).sum();
        Some(self.cells(shape)).filter(|cells| *cells <= self.most && rows <= ROWS_MAX)
    }
}

/// A run, and its segments if they may have any heights.
struct Run {
    pieces: Pieces,
    free: Vec<Shape>,
    /// What those cost.
    cells: u64,
}

/// A shape of the list to be.
#[derive(Clone, Copy)]
struct Candidate {
    shape: Shape,
    cells: u64,
    /// Whether it is not for batches.
    stays: bool,
    /// How often it is used, each time by the part that it is of a run.
    weight: f64,
}

impl Candidate {
    fn new(shape: Shape, stays: bool, prices: &Prices) -> Self {
        Self { shape, cells: prices.cells(&shape), stays, weight: 0.0 }
    }
}

/// Looks for so many shapes beside the general ones, and makes them better for so long. Says on
/// the way what it has.
///
/// # Panics
/// When the guest does not end.
pub fn search(wanted: usize, time: Duration, mut say: impl FnMut(String)) -> Vec<Shape> {
    let key = VerifyingKey::new(guest()).expect("the guest's key");
    let prices = Prices::new(&key);
    let runs = runs(&prices);
    let mut list = starts(&runs, &prices);
    list.extend(GENERAL.map(|shape| Candidate::new(shape, true, &prices)));
    list.sort_by_key(|candidate| candidate.cells);
    say(format!("{} shapes: {:.4}", list.len(), weigh(&runs, &mut list)));
    let wanted = wanted + GENERAL.len();
    while list.len() > wanted {
        list.retain(|candidate| candidate.stays || candidate.weight > 0.0);
        let joins = (list.len() - wanted.min(list.len())).min(list.len() / JOINS + 1);
        if !(0..joins).all(|_| join(&mut list, &prices)) {
            say("no two more have room in one shape".to_owned());
            break;
        }
        list.sort_by_key(|candidate| candidate.cells);
        say(format!("{} shapes: {:.4}", list.len(), weigh(&runs, &mut list)));
    }
    improve(&mut list, &runs, &prices, time, &mut say);
    list.sort_by_key(|candidate| candidate.cells);
    say(format!("{} shapes: {:.4}", list.len(), weigh(&runs, &mut list)));
    list.retain(|candidate| candidate.stays || candidate.weight > 0.0);
    for (index, run) in runs.iter().enumerate() {
        let cost = cost(run, &rooms(&list)).unwrap_or(u64::MAX);
        let (kind, count, accounts) = BATCHES[index];
        say(format!(
            "{kind:?} {count} {accounts}: {:.2} Mcells each, {:.3} of any heights",
            cost as f64 / count as f64 / 1e6,
            cost as f64 / run.cells as f64
        ));
    }
    let found = list.iter().filter(|candidate| !candidate.stays);
    found.map(|candidate| candidate.shape).collect()
}

fn runs(prices: &Prices) -> Vec<Run> {
    let all = GENERAL.each_ref().map(|shape| shape.limits());
    // What a segment may have of each thing is bounded by its cells, and by its times.
    let most = Limits { clock: CLOCK_MAX, ..NO_LIMITS };
    let runs = BATCHES.iter().map(|&(kind, count, accounts)| {
        let chain = workload(kind, count, accounts);
        let last = chain.ended() - 1;
        let input = range_of(chain, last).input.salted(&SALT);
        let pieces = Pieces::new(guest(), io(input), CYCLES_MAX_DEFAULT, &all, &most);
        let pieces = pieces.expect("the guest ends");
        let cuts = pieces.freely_cut(|counts| {
            // More than any sum of segments that are allowed.
            prices.allowed(&tight(counts)).unwrap_or(u64::MAX >> 16)
        });
        let cells = cuts.iter().map(|(fit, _)| fit.cells).sum();
        Run { pieces, free: cuts.iter().map(|(_, counts)| tight(counts)).collect(), cells }
    });
    runs.collect()
}

fn starts(runs: &[Run], prices: &Prices) -> Vec<Candidate> {
    let mut list: Vec<Candidate> = Vec::new();
    for shape in runs.iter().flat_map(|run| &run.free) {
        if list.iter().all(|candidate| candidate.shape != *shape) {
            list.push(Candidate::new(*shape, false, prices));
        }
    }
    list
}

/// The lowest tables with room for so much.
fn tight(counts: &Counts) -> Shape {
    let log = |count: u32| (count.max(1).next_power_of_two().ilog2() as u8).max(LOG_HEIGHT_MIN);
    let units: u32 = counts.units.iter().sum();
    let precompiles = (units > 0 || counts.blocks > 0).then(|| PrecompileRoom {
        call: log(units),
        block: log(counts.blocks),
        units: core::array::from_fn(|unit| filled(unit, counts.units[unit])),
    });
    Shape {
        name: "",
        steps: counts.steps.map(log),
        transfer: log(counts.io),
        refresh: log(counts.refreshes + REFRESHES_PER_INSTRUCTION),
        leaf: log(counts.leaves),
        node: log(counts.nodes),
        compression: log(counts.hashes() as u32),
        precompiles,
    }
}

/// As many calls of a unit as its tables have room for if they have room for so many. Shapes with
/// any open the same tables, so that the key has few openings: every unit's but that of SHA-256,
/// which no batch needs.
fn filled(unit: usize, calls: u32) -> u32 {
    if calls == 0 && unit == Unit::Sha256.index() {
        return 0;
    }
    let tables = UNIT_TABLES.iter().filter(|(of, _)| of.index() == unit);
    let room = tables.map(|(_, rows)| {
        let rows = *rows as u32;
        (calls.max(1) * rows).next_power_of_two().max(16) / rows
    });
    room.min().unwrap_or_default()
}

/// Room for what either has room for.
fn joined(a: &Shape, b: &Shape) -> Shape {
    let precompiles = match (a.precompiles, b.precompiles) {
        (Some(a), Some(b)) => Some(PrecompileRoom {
            call: a.call.max(b.call),
            block: a.block.max(b.block),
            units: core::array::from_fn(|unit| a.units[unit].max(b.units[unit])),
        }),
        (a, b) => a.or(b),
    };
    Shape {
        name: "",
        steps: core::array::from_fn(|class| a.steps[class].max(b.steps[class])),
        transfer: a.transfer.max(b.transfer),
        refresh: a.refresh.max(b.refresh),
        leaf: a.leaf.max(b.leaf),
        node: a.node.max(b.node),
        compression: a.compression.max(b.compression),
        precompiles,
    }
}

/// Joins the two shapes by which the least is lost. One that stays may take in another that it has
/// room for. False if there are no such two.
fn join(list: &mut Vec<Candidate>, prices: &Prices) -> bool {
    let mut best: Option<(f64, usize, usize, Candidate)> = None;
    for (from, a) in list.iter().enumerate().filter(|(_, a)| !a.stays) {
        for (into, b) in list.iter().enumerate() {
            if into == from || (!b.stays && into < from) {
                continue;
            }
            let shape = joined(&a.shape, &b.shape);
            if b.stays && shape != (Shape { name: "", ..b.shape }) {
                continue;
            }
            let Some(cells) = prices.allowed(&shape) else { continue };
            let loss = |of: &Candidate| of.weight * (cells as f64 / of.cells as f64 - 1.0);
            let loss = loss(a) + loss(b);
            if best.is_none_or(|(least, ..)| loss < least) {
                let weight = [a, b].map(|of| of.weight * cells as f64 / of.cells as f64);
                let weight = weight.iter().sum();
                let shape = if b.stays { b.shape } else { shape };
                best = Some((loss, from, into, Candidate { shape, cells, stays: b.stays, weight }));
            }
        }
    }
    let Some((_, from, into, both)) = best else { return false };
    list[into] = both;
    list.swap_remove(from);
    true
}

fn rooms(list: &[Candidate]) -> Vec<(Limits, u64)> {
    list.iter().map(|candidate| (candidate.shape.limits(), candidate.cells)).collect()
}

fn cost(run: &Run, rooms: &[(Limits, u64)]) -> Option<u64> {
    let cuts = run.pieces.cut(rooms);
    (!cuts.is_empty()).then(|| cuts.iter().map(|(fit, _)| fit.cells).sum())
}

/// The mean of what the runs cost, with what they cost in segments of any heights as 1; notes how
/// much each shape is used for.
fn weigh(runs: &[Run], list: &mut [Candidate]) -> f64 {
    list.iter_mut().for_each(|candidate| candidate.weight = 0.0);
    let rooms = rooms(list);
    let mut sum = 0.0;
    for run in runs {
        for (fit, _) in run.pieces.cut(&rooms) {
            let part = fit.cells as f64 / run.cells as f64 / runs.len() as f64;
            list[fit.shape].weight += part;
            sum += part;
        }
    }
    sum
}

fn mean(runs: &[Run], list: &[Candidate]) -> f64 {
    let mut list = list.to_vec();
    list.sort_by_key(|candidate| candidate.cells);
    let rooms = rooms(&list);
    let part = |runs: &[Run]| {
        let cost = |run: &Run| cost(run, &rooms).map_or(f64::INFINITY, |cost| cost as f64);
        runs.iter().map(|run| cost(run) / run.cells as f64).sum::<f64>()
    };
    // The runs are about as long in both.
    let (even, odd) = runs.split_at(10);
    let sum = thread::scope(|scope| {
        let other = scope.spawn(|| part(odd));
        part(even) + other.join().expect("a sum")
    });
    sum / runs.len() as f64
}

/// Changes of a shape: one height more or less.
fn changes(shape: &Shape) -> Vec<Shape> {
    let mut changed = Vec::new();
    let mut push = |change: &dyn Fn(&mut Shape, i8)| {
        for by in [-1, 1] {
            let mut other = *shape;
            change(&mut other, by);
            changed.push(other);
        }
    };
    let add =
        |height: &mut u8, by: i8| *height = height.saturating_add_signed(by).max(LOG_HEIGHT_MIN);
    for class in 0..CLASSES {
        push(&|shape, by| add(&mut shape.steps[class], by));
    }
    push(&|shape, by| add(&mut shape.transfer, by));
    push(&|shape, by| add(&mut shape.refresh, by));
    push(&|shape, by| add(&mut shape.leaf, by));
    push(&|shape, by| add(&mut shape.node, by));
    push(&|shape, by| add(&mut shape.compression, by));
    if let Some(room) = shape.precompiles {
        push(&|shape, by| {
            let mut room = room;
            add(&mut room.call, by);
            shape.precompiles = Some(room);
        });
        push(&|shape, by| {
            let mut room = room;
            add(&mut room.block, by);
            shape.precompiles = Some(room);
        });
        for unit in 0..UNITS {
            push(&|shape, by| {
                let mut room = room;
                let calls = room.units[unit];
                let calls = if by > 0 { calls + 1 } else { calls / 2 };
                room.units[unit] = filled(unit, calls);
                shape.precompiles = Some(room);
            });
        }
    }
    changed
}

fn improve(
    list: &mut [Candidate],
    runs: &[Run],
    prices: &Prices,
    time: Duration,
    say: &mut impl FnMut(String),
) {
    let end = Instant::now() + time;
    let mut least = mean(runs, list);
    let mut is_better = true;
    while is_better {
        is_better = false;
        for index in 0..list.len() {
            if list[index].stays {
                continue;
            }
            for shape in changes(&list[index].shape) {
                if Instant::now() > end {
                    return;
                }
                let before = list[index];
                let Some(cells) = prices.allowed(&shape) else { continue };
                if shape == before.shape {
                    continue;
                }
                list[index] = Candidate { shape, cells, ..before };
                let now = mean(runs, list);
                if now < least {
                    (least, is_better) = (now, true);
                    // The changes of what it was are not those of what it is.
                    break;
                }
                list[index] = before;
            }
        }
        say(format!("{} shapes: {least:.4}", list.len()));
        list.sort_by_key(|candidate| candidate.cells);
    }
}

#[cfg(test)]
mod tests;
