//! What a run takes of the machine's tables, in cells.

use minster_emulator::{CYCLES_MAX_DEFAULT, Counts, Io, Recorder};
use minster_machine::chip::TABLES;
use minster_machine::shape::{SHAPES, UNIT_TABLES};
use minster_prover::cost::row_cells;
use minster_riscv::{Instruction, Opcode, Program, encode};
use minster_verifier::VerifyingKey;

/// Tables whose rows a run does not decide: program, lookup and segment.
const FIXED_TABLES: usize = 3;

/// The cells of a row, by table.
pub struct Widths([u64; TABLES]);

impl Widths {
    /// The widths of the machine. They are the same for each program.
    ///
    /// # Panics
    /// Never: a program that halts has a key.
    #[must_use]
    pub fn new() -> Self {
        let halt = Instruction { opcode: Opcode::Ecall, rd: 0, rs1: 0, rs2: 0, imm: 0 };
        let base = 0x0020_0000;
        let program = Program::new(base, base, &[encode(&halt)], &[]).expect("a program");
        let key = VerifyingKey::new(&program).expect("a key");
        let mut widths = [0; TABLES];
        for (width, cells) in widths.iter_mut().zip(row_cells(&key)) {
            *width = cells;
        }
        Self(widths)
    }

    /// The cells of so many rows, by table.
    fn cells(&self, rows: &[u64; TABLES]) -> u64 {
        self.0.iter().zip(rows).map(|(width, rows)| width * rows).sum()
    }
}

impl Default for Widths {
    fn default() -> Self {
        Self::new()
    }
}

/// What a run took.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Taken {
    /// Instructions.
    pub cycles: u64,
    /// Cells of the rows that the run decides, without padding.
    pub cells: u64,
    /// The public output.
    pub output: Vec<u8>,
}

/// Runs a program in segments, each as long as some shape has room for it.
///
/// # Panics
/// When the program traps, does not end, or ends with another exit code than 0.
#[must_use]
pub fn taken(widths: &Widths, program: &Program, io: Io) -> Taken {
    let limits = SHAPES.each_ref().map(|shape| shape.limits());
    let mut recorder = Recorder::new(program, io, CYCLES_MAX_DEFAULT);
    let mut cells = 0;
    while !recorder.has_ended() {
        let segment = recorder.next_segment(&limits).expect("the program halts");
        cells += widths.cells(&rows(&segment.counts));
    }
    let outcome = recorder.into_outcome().expect("it has ended");
    assert_eq!(outcome.exit_code, 0, "{}", String::from_utf8_lossy(&outcome.text));
    Taken { cycles: outcome.cycles, cells, output: outcome.output }
}

/// The rows of a segment, by table.
fn rows(counts: &Counts) -> [u64; TABLES] {
    let units = UNIT_TABLES.map(|(unit, rows)| u64::from(counts.units[unit.index()]) * rows as u64);
    let steps = counts.steps.map(u64::from);
    let memory = [counts.io, counts.leaves, counts.nodes].map(u64::from);
    let calls = [counts.calls(), counts.blocks].map(u64::from);
    let own = [&steps[..], &memory, &[counts.hashes()], &calls, &units].concat();
    let mut all = [0; TABLES];
    all[FIXED_TABLES..].copy_from_slice(&own);
    all
}
