//! What is recorded is one consistent memory, and the same run as without recording.

use std::collections::{BTreeMap, BTreeSet};

use minster_precompiles::UNITS;
use minster_riscv::{Instruction, Opcode, Program};

use super::random_programs::{self, Random};
use super::{A0, A1, A2, A7, CODE, CYCLES_MAX, DATA, T0, T1, ZERO, assemble};
use crate::ecall::{COMMIT, HALT, READ_HINT, READ_INPUT, WRITE};
use crate::*;

pub const WIDE: Limits = Limits {
    steps: [u32::MAX; CLASSES],
    io: u32::MAX,
    refreshes: u32::MAX,
    calls: u32::MAX,
    units: [u32::MAX; UNITS],
    blocks: u32::MAX,
    leaves: u32::MAX,
    nodes: u32::MAX,
    hashes: u32::MAX,
    clock: 1 << 24,
};

/// Random instructions between ecalls that move words.
pub fn busy_program(seed: u64) -> Program {
    let mut random = Random(seed);
    let mut code = assemble();
    for _ in 0..6 {
        let blocks = 1 + random.below(2);
        let words = random_programs::program(&mut random, blocks, DATA);
        // Without its end.
        code.words.extend(&words[..words.len() - 5]);
        let mut buffer = || 0x2_0000 + (random.below(1 << 24) << 2 >> random.below(16) & !3);
        code = code
            .call(READ_INPUT, &[buffer(), 1 + seed as u32 % 40])
            .call(READ_HINT, &[buffer(), 17])
            .call(COMMIT, &[DATA, 4 * (seed as u32 % 64)])
            .call(COMMIT, &[buffer(), 100])
            .call(WRITE, &[1, DATA, 16]);
    }
    code = code.call(COMMIT, &[0x7000_0000, 3]).call(HALT, &[seed as u32]);
    code.program(&[(DATA + random_programs::DUMP_SIZE, &[1, 2, 3, 4, 5])])
}

pub fn busy_io() -> Io {
    let input = (0..500).map(|index| (index % 251) as u8).collect();
    Io { input, hints: vec![0xaa; 131], ..Io::default() }
}

pub fn record(program: &Program, io: Io, shapes: &[Limits]) -> (Vec<SegmentRecord>, Outcome) {
    let mut recorder = Recorder::new(program, io, CYCLES_MAX);
    let mut segments = Vec::new();
    while !recorder.has_ended() {
        segments.push(recorder.next_segment(shapes).expect("the program halts"));
    }
    assert_eq!(recorder.next_segment(shapes).err(), Some(RunError::Ended));
    (segments, recorder.into_outcome().expect("it has ended"))
}

/// An access as the record shows it: the cell, the state before, the value after, and its stamp.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    pub cell: u32,
    pub access: Access,
    pub after: u32,
    pub stamp: u32,
}

fn register(index: u8) -> u32 {
    REGISTER_CELLS_START + u32::from(index)
}

/// The accesses of a step, from the table of the README.
pub fn accesses(op: Instruction, step: &Step) -> Vec<Seen> {
    let Step { rs1, rs2, memory, rd, .. } = *step;
    let at = |slot, cell, access: Access, after| {
        let stamp = 4 * step.clock + slot;
        Seen { cell, access, after, stamp }
    };
    if op.opcode == Opcode::Ecall {
        return vec![
            at(0, register(A7), rs1, rs1.value),
            at(1, register(A1), rs2, rs2.value),
            at(2, register(A2), memory, step.memory_value),
            at(3, register(A0), rd, step.rd_value),
        ];
    }
    use Opcode::*;
    let is_load = matches!(op.opcode, Lw | Lb | Lbu | Lh | Lhu);
    let is_store = matches!(op.opcode, Sw | Sb | Sh);
    let is_branch = matches!(op.opcode, Beq | Bne | Blt | Bge | Bltu | Bgeu);
    let is_unary = matches!(op.opcode, Addi | Lui | Auipc | Jal | Fence | Jalr);
    let mut seen = vec![at(0, register(op.rs1), rs1, rs1.value)];
    if !is_load && !is_unary {
        seen.push(at(1, register(op.rs2), rs2, rs2.value));
    }
    if is_load || is_store {
        let cell = rs1.value.wrapping_add(op.imm) / 4;
        seen.push(at(2, cell, memory, step.memory_value));
    }
    if !is_store && !is_branch {
        let cell = if op.rd == ZERO { sink_cell() } else { register(op.rd) };
        seen.push(at(3, cell, rd, step.rd_value));
    }
    let used = |slot| seen.iter().any(|seen| seen.stamp % 4 == slot);
    let none = Access::default();
    assert!(used(1) || rs2 == none, "{op:?} {step:?}");
    assert!(used(2) || (memory, step.memory_value) == (none, 0), "{op:?} {step:?}");
    assert!(used(3) || (rd, step.rd_value) == (none, 0), "{op:?} {step:?}");
    seen
}

/// The steps of all classes in the order in which they ran.
pub fn in_order(segment: &SegmentRecord) -> Vec<(Class, Step)> {
    let of = |class| segment.steps_of(class).iter().map(move |step| (class, *step));
    let mut steps: Vec<_> = Class::ALL.into_iter().flat_map(of).collect();
    for class in Class::ALL {
        assert!(segment.steps_of(class).is_sorted_by_key(|step| step.clock));
    }
    steps.sort_by_key(|(_, step)| step.clock);
    steps
}

fn check_control(program: &Program, segment: &SegmentRecord) {
    let calls = segment.calls.iter().map(|call| (call.clock, call.pc, call.pc + 4, Class::Ecall));
    let steps = in_order(segment).into_iter();
    let steps = steps.map(|(class, step)| (step.clock, step.pc, step.next_pc, class));
    let mut visits: Vec<_> = steps.chain(calls).collect();
    visits.sort_by_key(|(clock, ..)| *clock);
    let mut pc = segment.pc_start;
    for ((at, from, next_pc, class), clock) in visits.iter().zip(1..) {
        assert_eq!((*at, *from), (clock, pc));
        let op = op_at(program, pc);
        assert_eq!(Class::of(op.opcode), Some(*class));
        let jumps = matches!(*class, Class::Branch | Class::Jalr) || op.opcode == Opcode::Jal;
        assert!(jumps || *next_pc == pc + 4);
        pc = *next_pc;
    }
    assert_eq!(segment.clock_end as usize, visits.len() + 1);
    assert!(segment.halted.is_some() || segment.pc_end == pc);
    let counts = segment.steps.each_ref().map(|steps| steps.len() as u32);
    assert_eq!(segment.counts.steps, counts);
    assert_eq!(segment.counts.clock, segment.clock_end);
    assert_eq!(segment.counts.io as usize, segment.io.len());
    assert_eq!(segment.counts.leaves as usize, segment.leaves.len());
    assert_eq!(segment.counts.calls() as usize, segment.calls.len());
    assert_eq!(segment.counts.blocks as usize, segment.blocks.len());
}

fn op_at(program: &Program, pc: u32) -> Instruction {
    let index = (pc - program.code_base()) / 4;
    let (found, op) = program.code().nth(index as usize).expect("inside the code");
    assert_eq!(found, pc);
    op.expect("an instruction")
}

/// The accesses of the precompiles: the registers, and every word of the operands.
fn call_accesses(segment: &SegmentRecord) -> Vec<Seen> {
    let mut seen = Vec::new();
    let mut blocks = segment.blocks.iter();
    for call in &segment.calls {
        let operands = call.function.operands();
        let addresses = (A0..).zip(call.addresses).take(operands.len());
        let number = (A7, call.number);
        assert_eq!(call.number.value, call.function.number());
        assert!(call.addresses[operands.len()..].iter().all(|unused| *unused == Access::default()));
        seen.extend([number].into_iter().chain(addresses).map(|(index, access)| Seen {
            cell: register(index),
            access,
            after: access.value,
            stamp: 4 * call.clock,
        }));
        for ((address, count), slot) in call.addresses.iter().zip(operands).zip(OPERAND_SLOTS) {
            for (block, at) in blocks.by_ref().take(*count).zip((address.value / 4..).step_by(8)) {
                assert_eq!((block.clock, block.slot, block.cell), (call.clock, slot, at));
                let words = block.memory.iter().zip(block.after).zip(at..);
                let stamp = slot.stamp(call.clock);
                seen.extend(words.map(|((access, after), cell)| {
                    assert!(slot == Slot::Rd || after == access.value);
                    Seen { cell, access: *access, after, stamp }
                }));
            }
        }
    }
    assert_eq!(blocks.next(), None);
    seen
}

/// The cells that calls move, with the stamps of these accesses.
fn moved_by_calls(segment: &SegmentRecord) -> impl Iterator<Item = (u32, u32)> {
    let blocks = segment
        .blocks
        .iter()
        .flat_map(|block| (block.cell..).take(8).map(|cell| (cell, block.slot.stamp(block.clock))));
    blocks.chain(segment.io.iter().map(|io| (io.address, 4 * io.clock + 2)))
}

/// Replays all accesses in the order of their stamps from `before` of the leaves; they must end in
/// `after` of the leaves.
fn check_memory(program: &Program, segment: &SegmentRecord) {
    assert!(segment.leaves.is_sorted_by(|a, b| a.index < b.index));
    let mut cells = BTreeMap::new();
    for leaf in &segment.leaves {
        for (cell, value) in (8 * leaf.index..).zip(leaf.before) {
            cells.insert(cell, (value, leaf.starts[cell as usize % 8]));
        }
    }
    let steps = in_order(segment);
    let of = |(_, step): &(Class, Step)| accesses(op_at(program, step.pc), step);
    let mut seen: Vec<Seen> = steps.iter().flat_map(of).collect();
    seen.extend(segment.io.iter().map(|io| Seen {
        cell: io.address,
        access: io.memory,
        after: io.value,
        stamp: 4 * io.clock + 2,
    }));
    seen.extend(call_accesses(segment));
    // What instructions access is recent, or stamped anew; what calls move may be of any age.
    let of_any_age: BTreeSet<(u32, u32)> = moved_by_calls(segment).collect();
    let refreshes = segment.refreshes.iter().map(|refresh| Seen {
        cell: refresh.cell,
        access: refresh.access,
        after: refresh.access.value,
        stamp: refresh.stamp,
    });
    assert_eq!(refreshes.len(), segment.counts.refreshes as usize);
    let refreshed: BTreeSet<(u32, u32)> = refreshes.clone().map(|r| (r.cell, r.stamp)).collect();
    seen.extend(refreshes);
    // Stable: a refresh comes behind the accesses of other cells with its stamp.
    seen.sort_by_key(|seen| seen.stamp);
    for Seen { cell, access, after, stamp } in seen {
        let state = cells.get_mut(&cell).expect("in a touched leaf");
        assert_eq!(*state, (access.value, access.stamp), "{cell:#x} at {stamp}");
        assert!(access.stamp < stamp);
        let age = stamp - access.stamp;
        let is_recent = age <= AGE_MAX || of_any_age.contains(&(cell, stamp));
        // The access that it is for is at the next stamp.
        let is_refresh = refreshed.contains(&(cell, stamp));
        assert!(if is_refresh { age >= AGE_MAX } else { is_recent });
        let written = cell == sink_cell() || stamp % 4 >= 2;
        assert!(written || after == access.value);
        *state = (after, stamp);
    }
    for leaf in &segment.leaves {
        for (lane, cell) in (8 * leaf.index..8 * leaf.index + 8).enumerate() {
            assert_eq!(cells[&cell], (leaf.after[lane], leaf.stamps[lane]), "{cell:#x}");
        }
        let is_register = leaf.index >= REGISTER_CELLS_START / 8;
        assert!(is_register || leaf.stamps != [0; 8]);
    }
    assert_eq!(cells[&REGISTER_CELLS_START].0, 0, "x0");
}

fn check_io(segment: &SegmentRecord) {
    let mut output: Vec<u8> = Vec::new();
    let mut last: Option<&IoStep> = None;
    for io in &segment.io {
        let unit = |io: &IoStep| if io.kind == IoKind::Commit { 4 } else { 1 };
        if let Some(last) = last.filter(|last| last.remaining > unit(last)) {
            let unit = unit(last);
            let expected = (last.kind, last.clock, last.address + 1, last.remaining - unit);
            assert_eq!((io.kind, io.clock, io.address, io.remaining), expected);
        }
        if io.kind == IoKind::Commit {
            assert_eq!(io.value, io.memory.value);
            output.extend(&io.value.to_le_bytes()[..io.remaining.min(4) as usize]);
        }
        last = Some(io);
    }
    assert_eq!(output, segment.output);
    assert!(last.is_none_or(|last| last.remaining <= 4));
    let commits = segment.io.iter().filter(|io| io.kind == IoKind::Commit).count();
    assert_eq!(segment.counts.commit_words as usize, commits);
}

/// Neighbours meet: in the pc and in every word of memory.
fn check_chain(program: &Program, segments: &[SegmentRecord]) {
    let mut memory: BTreeMap<u32, u32> =
        program.image().map(|(address, word)| (address / 4, word)).collect();
    let mut pc = program.entry();
    for (segment, index) in segments.iter().zip(0..) {
        assert_eq!((segment.index, segment.pc_start), (index, pc));
        pc = segment.pc_end;
        for leaf in &segment.leaves {
            for (lane, cell) in (8 * leaf.index..8 * leaf.index + 8).enumerate() {
                let before = memory.insert(cell, leaf.after[lane]).unwrap_or_default();
                assert_eq!(before, leaf.before[lane], "{cell:#x}");
            }
        }
    }
    let (last, others) = segments.split_last().expect("at least one segment");
    assert!(last.halted.is_some());
    assert!(others.iter().all(|segment| segment.halted.is_none()));
}

pub fn check(program: &Program, io: impl Fn() -> Io, shapes: &[Limits]) -> Vec<SegmentRecord> {
    let (segments, outcome) = record(program, io(), shapes);
    assert_eq!(run(program, io(), CYCLES_MAX), Ok(outcome.clone()));
    for segment in &segments {
        check_control(program, segment);
        check_memory(program, segment);
        check_io(segment);
        assert!(shapes.iter().any(|shape| segment.counts.fits(shape)));
    }
    check_chain(program, &segments);
    let output: Vec<u8> = segments.iter().flat_map(|segment| segment.output.clone()).collect();
    assert_eq!(output, outcome.output);
    assert_eq!(segments.last().and_then(|last| last.halted), Some(outcome.exit_code));
    let cycles: u64 = segments.iter().map(|segment| u64::from(segment.clock_end) - 1).sum();
    assert_eq!(cycles, outcome.cycles);
    segments
}

#[test]
fn records_are_consistent() {
    for seed in 0..40 {
        let program = busy_program(seed);
        let clock = [1 << 24, 50, 333, 1000][seed as usize % 4];
        let segments = check(&program, busy_io, &[Limits { clock, ..WIDE }]);
        assert_eq!(segments.len() > 1, clock < 1 << 24);
    }
}

#[test]
fn every_class_is_recorded() {
    let segments: Vec<_> =
        (0..10).flat_map(|seed| check(&busy_program(seed), busy_io, &[WIDE])).collect();
    for class in Class::ALL {
        assert!(segments.iter().any(|segment| !segment.steps_of(class).is_empty()), "{class:?}");
    }
    let kinds = [IoKind::Read, IoKind::Commit];
    for kind in kinds {
        assert!(segments.iter().any(|segment| segment.io.iter().any(|io| io.kind == kind)));
    }
}

/// Programs ask in this way how much there is to read, with a pointer to nothing.
#[test]
fn a_read_of_no_words_touches_no_memory() {
    let mut code = assemble();
    for address in [4, DATA + 4] {
        code = code.call(READ_INPUT, &[address, 0]).call(READ_HINT, &[address, 0]);
    }
    let code = code.set(T0, DATA).op(Opcode::Sw, 0, T0, T0, 4).call(READ_HINT, &[DATA + 8, 0]);
    let code = code.halt_with(ZERO);
    let segments = check(&code.program(&[]), busy_io, &[WIDE]);
    let [segment] = &*segments else { panic!("one segment") };
    assert!(segment.io.is_empty());
    let ram = segment.leaves.iter().filter(|leaf| leaf.index < REGISTER_CELLS_START / 8);
    assert_eq!(ram.count(), 1);
}

/// The stamps of one small program, written out by hand.
#[test]
fn stamps_by_hand() {
    let program = assemble()
        .op(Opcode::Addi, T0, ZERO, 0, 5)
        .op(Opcode::Add, T1, T0, T0, 0)
        .op(Opcode::Sw, 0, ZERO, T1, 0x100)
        .op(Opcode::Lb, ZERO, ZERO, 0, 0x101)
        .halt_with(ZERO);
    let (segments, _) = record(&program.program(&[]), Io::default(), &[WIDE]);
    let [segment] = &*segments else { panic!("one segment") };
    let at = |value, stamp| Access { value, stamp };
    let add = segment.steps_of(Class::Add)[0];
    let common = Step { pc: CODE + 4, clock: 2, next_pc: CODE + 8, ..Step::default() };
    let expected = Step { rs1: at(5, 7), rs2: at(5, 8), rd: at(0, 10), rd_value: 10, ..common };
    assert_eq!(add, expected);
    let store = segment.steps_of(Class::Word)[0];
    let common = Step { pc: CODE + 8, clock: 3, next_pc: CODE + 12, ..Step::default() };
    let memory = at(0, 13);
    let expected = Step { rs1: at(0, 4), rs2: at(10, 11), memory, memory_value: 10, ..common };
    assert_eq!(store, expected);
    let load = segment.steps_of(Class::SubWord)[0];
    let common = Step { pc: CODE + 12, clock: 4, next_pc: CODE + 16, ..Step::default() };
    let (memory, memory_value) = (at(10, 14), 10);
    let expected = Step { rs1: at(0, 12), memory, memory_value, rd: at(0, 18), ..common };
    assert_eq!(load, expected);
    let indices: Vec<u32> = segment.leaves.iter().map(|leaf| leaf.index).collect();
    let registers = REGISTER_CELLS_START / 8;
    assert_eq!(indices, [&[8][..], &(registers..registers + 5).collect::<Vec<_>>()].concat());
    assert_eq!(segment.leaves[0].starts, [13, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(segment.leaves[0].stamps, [18, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(segment.refreshes, []);
    // 27 above the leaf of RAM; 3 + 2 + 1 join those of the registers, 24 - 1 are new on the way.
    assert_eq!(segment.counts.nodes, 27 + 3 + 2 + 1 + 23);
}

/// A cell that is accessed again just early enough for the access itself to show it, and one tick
/// later.
#[test]
fn old_cells_are_stamped_anew() {
    for (late, count) in [(false, 0), (true, 1)] {
        // Four instructions between the stores, and two for each round.
        let rounds = (AGE_MAX / 4 - 4) / 2;
        let code = assemble()
            .op(Opcode::Sw, 0, ZERO, ZERO, 0x100)
            .op(Opcode::Fence, 0, 0, 0, 0)
            .set(T0, rounds)
            .op(Opcode::Addi, T0, T0, 0, -1)
            .op(Opcode::Bne, 0, T0, ZERO, -4);
        let code = if late { code.op(Opcode::Fence, 0, 0, 0, 0) } else { code };
        let program = code.op(Opcode::Sw, 0, ZERO, T0, 0x100).halt_with(ZERO).program(&[]);
        let (segments, _) = record(&program, Io::default(), &[WIDE]);
        let [segment] = &*segments else { panic!("one segment") };
        check_memory(&program, segment);
        let [_, again] = segment.steps_of(Class::Word) else { panic!("two stores") };
        assert_eq!(4 * (again.clock - 1), AGE_MAX + 4 * count);
        assert_eq!(segment.counts.refreshes, count);
        let old = Access { value: 0, stamp: 6 };
        let stamp = 4 * again.clock + 1;
        let expected = [Refresh { cell: 0x40, access: old, stamp }];
        assert_eq!(segment.refreshes, expected[..count as usize]);
        assert_eq!(again.memory, if late { Access { value: 0, stamp } } else { old });
    }
}

/// A segment that has no room for more of them ends behind the instruction that did it.
#[test]
fn a_segment_ends_when_too_many_cells_are_stamped_anew() {
    let mut code = assemble();
    for _ in 0..4 {
        code = code
            .op(Opcode::Sw, 0, ZERO, ZERO, 0x100)
            .set(T0, AGE_MAX / 4)
            .op(Opcode::Addi, T0, T0, 0, -1)
            .op(Opcode::Bne, 0, T0, ZERO, -4);
    }
    let program = code.halt_with(ZERO).program(&[]);
    let counts = |refreshes: u32| -> Vec<u32> {
        let shapes = [Limits { refreshes, ..WIDE }];
        let (segments, _) = record(&program, Io::default(), &shapes);
        segments.iter().for_each(|segment| check_memory(&program, segment));
        segments.iter().map(|segment| segment.counts.refreshes).collect()
    };
    assert_eq!(counts(u32::MAX), [3]);
    assert_eq!(counts(3), [3]);
    // The third one is in a segment that ends with its store; the fourth starts a new one.
    assert_eq!(counts(1), [2, 0]);
}

#[test]
fn an_error_ends_the_run() {
    let program = assemble().op(Opcode::Ebreak, 0, 0, 0, 0).program(&[]);
    let mut recorder = Recorder::new(&program, Io::default(), CYCLES_MAX);
    let trap = Trap { pc: CODE, kind: TrapKind::Breakpoint };
    assert_eq!(recorder.next_segment(&[WIDE]).err(), Some(RunError::Trap(trap)));
    assert_eq!(recorder.next_segment(&[WIDE]).err(), Some(RunError::Ended));
    assert_eq!(recorder.into_outcome(), None);

    let endless = assemble().op(Opcode::Jal, ZERO, 0, 0, 0).program(&[]);
    let mut recorder = Recorder::new(&endless, Io::default(), 10);
    let shape = Limits { clock: 5, ..WIDE };
    let cycles = [4, 4].map(|_| {
        let segment = recorder.next_segment(&[shape]).expect("not at the limit yet");
        segment.clock_end - 1
    });
    assert_eq!(cycles, [4, 4]);
    let error = RunError::CyclesExhausted { max: 10 };
    assert_eq!(recorder.next_segment(&[shape]).err(), Some(error));
}

/// A prover records on one thread and proves on others.
#[test]
fn a_recorder_moves_between_threads() {
    fn is_send<T: Send>() {}
    is_send::<Recorder>();
    is_send::<SegmentRecord>();
}
