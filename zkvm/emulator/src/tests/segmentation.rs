//! Where segments end: at exactly the instruction that the definition says, found here by a naive
//! count over one long record.

use std::collections::BTreeSet;

use minster_precompiles::{UNITS, Unit};
use minster_riscv::{Opcode, Program};

use super::random_programs::Random;
use super::recording::{WIDE, accesses, busy_io, busy_program, check, in_order, record};
use super::{CODE, CYCLES_MAX, DATA, assemble};
use crate::ecall::{COMMIT, HALT, READ_INPUT};
use crate::*;

/// What one instruction takes.
struct Needs {
    class: Class,
    cells: Vec<u32>,
    io: u32,
    commit_words: u32,
}

fn needs_of(program: &Program) -> Vec<Needs> {
    let (segments, _) = record(program, busy_io(), &[WIDE]);
    let [segment] = &*segments else { panic!("one segment") };
    let code: Vec<_> = program.code().collect();
    let needs = |(class, step): (Class, Step)| {
        let op = code[((step.pc - program.code_base()) / 4) as usize].1.expect("an instruction");
        let moved: Vec<_> = segment.io.iter().filter(|io| io.clock == step.clock).collect();
        let seen = accesses(op, &step);
        let cells = seen.iter().map(|seen| seen.cell).chain(moved.iter().map(|io| io.address));
        let commit_words = moved.iter().filter(|io| io.kind == IoKind::Commit).count() as u32;
        Needs { class, cells: cells.collect(), io: moved.len() as u32, commit_words }
    };
    in_order(segment).into_iter().map(needs).collect()
}

/// The counts of some instructions.
#[derive(Clone)]
struct Naive {
    counts: Counts,
    leaves: BTreeSet<u32>,
}

impl Naive {
    fn new() -> Self {
        let registers = REGISTER_CELLS_START / 8;
        let leaves = (registers..registers + 5).collect();
        let mut naive = Self { counts: Counts { clock: 1, ..Counts::default() }, leaves };
        naive.count_tree();
        naive
    }

    fn count_tree(&mut self) {
        let leaves = self.leaves.iter();
        let above = |leaf: &u32| {
            let leaf = *leaf;
            (1..=NODE_LEVELS).map(move |level| (level, leaf >> level))
        };
        let nodes: BTreeSet<(u32, u32)> = leaves.flat_map(above).collect();
        self.counts.leaves = self.leaves.len() as u32;
        self.counts.nodes = nodes.len() as u32;
    }

    fn add(&mut self, needs: &Needs) {
        self.counts.steps[needs.class.index()] += 1;
        self.counts.clock += 1;
        self.counts.io += needs.io;
        self.counts.commit_words += needs.commit_words;
        let known = self.leaves.len();
        self.leaves.extend(needs.cells.iter().map(|cell| cell / 8));
        if self.leaves.len() != known {
            self.count_tree();
        }
    }
}

/// The counts of each segment, or the number of the instruction that fits none.
fn naive_segments(needs: &[Needs], shapes: &[Limits]) -> Result<Vec<Counts>, usize> {
    let mut segments = Vec::new();
    let mut current = Naive::new();
    let fits = |counts: &Counts| shapes.iter().any(|shape| counts.fits(shape));
    for (index, needs) in needs.iter().enumerate() {
        let mut next = current.clone();
        next.add(needs);
        if !fits(&next.counts) {
            if current.counts.clock == 1 {
                return Err(index);
            }
            segments.push(current.counts);
            next = Naive::new();
            next.add(needs);
            if !fits(&next.counts) {
                return Err(index);
            }
        }
        current = next;
    }
    segments.push(current.counts);
    Ok(segments)
}

fn random_shape(random: &mut Random) -> Limits {
    let mut wide = |tight: u32, range: u32| match random.below(5) {
        0 | 1 => tight + random.below(range),
        _ => u32::MAX,
    };
    Limits {
        steps: std::array::from_fn(|_| wide(0, 200)),
        io: wide(5, 60),
        refreshes: u32::MAX,
        calls: u32::MAX,
        units: [u32::MAX; UNITS],
        blocks: u32::MAX,
        leaves: wide(8, 80),
        nodes: wide(200, 600),
        hashes: wide(700, 1500),
        clock: wide(20, 1500).min(1 << 24),
    }
}

#[test]
fn segments_end_where_the_definition_says() {
    let mut ended = [0, 0];
    for seed in 0..60 {
        let program = busy_program(seed);
        let needs = needs_of(&program);
        let mut random = Random(1000 + seed);
        let count = 1 + random.below(3);
        let shapes: Vec<Limits> = (0..count).map(|_| random_shape(&mut random)).collect();
        let Ok(expected) = naive_segments(&needs, &shapes) else {
            ended[0] += 1;
            assert_eq!(first_error(&program, &shapes), error_at(&program, &needs, &shapes));
            continue;
        };
        ended[1] += 1;
        let segments = check(&program, busy_io, &shapes);
        let found: Vec<Counts> = segments.iter().map(|segment| segment.counts).collect();
        assert_eq!(found, expected, "seed {seed}");
    }
    assert!(ended.iter().all(|count| *count > 3), "both happen: {ended:?}");
}

fn first_error(program: &Program, shapes: &[Limits]) -> Option<RunError> {
    let mut recorder = Recorder::new(program, busy_io(), CYCLES_MAX);
    loop {
        if let Err(error) = recorder.next_segment(shapes) {
            return Some(error);
        }
    }
}

fn error_at(program: &Program, needs: &[Needs], shapes: &[Limits]) -> Option<RunError> {
    let index = naive_segments(needs, shapes).err()?;
    let (segments, _) = record(program, busy_io(), &[WIDE]);
    let (_, step) = in_order(segments.first()?)[index];
    Some(RunError::ShapesTooSmall { pc: step.pc })
}

#[test]
fn an_ecall_is_never_split() {
    let program = assemble()
        .call(READ_INPUT, &[DATA, 30])
        .call(READ_INPUT, &[DATA, 20])
        .call(COMMIT, &[DATA, 40])
        .call(COMMIT, &[DATA, 4 * 41])
        .call(HALT, &[0])
        .program(&[]);
    let segments = check(&program, busy_io, &[Limits { io: 50, ..WIDE }]);
    let io: Vec<u32> = segments.iter().map(|segment| segment.counts.io).collect();
    assert_eq!(io, [50, 10, 41]);
    assert_eq!(segments[1].output.len(), 40);
}

#[test]
fn shapes_without_room_are_an_error() {
    let program = assemble().call(HALT, &[0]).program(&[]);
    let error = |shape: Limits| first_error(&program, &[shape]);
    let too_small = Some(RunError::ShapesTooSmall { pc: CODE });
    let mut steps = WIDE.steps;
    steps[Class::Addi.index()] = 0;
    assert_eq!(error(Limits { steps, ..WIDE }), too_small);
    assert_eq!(error(Limits { leaves: 4, ..WIDE }), too_small);
    assert_eq!(error(Limits { nodes: 10, ..WIDE }), too_small);
    assert_eq!(error(Limits { hashes: 10, ..WIDE }), too_small);
    assert_eq!(error(Limits { clock: 1, ..WIDE }), too_small);
    assert_eq!(first_error(&program, &[]), too_small);
    // The run goes on up to what fits nowhere.
    let read = assemble().call(READ_INPUT, &[DATA, 2]).call(HALT, &[0]).program(&[]);
    let ecall = RunError::ShapesTooSmall { pc: CODE + 4 * 6 };
    assert_eq!(first_error(&read, &[Limits { io: 1, ..WIDE }]), Some(ecall));
}

/// A shape that drops out does not come back, and the other goes on.
#[test]
fn the_last_feasible_shape_decides() {
    let add = |code: super::Assembler, _| code.op(Opcode::Add, 5, 6, 7, 0);
    let shift = |code: super::Assembler, _| code.op(Opcode::Sll, 5, 6, 7, 0);
    let code = (0..20).fold(assemble(), add);
    let program = (0..20).fold(code, shift).call(HALT, &[0]).program(&[]);
    let shape = |add: u32, shift: u32| {
        let mut steps = WIDE.steps;
        steps[Class::Add.index()] = add;
        steps[Class::Shift.index()] = shift;
        Limits { steps, ..WIDE }
    };
    let clocks = |shapes: &[Limits]| -> Vec<u32> {
        let segments = check(&program, Io::default, shapes);
        segments.iter().map(|segment| segment.clock_end - 1).collect()
    };
    assert_eq!(clocks(&[shape(20, 0), shape(5, 20)]), [20, 25]);
    assert_eq!(clocks(&[shape(20, 3), shape(5, 20)]), [23, 22]);
    assert_eq!(clocks(&[shape(5, 20), shape(20, 19)]), [39, 6]);
    assert_eq!(clocks(&[shape(20, 20), shape(5, 5)]), [45]);
}

#[test]
fn every_limit_limits() {
    let counts = Counts {
        steps: std::array::from_fn(|class| 10 + class as u32),
        io: 30,
        refreshes: 9,
        units: [1, 2, 3, 4, 5],
        blocks: 21,
        leaves: 40,
        nodes: 50,
        commit_words: 7,
        clock: 60,
    };
    let exact = Limits {
        steps: counts.steps,
        io: 30,
        refreshes: 9,
        calls: 15,
        units: [1, 2, 3, 4, 5],
        blocks: 21,
        leaves: 40,
        nodes: 50,
        hashes: 2 * (40 + 50) + 7,
        clock: 60,
    };
    assert!(counts.fits(&exact));
    for class in Class::ALL {
        let mut shape = exact;
        shape.steps[class.index()] -= 1;
        assert!(!counts.fits(&shape), "{class:?}");
    }
    for unit in Unit::ALL {
        let mut shape = exact;
        shape.units[unit.index()] -= 1;
        assert!(!counts.fits(&shape), "{unit:?}");
    }
    let lower: [fn(&mut Limits); 8] = [
        |shape| shape.calls -= 1,
        |shape| shape.blocks -= 1,
        |shape| shape.io -= 1,
        |shape| shape.refreshes -= 1,
        |shape| shape.leaves -= 1,
        |shape| shape.nodes -= 1,
        |shape| shape.hashes -= 1,
        |shape| shape.clock -= 1,
    ];
    for lower in lower {
        let mut shape = exact;
        lower(&mut shape);
        assert!(!counts.fits(&shape), "{shape:?}");
    }
}
