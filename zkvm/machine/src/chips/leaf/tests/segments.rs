//! Memory between and within whole segments: honest runs balance, and forgers do not.

use alloc::sync::Arc;

use minster_emulator::{Io, Limits, Recorder};
use minster_riscv::{Instruction, Opcode, Program, encode};
use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;

use crate::F;
use crate::cells::Cells;
use crate::checker::{Fault, faults};
use crate::chip::Chip;
use crate::chips::compression::Compression;
use crate::chips::leaf::Leaf;
use crate::chips::lookup::Lookup;
use crate::chips::node::Node;
use crate::chips::segment::Segment;
use crate::output::OutputDigest;
use crate::public::PublicValues;
use crate::rom::Rom;
use crate::shape::SHAPES;
use crate::table::Table;
use crate::trace::{RunState, segment_traces};
use crate::tree::MemoryTree;

const BASE: u32 = 0x0020_0000;

/// Stores and loads in three leaves, then halts with 0.
fn program() -> Program {
    let i = |opcode, rd, rs1, imm| Instruction { opcode, rd, rs1, rs2: 0, imm };
    let store = |rs2, rs1, imm| Instruction { opcode: Opcode::Sw, rd: 0, rs1, rs2, imm };
    let code = [
        i(Opcode::Lui, 5, 0, 0x0030_0000),
        i(Opcode::Addi, 6, 0, 77),
        store(6, 5, 0),
        store(6, 5, 4),
        i(Opcode::Lw, 7, 5, 0),
        store(7, 5, 512),
        i(Opcode::Lw, 8, 5, 4),
        store(0, 5, 0),
        i(Opcode::Lw, 9, 5, 512),
        i(Opcode::Addi, 17, 0, 93),
        i(Opcode::Ecall, 0, 0, 0),
    ];
    let words: Vec<u32> = code.iter().map(encode).collect();
    let data: &[(u32, &[u8])] = &[(0x0030_0000, &[1, 2, 3, 4])];
    Program::new(BASE, BASE, &words, data).expect("a program")
}

/// A segment that a forger may change.
#[derive(Clone)]
struct Forged {
    chips: Vec<Chip>,
    tables: Vec<RowMajorMatrix<F>>,
    public: PublicValues,
}

/// The segments of the run, some instructions each.
fn run() -> Vec<Forged> {
    let program = program();
    let [shape, ..] = &SHAPES;
    let limits = Limits { clock: 6, ..shape.limits() };
    let mut recorder = Recorder::new(&program, Io::default(), 1000);
    let rom = Arc::new(Rom::new(&program));
    let memory = MemoryTree::new(program.image().map(|(address, word)| (address / 4, word)));
    let mut state = RunState { memory, output: OutputDigest::default() };
    let chips = Chip::all(Arc::clone(&rom)).to_vec();
    let mut segments = Vec::new();
    while !recorder.has_ended() {
        let record = recorder.next_segment(&[limits]).expect("a segment");
        let traces = segment_traces(&record, &rom, shape, &mut state).expect("its tables");
        let (tables, public) = (traces.tables, traces.public);
        segments.push(Forged { chips: chips.clone(), tables, public });
    }
    segments
}

impl Forged {
    fn table<T: Table>(&mut self) -> &mut RowMajorMatrix<F> {
        let at = self.chips.iter().position(|chip| chip.name() == T::NAME);
        &mut self.tables[at.expect("a table")]
    }

    fn row<T: Table>(&mut self, row: usize) -> T::Row<F> {
        T::Row::<F>::read(&mut self.table::<T>().row_mut(row).iter()).expect("a row")
    }

    /// With one row changed.
    fn with<T: Table>(&self, row: usize, change: impl FnOnce(&mut T::Row<F>)) -> Self {
        let mut forged = self.clone();
        let mut cells = forged.row::<T>(row);
        change(&mut cells);
        cells.write(&mut forged.table::<T>().row_mut(row).iter_mut());
        forged
    }

    /// With other public values, in the segment chip's row too.
    fn claims(&self, public: PublicValues) -> Self {
        let mut forged = self.with::<Segment>(0, |row| row.public = public.cells());
        forged.public = public;
        forged
    }

    /// Buses that do not balance and constraints that fail.
    fn faults(&self) -> Vec<String> {
        let name = |fault| match fault {
            Fault::Bus { bus, .. } => bus,
            Fault::Constraint { id, .. } => id.into(),
        };
        let all = faults(&self.chips, &self.tables, &self.public, usize::MAX);
        let mut names: Vec<String> = all.into_iter().map(name).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

#[test]
fn segments_follow_each_other_in_memory() {
    let segments = run();
    assert_eq!(segments.len(), 3);
    for segment in &segments {
        assert_eq!(segment.faults(), Vec::<String>::new());
    }
    for pair in segments.windows(2) {
        assert_eq!(pair[0].public.root_after, pair[1].public.root_before);
        assert_ne!(pair[0].public.root_before, pair[0].public.root_after);
    }
}

/// Soundness list 13: the memory of one segment claimed for another.
#[test]
fn roots_are_not_exchanged() {
    let segments = run();
    let [first, second] = [&segments[0], &segments[1]];
    let claims = [
        PublicValues { root_before: first.public.root_before, ..second.public.clone() },
        PublicValues { root_after: second.public.root_before, ..second.public.clone() },
        PublicValues {
            root_before: second.public.root_after,
            root_after: second.public.root_before,
            ..second.public.clone()
        },
    ];
    for public in claims {
        assert_eq!(second.claims(public).faults(), ["node"]);
    }
}

/// Soundness lists 12 to 14, on the rows of a segment.
#[test]
fn leaves_and_nodes_are_held_by_the_other_tables() {
    let mut honest = run().remove(1);
    let leaf = honest.row::<Leaf>(0);
    let node = honest.row::<Node>(0);
    let faults = |forged: Forged| forged.faults();
    // A leaf started twice: all its 16 messages on the memory bus cancel only if it is idle.
    let twice = honest.with::<Leaf>(100, |row| *row = leaf);
    assert_eq!(faults(twice), ["compression", "memory", "node", "range"]);
    let missing = honest.with::<Leaf>(0, |row| row.real = F::ZERO);
    assert_eq!(faults(missing), ["compression", "memory", "node", "range"]);
    // A leaf of RAM in the place of one of the registers.
    let moved = honest.with::<Leaf>(0, |row| row.index = F::from_u32(1 << 26));
    assert_eq!(faults(moved), ["memory", "node"]);
    let renamed = honest.with::<Node>(0, |row| row.index += F::ONE);
    assert_eq!(faults(renamed), ["node"]);
    for level in [F::ZERO, F::from_u32(28), -F::ONE] {
        let raised = honest.with::<Node>(0, |row| row.level = level);
        assert_eq!(faults(raised), ["node"]);
    }
    let repeated = honest.with::<Node>(1000, |row| *row = node);
    assert_eq!(faults(repeated), ["compression", "node"]);
    let untouched = honest.with::<Node>(0, |row| {
        (row.left_touched, row.right_touched) = (F::ZERO, F::ZERO);
    });
    assert!(faults(untouched).contains(&"node".into()));
}

/// Soundness list 15: counts of what tables provide.
#[test]
fn counts_are_held_by_the_questions() {
    let honest = run().remove(1);
    let forgeries = [
        (honest.with::<Lookup>(5, |row| row.range += F::ONE), "range"),
        (honest.with::<Lookup>(5, |row| row.range = -row.range - F::ONE), "range"),
        (honest.with::<Lookup>(9, |row| row.xor += F::ONE), "xor"),
        (honest.with::<Lookup>(9, |row| row.septets += F::ONE), "septets"),
        (honest.with::<Compression>(0, |row| row.count += F::ONE), "compression"),
        (honest.with::<Compression>(4000, |row| row.count = -F::ONE), "compression"),
    ];
    for (forged, bus) in forgeries {
        assert_eq!(forged.faults(), [bus]);
    }
    let zero = |row: &mut _| *row = Cells::<F>::all(F::ZERO);
    let faults = honest.with::<Compression>(4000, zero).faults();
    // A row of zeros is no compression: padding is not zero here.
    assert_eq!(faults, ["COMPRESSION-1", "COMPRESSION-2", "COMPRESSION-3"]);
}
