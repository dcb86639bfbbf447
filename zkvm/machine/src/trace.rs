//! The tables of a segment, filled from the record of its run.

use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

use minster_emulator::{Class, IoKind, SegmentRecord, Step};
use minster_precompiles::{Block, Unit};
use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use p3_maybe_rayon::prelude::*;

use crate::F;
use crate::cells::Cells;
use crate::chip::{BASE_TABLES, TABLES};
use crate::chips::ecall::OutputPlace;
use crate::chips::precompile::{CallRecord, PrecompileTable};
use crate::chips::segment::SegmentRow;
use crate::chips::{
    add, addi, blake3, blake3_call, block, branch, call, compare, compression, div, ecall, jalr,
    keccak, lanes, leaf, logic, lookup, modular, mul, node, program, refresh, secp256k1, segment,
    sha256, shift, subword, transfer, word,
};
use crate::lookups::LookupCounts;
use crate::output::OutputDigest;
use crate::public::PublicValues;
use crate::rom::{HALTED, Line, Rom};
use crate::shape::Shape;
use crate::table::{InstructionTable, matrix};
use crate::tree::{MemoryTree, TreeUpdate, join, limbs};

/// Everything about a segment that its proof needs.
#[derive(Clone, Debug)]
pub struct SegmentTraces {
    /// The main columns of every table, in the order of [`crate::chip::Chip::all`]; without rows
    /// where the shape does not open the table.
    pub tables: Vec<RowMajorMatrix<F>>,
    /// The public values.
    pub public: PublicValues,
    /// Rows in use of every table.
    pub used: [usize; TABLES],
}

/// What goes from one segment of a run to the next.
#[derive(Clone, Debug)]
pub struct RunState {
    /// Memory.
    pub memory: MemoryTree,
    /// The public output.
    pub output: OutputDigest,
}

/// Tables that are filled on their own, with the lookups that they make.
struct Part {
    table: RowMajorMatrix<F>,
    counts: LookupCounts,
    lines: Vec<u32>,
}

/// A record whose instructions the program does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the record runs an instruction at {pc:#x} that the program does not have")]
pub struct ForeignRecord {
    /// The address.
    pub pc: u32,
}

fn instructions<T: InstructionTable>(
    steps: &[Step],
    rom: &Rom,
    log_height: u8,
) -> Result<Part, ForeignRecord> {
    filled(steps, rom, log_height, T::fill)
}

fn filled<R: Cells<F>>(
    steps: &[Step],
    rom: &Rom,
    log_height: u8,
    mut fill: impl FnMut(&Step, &Line<u32>, &mut LookupCounts) -> R,
) -> Result<Part, ForeignRecord> {
    let mut counts = LookupCounts::default();
    let mut lines = vec![0; rom.lines().len()];
    let mut values = F::zero_vec(R::WIDTH << log_height);
    for (step, cells) in steps.iter().zip(values.chunks_exact_mut(R::WIDTH)) {
        let foreign = ForeignRecord { pc: step.pc };
        let place = rom.place(step.pc).ok_or(foreign)?;
        let line = rom.lines().get(place).ok_or(foreign)?;
        lines[place] += 1;
        fill(step, line, &mut counts).write(&mut cells.iter_mut());
    }
    Ok(Part { table: RowMajorMatrix::new(values, R::WIDTH), counts, lines })
}

fn class(
    class: Class,
    record: &SegmentRecord,
    rom: &Rom,
    log_height: u8,
) -> Result<Part, ForeignRecord> {
    let steps = record.steps_of(class);
    match class {
        Class::Addi => instructions::<addi::Addi>(steps, rom, log_height),
        Class::Jalr => instructions::<jalr::Jalr>(steps, rom, log_height),
        Class::Add => instructions::<add::Add>(steps, rom, log_height),
        Class::Compare => instructions::<compare::Compare>(steps, rom, log_height),
        Class::Logic => instructions::<logic::Logic>(steps, rom, log_height),
        Class::Shift => instructions::<shift::Shift>(steps, rom, log_height),
        Class::Mul => instructions::<mul::Mul>(steps, rom, log_height),
        Class::Div => instructions::<div::Div>(steps, rom, log_height),
        Class::Branch => instructions::<branch::Branch>(steps, rom, log_height),
        Class::Word => instructions::<word::WordAccess>(steps, rom, log_height),
        Class::SubWord => instructions::<subword::SubwordAccess>(steps, rom, log_height),
        Class::Ecall => {
            let mut output = OutputPlace::default();
            filled(steps, rom, log_height, |step, line, counts| {
                ecall::Ecall::fill(step, line, &mut output, counts)
            })
        }
    }
}

/// Fills all tables of a segment, and moves the run's state on.
pub fn segment_traces(
    record: &SegmentRecord,
    rom: &Rom,
    shape: &Shape,
    state: &mut RunState,
) -> Result<SegmentTraces, ForeignRecord> {
    let parts: Result<Vec<Part>, ForeignRecord> = Class::ALL
        .into_par_iter()
        .map(|kind| class(kind, record, rom, shape.steps[kind.index()]))
        .collect();
    let parts = parts?;
    let mut counts = LookupCounts::default();
    let mut lines = vec![0; rom.lines().len()];
    for part in &parts {
        counts.add(&part.counts);
        lines.iter_mut().zip(&part.lines).for_each(|(sum, more)| *sum += more);
    }
    let mut hashes = Hashes::default();
    let precompiles = precompiles(record, rom, shape, &mut lines, &mut counts)?;
    let output_before = state.output.digest();
    let transfers = transfers(record, &mut state.output, &mut hashes, &mut counts);
    let refreshes = record.refreshes.iter().map(|cell| refresh::Refresh::fill(cell, &mut counts));
    let refreshes = matrix(refreshes, 1 << shape.refresh);
    let update = state.memory.update(&record.leaves);
    let leaves: Vec<_> = record
        .leaves
        .iter()
        .zip(&update.leaves)
        .map(|(leaf, digests)| {
            hashes.add(limbs(&leaf.before));
            hashes.add(limbs(&leaf.after));
            leaf::Leaf::fill(leaf, *digests, &mut counts)
        })
        .collect();
    for node in &update.nodes {
        let [left, right] = &node.children;
        hashes.add(join(&left.before, &right.before));
        hashes.add(join(&left.after, &right.after));
    }
    let nodes = update.nodes.iter().map(node::Node::fill);
    let public = public(record, &update, [output_before, state.output.digest()]);
    let mut used = used(record, &update, transfers.len(), hashes.0.len(), lines.len());
    let precompiles_used = precompiles.iter().map(|(_, rows)| *rows);
    used.iter_mut().skip(BASE_TABLES).zip(precompiles_used).for_each(|(used, rows)| *used = rows);
    let mut tables = vec![
        program::Program::trace(rom, &lines),
        lookup::Lookup::trace(&counts),
        segment::Segment::trace(segment_row(record, &public)),
    ];
    tables.extend(parts.into_iter().map(|part| part.table));
    tables.push(matrix(transfers.into_iter(), 1 << shape.transfer));
    tables.push(refreshes);
    tables.push(matrix(leaves.into_iter(), 1 << shape.leaf));
    tables.push(matrix(nodes, 1 << shape.node));
    tables.push(hashes.table(shape.compression));
    tables.extend(precompiles.into_iter().map(|(table, _)| table));
    Ok(SegmentTraces { tables, public, used })
}

/// Compressions that a segment asks for, and how often.
#[derive(Default)]
struct Hashes(BTreeMap<[F; 16], u32>);

impl Hashes {
    fn add(&mut self, input: [F; 16]) {
        *self.0.entry(input).or_default() += 1;
    }

    fn table(&self, log_height: u8) -> RowMajorMatrix<F> {
        let padding = core::iter::repeat(compression::Compression::fill([F::ZERO; 16], 0));
        let rows =
            self.0.iter().map(|(input, count)| compression::Compression::fill(*input, *count));
        matrix(rows.chain(padding), 1 << log_height)
    }
}

/// The tables of the precompiles, with their rows in use.
fn precompiles(
    record: &SegmentRecord,
    rom: &Rom,
    shape: &Shape,
    lines: &mut [u32],
    counts: &mut LookupCounts,
) -> Result<Vec<(RowMajorMatrix<F>, usize)>, ForeignRecord> {
    for call in &record.calls {
        let line = rom.place(call.pc).and_then(|place| lines.get_mut(place));
        *line.ok_or(ForeignRecord { pc: call.pc })? += 1;
    }
    let heights = shape.log_heights(0);
    let heights = heights.map(|log_height| log_height.map_or(0, |log_height| 1 << log_height));
    let [call_height, block_height, heights @ ..] = heights.last_chunk().copied().unwrap_or([0; 9]);
    let calls = record.calls.iter().map(|call| call::Call::fill(call, counts));
    let calls = (matrix(calls, call_height), record.calls.len());
    let blocks = record.blocks.iter().map(|access| block::Block::fill(access, counts));
    let blocks = (matrix(blocks, block_height), record.blocks.len());
    let memory = CallMemory::new(record);
    let fills: [fn(&CallMemory<'_>, usize) -> UnitPart; 7] = [
        |memory, height| memory.table::<keccak::Keccak>(Unit::Keccak, height),
        |memory, height| memory.table::<lanes::Lanes>(Unit::Keccak, height),
        |memory, height| memory.table::<sha256::Sha256>(Unit::Sha256, height),
        |memory, height| memory.table::<blake3::Blake3>(Unit::Blake3, height),
        |memory, height| memory.table::<blake3_call::Blake3Call>(Unit::Blake3, height),
        |memory, height| memory.table::<modular::Modular>(Unit::Modular, height),
        |memory, height| memory.table::<secp256k1::Secp256k1>(Unit::Secp256k1, height),
    ];
    let units = fills.into_par_iter().zip(heights).map(|(fill, height)| fill(&memory, height));
    let units: Vec<UnitPart> = units.collect();
    let mut tables = vec![calls, blocks];
    for UnitPart { table, rows, counts: made } in units {
        counts.add(&made);
        tables.push((table, rows));
    }
    Ok(tables)
}

/// A table of a unit, with the lookups that it makes.
struct UnitPart {
    table: RowMajorMatrix<F>,
    rows: usize,
    counts: LookupCounts,
}

/// The calls of a segment, with what they found in memory and what they left there.
struct CallMemory<'a> {
    record: &'a SegmentRecord,
    /// All blocks of all calls, as they were before.
    before: Vec<Block>,
    /// The same afterwards.
    after: Vec<Block>,
}

impl<'a> CallMemory<'a> {
    fn new(record: &'a SegmentRecord) -> Self {
        let before = record.blocks.iter().map(|block| block.memory.map(|access| access.value));
        let after = record.blocks.iter().map(|block| block.after);
        Self { record, before: before.collect(), after: after.collect() }
    }

    /// The calls of a unit.
    fn calls(&self, unit: Unit) -> impl Iterator<Item = CallRecord<'_>> {
        let mut first = 0;
        let calls = self.record.calls.iter().map(move |call| {
            let start = first;
            first += call.function.blocks();
            (call, start)
        });
        let calls = calls.filter(move |(call, _)| call.function.unit() == unit);
        calls.map(|(call, start)| CallRecord {
            function: call.function,
            clock: call.clock,
            cells: call.addresses.map(|address| address.value / 4),
            before: &self.before[start..][..call.function.blocks()],
            after: &self.after[start..][..call.function.written()],
        })
    }

    fn table<T: PrecompileTable>(&self, unit: Unit, height: usize) -> UnitPart {
        let mut counts = LookupCounts::default();
        let width = T::width();
        let mut values = F::zero_vec(width * height);
        let mut rows = vec![T::Row::all(F::ZERO); T::ROWS];
        let mut used = 0;
        for (call, cells) in self.calls(unit).zip(values.chunks_exact_mut(width * T::ROWS)) {
            rows.fill(T::Row::all(F::ZERO));
            T::fill(&call, &mut rows, &mut counts);
            for (row, cells) in rows.iter().copied().zip(cells.chunks_exact_mut(width)) {
                row.write(&mut cells.iter_mut());
            }
            used += T::ROWS;
        }
        UnitPart { table: RowMajorMatrix::new(values, width), rows: used, counts }
    }
}

fn transfers(
    record: &SegmentRecord,
    output: &mut OutputDigest,
    hashes: &mut Hashes,
    counts: &mut LookupCounts,
) -> Vec<transfer::TransferRow<F>> {
    let mut position = 0;
    let fill = |step| {
        let row = transfer::Transfer::fill(step, position, output, counts);
        if step.kind == IoKind::Commit {
            position += 1;
            let bytes = F::from_u32(step.remaining.min(4));
            let block = transfer::output_block(row.before.low, row.before.high, bytes);
            hashes.add(join(&row.digest, &block));
        }
        row
    };
    record.io.iter().map(fill).collect()
}

/// The public values of a segment whose update of memory and digests of the output are known.
pub(crate) fn public(
    record: &SegmentRecord,
    update: &TreeUpdate,
    [output_before, output_after]: [crate::config::Digest; 2],
) -> PublicValues {
    PublicValues {
        pc_start: record.pc_start / 4,
        pc_end: if record.halted.is_some() { HALTED } else { record.pc_end / 4 },
        exit_code: record.halted,
        root_before: update.root_before,
        root_after: update.root_after,
        output_before,
        output_after,
    }
}

fn segment_row(record: &SegmentRecord, public: &PublicValues) -> SegmentRow<F> {
    let mut calls = record.steps_of(Class::Ecall).iter().rev();
    let last_commit = calls.find(|step| step.rs1.value == minster_emulator::ecall::COMMIT);
    let words = record.io.iter().filter(|step| step.kind == IoKind::Commit).count();
    SegmentRow {
        public: public.cells(),
        clock_end: F::from_u32(record.clock_end),
        words: F::from_usize(words),
        commit_clock: F::from_u32(last_commit.map_or(0, |step| step.clock)),
    }
}

fn used(
    record: &SegmentRecord,
    update: &TreeUpdate,
    transfers: usize,
    hashes: usize,
    lines: usize,
) -> [usize; TABLES] {
    let mut used = [0; TABLES];
    let fixed = [lines, 1 << lookup::Lookup::LOG_HEIGHT, 1];
    let steps = record.steps.iter().map(Vec::len);
    let refreshes = record.refreshes.len();
    let memory = [transfers, refreshes, record.leaves.len(), update.nodes.len(), hashes];
    let counts = fixed.into_iter().chain(steps).chain(memory);
    used.iter_mut().zip(counts).for_each(|(used, count)| *used = count);
    used
}
