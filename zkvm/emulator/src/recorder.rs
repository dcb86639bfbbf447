//! A run that is recorded, segment by segment.

use minster_riscv::Program;

use crate::class::CLASSES;
use crate::cpu::{Cpu, Stop};
use crate::error::{RunError, Trap};
use crate::io::{Io, OUTPUT_SIZE_MAX};
use crate::limits::Limits;
use crate::record::SegmentRecord;
use crate::recording::{Lists, Recording, Workspace};
use crate::run::Outcome;

/// Runs a program and hands out what happened, a segment at a time. It keeps only the program's
/// memory, so that a run may have any length.
pub struct Recorder {
    cpu: Cpu,
    workspace: Workspace,
    index: u32,
    cycles_max: u64,
    /// How many steps the last segment had: the next one is likely to be alike.
    sizes: [usize; CLASSES],
    exit_code: Option<u32>,
    ended: bool,
}

impl Recorder {
    /// A run at its start.
    pub fn new(program: &Program, io: Io, cycles_max: u64) -> Self {
        Self {
            cpu: Cpu::new(program, io),
            workspace: Workspace::new(),
            index: 0,
            cycles_max,
            sizes: [0; CLASSES],
            exit_code: None,
            ended: false,
        }
    }

    /// Whether the program has halted, or a segment has failed: there is no next one.
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// The instructions that have run so far.
    pub fn cycles(&self) -> u64 {
        self.cpu.cycles
    }

    /// What the run came to; `None` before the program has halted.
    pub fn into_outcome(self) -> Option<Outcome> {
        Some(Outcome {
            exit_code: self.exit_code?,
            cycles: self.cpu.cycles,
            output: self.cpu.host.output,
            text: self.cpu.host.text,
        })
    }

    /// Runs until none of `shapes` can hold one instruction more, or the program halts.
    ///
    /// # Errors
    /// When the program traps or does not halt in time, or no shape has room for a segment at all.
    /// Then the run has ended.
    pub fn next_segment(&mut self, shapes: &[Limits]) -> Result<SegmentRecord, RunError> {
        if self.ended {
            return Err(RunError::Ended);
        }
        // An error leaves a half-recorded segment behind, on which nothing can be built.
        self.ended = true;
        let record = self.record(shapes)?;
        self.ended = record.halted.is_some();
        self.exit_code = record.halted;
        Ok(record)
    }

    fn record(&mut self, shapes: &[Limits]) -> Result<SegmentRecord, RunError> {
        let (pc_start, index) = (self.cpu.pc, self.index);
        let output_start = self.cpu.host.output.len();
        let too_small = RunError::ShapesTooSmall { pc: pc_start };
        let registers = self.cpu.registers();
        let mut recording =
            Recording::new(&mut self.workspace, shapes, registers, self.sizes).ok_or(too_small)?;
        let halted = run_segment(&mut self.cpu, &mut recording, self.cycles_max)?;
        let counts = recording.budget.counts;
        if counts.clock == 1 {
            return Err(too_small);
        }
        let Lists { steps, io, refreshes, calls, blocks, leaves } =
            recording.finish(&self.cpu.ram, self.cpu.registers());
        self.index += 1;
        self.sizes = core::array::from_fn(|class| steps[class].len());
        let output = self.cpu.host.output.get(output_start..).unwrap_or_default().to_vec();
        let (pc_end, clock_end) = (self.cpu.pc, counts.clock);
        Ok(SegmentRecord {
            index,
            pc_start,
            pc_end,
            clock_end,
            steps,
            io,
            refreshes,
            calls,
            blocks,
            leaves,
            halted,
            output,
            counts,
        })
    }
}

/// The exit code, or `None` if the segment is full.
fn run_segment(
    cpu: &mut Cpu,
    recording: &mut Recording<'_>,
    cycles_max: u64,
) -> Result<Option<u32>, RunError> {
    loop {
        let left = cycles_max.saturating_sub(cpu.cycles);
        let count = left.min(u64::from(recording.budget.clock_left()));
        match cpu.run(recording, count) {
            Stop::Halted(code) => return Ok(Some(code)),
            Stop::Full => return Ok(None),
            Stop::Paused if cpu.cycles >= cycles_max => {
                return Err(RunError::CyclesExhausted { max: cycles_max });
            }
            Stop::Paused if recording.budget.admit_clock() => {}
            Stop::Paused => return Ok(None),
            stop => return Err(failure(stop, cpu.pc, cycles_max)),
        }
    }
}

/// The error that a stop stands for which is neither the end of the run nor that of a segment.
pub fn failure(stop: Stop, pc: u32, cycles_max: u64) -> RunError {
    match stop {
        Stop::Trap(kind) => Trap { pc, kind }.into(),
        Stop::OutputTooLarge => RunError::OutputTooLarge { max: OUTPUT_SIZE_MAX },
        Stop::Halted(_) | Stop::Full | Stop::Paused => {
            RunError::CyclesExhausted { max: cycles_max }
        }
    }
}
