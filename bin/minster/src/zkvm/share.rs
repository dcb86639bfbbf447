//! `minster prove --share`: a run that several processes prove.

use eyre::Report as Failure;
use minster_emulator::Outcome;
use minster_prover::{
    Prover,
    share::{Coordination, Patience, Place, Recipe, ShareError, ShareProgress, WorkerFault},
};

use crate::zkvm::{
    files::Sink,
    interrupt::Leftovers,
    program,
    progress::{ProgressLine, State},
    prove::{Made, SegmentReport, failure},
};

/// A run to share, and where.
pub struct Shared<'a> {
    pub prover: &'a Prover,
    pub recipe: &'a Recipe,
    pub place: &'a Place,
    /// Whether this process proves too.
    pub proves: bool,
    pub leftovers: &'a Leftovers,
    pub line: &'a ProgressLine,
}

impl Shared<'_> {
    /// Proves the run with whoever helps, and writes the proof.
    pub fn prove(self, outcome: &Outcome, sink: &mut Sink, made: &mut Made) -> eyre::Result<()> {
        let Self { prover, recipe, place, proves, leftovers, line } = self;
        let meeting = place.share().map_err(|error| explained(prover, error))?;
        leftovers.add(meeting.leftover.clone());
        line.note(&format!("sharing; to help: minster prove --from {}", meeting.place));
        let io = || program::io_of(recipe.input.clone(), recipe.hints.clone());
        let run = Coordination { prover, recipe, io: &io, proves, patience: Patience::default() };
        let mut state = State { cycles: outcome.cycles, ..State::default() };
        let proved = run.prove_into(meeting, sink, |progress| {
            let is_proven = matches!(progress, ShareProgress::Proven { .. });
            take(progress, &mut state, line, made);
            line.update(&state, is_proven);
        });
        line.end();
        proved.map(drop).map_err(|error| explained(prover, error))
    }
}

fn take(progress: ShareProgress, state: &mut State, line: &ProgressLine, made: &mut Made) {
    match progress {
        ShareProgress::Opened { cycles, shape, .. } => {
            let before = std::mem::replace(&mut state.cycles_executed, cycles);
            state.segments_executed += 1;
            let cycles = cycles - before;
            made.segments.push(SegmentReport { shape, cycles, ..SegmentReport::default() });
        }
        ShareProgress::Joined { worker } => line.note(&format!("worker {worker} has come")),
        ShareProgress::Left { worker, fault: WorkerFault::Gone(error) } => {
            line.note(&format!("worker {worker} has gone: {error}"));
        }
        ShareProgress::Left { worker, fault } => {
            line.note(&format!("worker {worker} is refused: {fault}"));
        }
        ShareProgress::Proven { segment, worker, size, elapsed } => {
            let index = usize::try_from(segment).unwrap_or(usize::MAX);
            if let Some(report) = made.segments.get_mut(index) {
                (report.bytes, report.seconds) = (size, elapsed.as_secs_f64());
                report.worker = worker;
                state.cycles_proven += report.cycles;
            }
            state.segments_proven += 1;
            state.proof_bytes += u64::try_from(size).unwrap_or(u64::MAX);
        }
    }
}

fn explained(prover: &Prover, error: ShareError) -> Failure {
    match error {
        ShareError::Prove(error) => failure(prover.program(), error),
        error => Failure::from(error).wrap_err("--share"),
    }
}
