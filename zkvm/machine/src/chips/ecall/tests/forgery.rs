//! An honest segment whose rows a forger may change.

use std::sync::Arc;

use minster_emulator::{Io, Limits, Recorder};
use minster_riscv::Program;
use p3_field::PrimeField32;
use p3_matrix::dense::RowMajorMatrix;

use crate::F;
use crate::buses::{COMPRESSION, PROGRAM};
use crate::cells::Cells;
use crate::checker::{Fault, canonical, faults, is_answered};
use crate::chip::Chip;
use crate::chips::segment::{PublicCells, Segment, SegmentRow};
use crate::output::OutputDigest;
use crate::public::PublicValues;
use crate::rom::Rom;
use crate::shape::SHAPES;
use crate::table::Table;
use crate::trace::{RunState, segment_traces};
use crate::tree::{Compressor, MemoryTree};

/// The first segment of a run.
pub struct Forgery {
    chips: Vec<Chip>,
    rom: Arc<Rom>,
    tables: Vec<RowMajorMatrix<F>>,
    pub public: PublicValues,
}

impl Forgery {
    /// Of a run whose first segment may have so many ticks.
    pub fn new(program: &Program, ticks: u32) -> Self {
        let [shape, ..] = &SHAPES;
        let limits = Limits { clock: ticks, ..shape.limits() };
        let io = Io { hints: vec![7; 64], ..Io::with_input(vec![5; 64]) };
        let record = Recorder::new(program, io, 1 << 20).next_segment(&[limits]).unwrap();
        let rom = Arc::new(Rom::new(program));
        let memory = MemoryTree::new(program.image().map(|(address, word)| (address / 4, word)));
        let mut state = RunState { memory, output: OutputDigest::default() };
        let traces = segment_traces(&record, &rom, shape, &mut state).unwrap();
        let chips = Chip::all(Arc::clone(&rom)).to_vec();
        let honest = Self { chips, rom, tables: traces.tables, public: traces.public };
        assert_eq!(honest.faults(), Vec::<String>::new());
        let all = faults(&honest.chips, &honest.tables, &honest.public, 3);
        assert_eq!(all, [], "the honest segment");
        honest
    }

    fn cells<T: Table>(&mut self, row: usize) -> &mut [F] {
        let table = self.chips.iter().position(|chip| chip.name() == T::NAME).unwrap();
        self.tables[table].row_mut(row)
    }

    /// A row of a chip.
    pub fn row<T: Table>(&mut self, row: usize) -> T::Row<F> {
        Cells::<F>::read(&mut self.cells::<T>(row).iter()).unwrap()
    }

    /// Changes a row of a chip.
    pub fn change<T: Table>(&mut self, row: usize, change: impl FnOnce(&mut T::Row<F>)) {
        let mut cells = self.row::<T>(row);
        change(&mut cells);
        Cells::<F>::write(cells, &mut self.cells::<T>(row).iter_mut());
    }

    /// Changes the segment's row, and the public values with it.
    pub fn change_ends(&mut self, change: impl FnOnce(&mut SegmentRow<F>)) {
        self.change::<Segment>(0, change);
        let cells: PublicCells<F> = self.row::<Segment>(0).public;
        let integer = |cell: F| cell.as_canonical_u32();
        let exit_code = integer(cells.exit_low) | integer(cells.exit_high) << 16;
        self.public = PublicValues {
            pc_start: integer(cells.pc_start),
            pc_end: integer(cells.pc_end),
            exit_code: (integer(cells.halted) == 1).then_some(exit_code),
            root_before: cells.root_before,
            root_after: cells.root_after,
            output_before: cells.output_before,
            output_after: cells.output_after,
        };
    }

    /// What the forger cannot mend by counting again what tables provide: ids of constraints and
    /// names of buses.
    pub fn faults(&self) -> Vec<String> {
        let mut open: Vec<String> = faults(&self.chips, &self.tables, &self.public, usize::MAX)
            .into_iter()
            .filter_map(|fault| match fault {
                Fault::Constraint { id, .. } => Some(id.to_string()),
                Fault::Bus { bus, tuple, .. } => (!self.is_provided(&bus, &tuple)).then_some(bus),
            })
            .collect();
        open.sort();
        open.dedup();
        open
    }

    fn is_provided(&self, bus: &str, tuple: &[u32]) -> bool {
        match bus {
            PROGRAM => self.rom.lines().iter().any(|line| canonical(&line.cells()) == tuple),
            COMPRESSION => {
                let tuple: Vec<F> = tuple.iter().map(|cell| F::new(*cell)).collect();
                let input = tuple.first_chunk().unwrap();
                Compressor::default().compress(*input) == tuple[16..]
            }
            _ => is_answered(bus, tuple) == Some(true),
        }
    }

    /// Every fault, what tables provide included.
    pub fn all_faults(&self) -> Vec<Fault> {
        faults(&self.chips, &self.tables, &self.public, usize::MAX)
    }
}
