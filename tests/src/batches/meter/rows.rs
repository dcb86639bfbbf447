//! What a run takes of the machine's tables, in cells.

use minster_emulator::{CYCLES_MAX_DEFAULT, Counts, Io, Recorder};
use minster_machine::chip::TABLES;
use minster_machine::chips::{
    blake3, blake3_call, keccak, lanes, modular, precompile::PrecompileTable, secp256k1, sha256,
};
use minster_machine::shape::SHAPES;
use minster_precompiles::Unit;
use minster_riscv::{Instruction, Opcode, Program, encode};
use minster_verifier::VerifyingKey;

/// Elements of the base field in one of the extension, of which the columns of the buses are.
const EXTENSION_DEGREE: usize = 5;
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
        let tables = key.chips().iter().zip(&key.shared().lookups);
        for (width, (chip, lookups)) in widths.iter_mut().zip(tables) {
            let bus_columns = if lookups.is_empty() { 0 } else { lookups.len() + 1 };
            *width = (chip.column_names().len() + EXTENSION_DEGREE * bus_columns) as u64;
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

/// Runs a program as the prover records it, in segments of its shapes.
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
    let units = [
        (Unit::Keccak, keccak::Keccak::ROWS),
        (Unit::Keccak, lanes::Lanes::ROWS),
        (Unit::Sha256, sha256::Sha256::ROWS),
        (Unit::Blake3, blake3::Blake3::ROWS),
        (Unit::Blake3, blake3_call::Blake3Call::ROWS),
        (Unit::Modular, modular::Modular::ROWS),
        (Unit::Secp256k1, secp256k1::Secp256k1::ROWS),
    ];
    let units = units.map(|(unit, rows)| u64::from(counts.units[unit.index()]) * rows as u64);
    let steps = counts.steps.map(u64::from);
    let memory = [counts.io, counts.leaves, counts.nodes].map(u64::from);
    let calls = [counts.calls(), counts.blocks].map(u64::from);
    let own = [&steps[..], &memory, &[counts.hashes()], &calls, &units].concat();
    let mut all = [0; TABLES];
    all[FIXED_TABLES..].copy_from_slice(&own);
    all
}
