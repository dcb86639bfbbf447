//! The segments of a run, one after the other: filled into tables, or passed over.

use std::time::Instant;

use minster_emulator::{Io, Limits, Outcome, Recorder, RunError, SegmentRecord};
use minster_machine::passage::pass_segment;
use minster_machine::public::PublicValues;
use minster_machine::shape::{SHAPES, Shape};
use minster_machine::trace::{RunState, segment_traces};

use crate::cuts::Cutter;
use crate::error::ProveError;
use crate::prover::{Prover, SegmentWork};
use crate::run::{Progress, RunOptions};

/// A run on its way.
pub struct Segments<'p> {
    prover: &'p Prover,
    /// Runs ahead of `recorder`.
    cutter: Cutter,
    recorder: Recorder,
    state: RunState,
    position: u32,
}

/// What the proof of a segment has to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// Position in [`SHAPES`].
    pub shape: u8,
    /// The public values.
    pub public: PublicValues,
}

impl<'p> Segments<'p> {
    /// A run at its start.
    pub fn new(prover: &'p Prover, io: Io, options: RunOptions) -> Self {
        let RunOptions { cycles_max, segment_cycles_max, .. } = options;
        let (program, key) = (prover.program(), prover.key());
        let (cutter, io) = Cutter::new(program, key, io, cycles_max, segment_cycles_max);
        Self {
            prover,
            cutter,
            recorder: Recorder::new(program, io, cycles_max),
            state: prover.start(),
            position: 0,
        }
    }

    /// Whether there is no next segment.
    pub fn has_ended(&self) -> bool {
        self.recorder.has_ended()
    }

    /// The position of the next segment.
    pub fn position(&self) -> u32 {
        self.position
    }

    /// The instructions that have run so far.
    pub fn cycles(&self) -> u64 {
        self.recorder.cycles()
    }

    /// What the run came to; `None` before it has ended.
    pub fn into_outcome(self) -> Option<Outcome> {
        self.recorder.into_outcome()
    }

    /// Runs the next segment and fills its tables.
    pub fn fill(&mut self) -> Result<(SegmentWork, Progress), ProveError> {
        let started = Instant::now();
        let (record, index, shape) = self.record()?;
        let execution = started.elapsed();
        let traces = segment_traces(&record, self.prover.rom(), shape, &mut self.state)?;
        let segment = record.index;
        let executed = Progress::Executed {
            segment,
            cycles: self.recorder.cycles(),
            shape: shape.name,
            used: traces.used.to_vec(),
            execution,
            filling: started.elapsed().saturating_sub(execution),
        };
        Ok((SegmentWork { segment, shape: index, traces }, executed))
    }

    /// Runs the next segment for what it leaves behind.
    pub fn pass(&mut self) -> Result<Expected, ProveError> {
        let (record, shape, _) = self.record()?;
        Ok(Expected { shape, public: pass_segment(&record, &mut self.state) })
    }

    /// Goes on to a segment that is still to come, and proves it.
    pub fn prove(&mut self, segment: u32) -> Result<Vec<u8>, ProveError> {
        while self.position < segment {
            self.pass()?;
        }
        let (work, _) = self.fill()?;
        Ok(self.prover.prove_segment(work)?.encode()?)
    }

    fn record(&mut self) -> Result<(SegmentRecord, u8, &'static Shape), ProveError> {
        let cut = self.cutter.next_cut()?.ok_or(RunError::Ended)?;
        let unfit = ProveError::Shape { segment: self.position };
        let Some(shape) = SHAPES.get(usize::from(cut.shape)) else { return Err(unfit) };
        let limits = Limits { clock: cut.counts.clock, ..shape.limits() };
        let record = self.recorder.next_segment(&[limits])?;
        if let Some(exit_code) = record.halted.filter(|code| *code != 0) {
            return Err(ProveError::Failed { exit_code });
        }
        // Both runs of the program are the same.
        if record.counts != cut.counts {
            return Err(unfit);
        }
        self.position = record.index.saturating_add(1);
        Ok((record, cut.shape, shape))
    }
}

#[cfg(test)]
mod tests;
