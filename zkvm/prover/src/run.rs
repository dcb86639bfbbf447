//! Proving a run while it runs.

use std::io::Write;
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

use minster_emulator::{CYCLES_MAX_DEFAULT, Io, Outcome, RunError};
use minster_verifier::{RunCheck, encode_head, encode_output, encode_segment};

use crate::error::ProveError;
use crate::prover::Prover;
use crate::segments::Segments;

/// How a run is proven.
#[derive(Clone, Copy, Debug)]
pub struct RunOptions {
    /// The most instructions.
    pub cycles_max: u64,
    /// The most instructions of a segment. Shorter segments take less memory and more time.
    pub segment_cycles_max: u32,
    /// Whether every segment's proof is verified before it counts.
    pub verify: bool,
}

impl Default for RunOptions {
    fn default() -> Self {
        Self { cycles_max: CYCLES_MAX_DEFAULT, segment_cycles_max: u32::MAX, verify: true }
    }
}

/// What a prover is doing.
#[derive(Clone, Debug)]
pub enum Progress {
    /// A segment was run and its tables are filled.
    Executed {
        /// Position in the run.
        segment: u32,
        /// Instructions run so far.
        cycles: u64,
        /// Name of its shape.
        shape: &'static str,
        /// Rows in use of every table, in their order.
        used: Vec<usize>,
        /// Time to run it.
        execution: Duration,
        /// Time to fill its tables.
        filling: Duration,
    },
    /// A segment is proven.
    Proven {
        /// Position in the run.
        segment: u32,
        /// Bytes of its proof.
        size: usize,
        /// Time to prove it.
        elapsed: Duration,
    },
}

/// A proof, and what the run came to.
#[derive(Debug)]
pub struct ProvedRun {
    /// The run.
    pub outcome: Outcome,
    /// The proof.
    pub proof: Vec<u8>,
    /// Segments of the proof.
    pub segments: u32,
}

impl Prover {
    /// Runs the program and proves it, with the proof in memory: see [`Prover::prove_into`].
    pub fn prove(
        &self,
        io: Io,
        options: RunOptions,
        progress: impl FnMut(Progress) + Send,
    ) -> Result<ProvedRun, ProveError> {
        let mut proof = Vec::new();
        let (outcome, segments) = self.prove_into(io, options, &mut proof, progress)?;
        Ok(ProvedRun { outcome, proof, segments })
    }

    /// Runs the program and writes its proof, segment by segment. One segment is proven while the
    /// next one runs, so at most two are in memory, however long the run is. Returns what the run
    /// came to, and the number of segments.
    pub fn prove_into(
        &self,
        io: Io,
        options: RunOptions,
        sink: &mut impl Write,
        mut progress: impl FnMut(Progress) + Send,
    ) -> Result<(Outcome, u32), ProveError> {
        let (sender, receiver) = sync_channel(0);
        sink.write_all(&encode_head()).map_err(ProveError::Write)?;
        std::thread::scope(|scope| {
            let runner = scope.spawn(move || {
                let mut run = Segments::new(self, io, options);
                while !run.has_ended() {
                    let work = run.fill();
                    let failed = work.is_err();
                    if sender.send(work).is_err() || failed {
                        return None;
                    }
                }
                run.into_outcome()
            });
            let mut segments = 0;
            let mut check = RunCheck::new(self.key());
            for work in receiver {
                let (work, executed) = work?;
                progress(executed);
                let started = Instant::now();
                let segment = work.segment;
                let proof = self.prove_segment(work)?;
                if options.verify {
                    check.next(&proof.public).map_err(ProveError::Unsound)?;
                    let index = usize::try_from(segment).unwrap_or(usize::MAX);
                    self.key().verify_segment(index, &proof).map_err(ProveError::Unsound)?;
                }
                let part = encode_segment(&proof.encode()?)?;
                sink.write_all(&part).map_err(ProveError::Write)?;
                segments += 1;
                let (size, elapsed) = (part.len(), started.elapsed());
                progress(Progress::Proven { segment, size, elapsed });
            }
            let outcome = match runner.join() {
                Ok(Some(outcome)) => outcome,
                Ok(None) => return Err(ProveError::Run(RunError::Ended)),
                Err(panic) => std::panic::resume_unwind(panic),
            };
            if options.verify {
                check.end(&outcome.output).map_err(ProveError::Unsound)?;
            }
            let output = encode_output(&outcome.output)?;
            sink.write_all(&output).map_err(ProveError::Write)?;
            Ok((outcome, segments))
        })
    }
}
