//! What a run takes of the machine's tables, and what a prover pays for it.
//!
//! A prover pays for whole shapes, however full they are. So what the same thing costs, done again
//! and again, is the shape that holds most of it for its cells: of one of its tables there is no
//! more room, and the others are as empty as they happen to be; `weights` says what is charged for
//! it, which has to hold for turns with other things too. What the phases of a batch do, one
//! after the other for all that it touches, each finds a shape of its own: that costs its rows, and
//! a part more that whole blocks show.

use minster_emulator::{CYCLES_MAX_DEFAULT, Counts, Io, Limits, Recorder};
use minster_machine::chip::{BASE_TABLES, TABLES};
use minster_machine::shape::{SHAPES, UNIT_TABLES};
use minster_precompiles::UNITS;
use minster_prover::cost::{cells, row_cells, run_cells};
use minster_riscv::Program;
use minster_verifier::VerifyingKey;

use super::super::triangle::guest;

/// Things that a shape has room for.
const THINGS: usize = 25;

/// What there is less of than this in an instruction comes from what else differs between two runs.
const NOISE: f64 = 1e-5;

/// So much of each of them, instructions at the end.
pub type Rows = [f64; THINGS];

/// The shapes of the machine, as the guest's prover pays for them.
pub struct Shapes {
    key: VerifyingKey,
    rooms: Vec<(Rows, f64)>,
    /// The cells of one of each thing.
    widths: Rows,
}

impl Shapes {
    /// All of them.
    ///
    /// # Panics
    /// Never: the guest has a key.
    #[must_use]
    pub fn new() -> Self {
        let key = VerifyingKey::new(guest()).expect("a key");
        let rooms = SHAPES.iter().map(|shape| (room(&shape.limits()), cells(&key, shape) as f64));
        let (rooms, widths) = (rooms.collect(), widths(&key));
        Self { key, rooms, widths }
    }

    /// The cells of one of each thing.
    #[must_use]
    pub fn widths(&self) -> Rows {
        self.widths
    }

    /// The cells of so many rows, with none left empty.
    #[must_use]
    pub fn full_cells(&self, rows: &Rows) -> f64 {
        rows.iter().zip(&self.widths).map(|(rows, width)| rows * width).sum()
    }

    /// The cells of so many rows among as many others as one likes that are the same.
    #[must_use]
    pub fn cells(&self, rows: &Rows) -> f64 {
        let [.., clock] = rows;
        let least = clock * NOISE;
        let whole = |(room, cells): &(Rows, f64)| {
            let parts = rows.iter().zip(room).filter(|(rows, _)| **rows > least);
            cells * parts.map(|(rows, room)| rows / room).fold(0.0, f64::max)
        };
        self.rooms.iter().map(whole).fold(f64::INFINITY, f64::min)
    }

    /// The cells of all segments of a run.
    ///
    /// # Panics
    /// When it traps or does not end.
    #[must_use]
    pub fn run_cells(&self, io: Io) -> u64 {
        run_cells(guest(), &self.key, io, CYCLES_MAX_DEFAULT).expect("the program halts")
    }
}

impl Default for Shapes {
    fn default() -> Self {
        Self::new()
    }
}

/// What a run took.
#[derive(Debug, Clone, PartialEq)]
pub struct Taken {
    /// Instructions.
    pub cycles: u64,
    /// What the run filled.
    pub rows: Rows,
    /// The public output.
    pub output: Vec<u8>,
}

/// Runs a program in segments, each as long as some shape has room for it.
///
/// # Panics
/// When the program traps, does not end, or ends with another exit code than 0.
#[must_use]
pub fn taken(program: &Program, io: Io) -> Taken {
    let limits = SHAPES.each_ref().map(|shape| shape.limits());
    let mut recorder = Recorder::new(program, io, CYCLES_MAX_DEFAULT);
    let mut rows = [0.0; THINGS];
    while !recorder.has_ended() {
        let segment = recorder.next_segment(&limits).expect("the program halts");
        for (sum, rows) in rows.iter_mut().zip(filled(&segment.counts)) {
            *sum += rows;
        }
    }
    let outcome = recorder.into_outcome().expect("it has ended");
    assert_eq!(outcome.exit_code, 0, "{}", String::from_utf8_lossy(&outcome.text));
    Taken { cycles: outcome.cycles, rows, output: outcome.output }
}

/// The cells of an instruction by class, of a call by unit, and of what else has tables.
fn widths(key: &VerifyingKey) -> Rows {
    let tables: Vec<f64> = row_cells(key).map(|cells| cells as f64).collect();
    let (base, precompiles) = tables.split_at(BASE_TABLES);
    let [call, block, of_units @ ..] = precompiles else { panic!("{TABLES} tables") };
    let mut units = [0.0; UNITS];
    for ((unit, rows), cells) in UNIT_TABLES.iter().zip(of_units) {
        units[unit.index()] += *rows as f64 * cells;
    }
    let [_, _, _, steps @ .., transfer, refresh, leaf, node, compression] = base else {
        panic!("{BASE_TABLES} tables")
    };
    let others = [*transfer, *refresh, *call, *block, *leaf, *node, *compression, 0.0];
    collected(steps.iter().chain(&units).copied().chain(others))
}

/// What a shape has room for.
fn room(limits: &Limits) -> Rows {
    let Limits { steps, io, refreshes, calls, units, blocks, leaves, nodes, hashes, clock } =
        *limits;
    let others = [io, refreshes, calls, blocks, leaves, nodes, hashes, clock];
    things(&steps, &units, others.map(f64::from))
}

/// What a segment has filled.
fn filled(counts: &Counts) -> Rows {
    let Counts { steps, io, refreshes, units, blocks, leaves, nodes, clock, .. } = *counts;
    let [io, refreshes, calls, blocks, leaves, nodes, clock] =
        [io, refreshes, counts.calls(), blocks, leaves, nodes, clock].map(f64::from);
    let hashes = counts.hashes() as f64;
    things(&steps, &units, [io, refreshes, calls, blocks, leaves, nodes, hashes, clock])
}

fn things(steps: &[u32], units: &[u32], others: [f64; 8]) -> Rows {
    let counted = steps.iter().chain(units).map(|count| f64::from(*count));
    collected(counted.chain(others))
}

fn collected(numbers: impl Iterator<Item = f64>) -> Rows {
    let mut all = [0.0; THINGS];
    for (thing, number) in all.iter_mut().zip(numbers) {
        *thing = number;
    }
    all
}
