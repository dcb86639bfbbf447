//! The coordinator: it opens segments as it runs the program, gives them to workers, and puts the
//! verified proofs together in order.

mod desk;

use std::io::Write;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Mutex, TryLockError};
use std::thread::Scope;
use std::time::Duration;

use minster_emulator::{Io, Outcome, RunError};
use minster_machine::shape::SHAPES;
use minster_verifier::{RunCheck, SegmentProof, encode_head, encode_output, encode_segment};

use self::desk::Desk;
use crate::error::ProveError;
use crate::prover::Prover;
use crate::segments::Segments;
use crate::share::board::{Board, WorkerId};
use crate::share::link::{Listener, POLL};
use crate::share::message::{FromCoordinator, encode, words};
use crate::share::{Meeting, Patience, Recipe, ShareError, WorkerFault, caught};

/// The coordinator's own prover among the workers.
const SELF: WorkerId = 0;
/// How often in a row letting a worker in may fail before the place counts as gone.
const LISTEN_FAILURES_MAX: u32 = 200;
/// The most workers at a time. Each takes a thread, and room for a proof.
const WORKERS_MAX: usize = 256;

/// A run that is to be shared.
pub struct Coordination<'a> {
    /// The program's prover.
    pub prover: &'a Prover,
    /// What workers get.
    pub recipe: &'a Recipe,
    /// What the program gets in this process. Workers must make the same of the recipe.
    pub io: &'a (dyn Fn() -> Io + Sync),
    /// Whether this process proves segments too.
    pub proves: bool,
    /// How long workers are waited for.
    pub patience: Patience,
}

/// What happens while a run is shared.
#[derive(Debug)]
pub enum ShareProgress {
    /// A segment was run, and workers may take it.
    Opened {
        /// Position in the run.
        segment: u32,
        /// Instructions run so far.
        cycles: u64,
        /// Name of its shape.
        shape: &'static str,
    },
    /// A worker came.
    Joined {
        /// Its name.
        worker: String,
    },
    /// A worker has gone, or is not listened to any more; what it had is open again.
    Left {
        /// Its name.
        worker: String,
        /// Why.
        fault: WorkerFault,
    },
    /// A segment is proven, and its proof verified.
    Proven {
        /// Position in the run.
        segment: u32,
        /// Who proved it; nobody if this process did.
        worker: Option<String>,
        /// Bytes of its proof.
        size: usize,
        /// Time from when it was taken.
        elapsed: Duration,
    },
}

/// What the threads tell the one that writes.
enum Event {
    Progress(ShareProgress),
    Ended(Outcome),
    Failed(ShareError),
}

/// What the threads have in common.
struct Office<'a> {
    run: Coordination<'a>,
    board: Board,
    /// The first answer to every worker.
    job: Vec<u8>,
    /// Proofs are verified one at a time: to read a hostile one takes memory.
    verifying: Mutex<()>,
    events: Sender<Event>,
}

impl Coordination<'_> {
    /// Proves the run, with whoever comes to the place, and writes the proof. It is the one that
    /// [`Prover::prove_into`] writes, whoever proved which segment, so far as grinding is
    /// deterministic: see the README. Returns what the run came to, and the number of segments.
    pub fn prove_into(
        self,
        meeting: Meeting,
        sink: &mut impl Write,
        progress: impl FnMut(ShareProgress),
    ) -> Result<(Outcome, u32), ShareError> {
        let (events, received) = mpsc::channel();
        let key = words(self.prover.key().digest());
        let job = encode(&FromCoordinator::Job { key, recipe: self.recipe.clone() });
        let job = job.map_err(ProveError::Write)?;
        let board = Board::new(self.patience.again);
        let office = Office { run: self, board, job, verifying: Mutex::default(), events };
        sink.write_all(&encode_head()).map_err(ProveError::Write)?;
        let office = &office;
        let listener = meeting.listener;
        std::thread::scope(|scope| {
            scope.spawn(|| office.guard(|| office.open_segments()));
            scope.spawn(move || office.guard(|| office.let_in(scope, listener)));
            if office.run.proves {
                scope.spawn(|| office.guard(|| office.prove_here()));
            }
            let written = caught(|| office.write(sink, &received, progress));
            office.board.end();
            written.unwrap_or(Err(ShareError::Panicked))
        })
    }
}

impl Office<'_> {
    fn tell(&self, event: Event) {
        // Nobody listens any more when the run has failed.
        let _ = self.events.send(event);
    }

    /// Does what a thread is for. If it cannot, the run fails, however that came.
    fn guard(&self, work: impl FnOnce() -> Result<(), ProveError>) {
        let result = caught(work).ok_or(ShareError::Panicked);
        if let Err(error) = result.and_then(|done| Ok(done?)) {
            self.tell(Event::Failed(error));
        }
    }

    fn segments(&self) -> Segments<'_> {
        Segments::new(self.run.prover, (self.run.io)(), self.run.recipe.options())
    }

    /// Runs the program, so that every segment's public values are known before any proof comes.
    fn open_segments(&self) -> Result<(), ProveError> {
        let mut run = self.segments();
        while !run.has_ended() {
            if self.board.is_over() {
                return Ok(());
            }
            let segment = run.position();
            let expected = run.pass()?;
            let shape = SHAPES.get(usize::from(expected.shape)).map_or("", |shape| shape.name);
            let cycles = run.cycles();
            self.board.open(expected);
            self.tell(Event::Progress(ShareProgress::Opened { segment, cycles, shape }));
        }
        let outcome = run.into_outcome().ok_or(RunError::Ended)?;
        self.tell(Event::Ended(outcome));
        Ok(())
    }

    /// Proves segments in this process.
    fn prove_here(&self) -> Result<(), ProveError> {
        let mut run = self.segments();
        while !self.board.is_over() {
            let Some(segment) = self.board.take(SELF, run.position()) else {
                std::thread::sleep(POLL);
                continue;
            };
            if segment < run.position() {
                run = self.segments();
            }
            let part = run.prove(segment)?;
            match self.check(segment, &part, || Ok(())) {
                Ok(()) => self.deliver(SELF, None, segment, part),
                Err(WorkerFault::Proof(error)) => return Err(ProveError::Unsound(error)),
                Err(_) => return Err(ProveError::Shape { segment }),
            }
        }
        Ok(())
    }

    /// Lets workers in until the run is over.
    fn let_in<'s, 'e>(
        &'e self,
        scope: &'s Scope<'s, 'e>,
        mut listener: Box<dyn Listener>,
    ) -> Result<(), ProveError> {
        let mut workers = SELF;
        let mut desks = Vec::new();
        let mut failures = 0;
        while !self.board.is_over() {
            match listener.accept() {
                Ok(None) => std::thread::sleep(POLL),
                Ok(Some(link)) => {
                    failures = 0;
                    workers += 1;
                    desks
                        .retain(|desk: &std::thread::ScopedJoinHandle<'_, ()>| !desk.is_finished());
                    let is_full = desks.len() >= WORKERS_MAX;
                    let desk = Desk::new(self, workers, link);
                    desks.push(scope.spawn(move || desk.attend(is_full)));
                }
                // One peer's connection may fail in being made; a place that is gone stays so.
                Err(_) if failures < LISTEN_FAILURES_MAX => {
                    failures += 1;
                    std::thread::sleep(POLL);
                }
                Err(source) => {
                    self.tell(Event::Failed(ProveError::Listen(source).into()));
                    break;
                }
            }
        }
        // The place is kept until every worker knows that there is nothing more to do.
        for desk in desks {
            if let Err(panic) = desk.join() {
                std::panic::resume_unwind(panic);
            }
        }
        Ok(())
    }

    /// Whether a proof is that of a segment, whoever made it. One that nobody wants any more is not
    /// looked at. Until its turn comes, `wait` is called.
    fn check(
        &self,
        segment: u32,
        part: &[u8],
        mut wait: impl FnMut() -> Result<(), WorkerFault>,
    ) -> Result<(), WorkerFault> {
        let _one_at_a_time = loop {
            match self.verifying.try_lock() {
                Err(TryLockError::WouldBlock) => wait()?,
                turn => break turn,
            }
            std::thread::sleep(POLL);
        };
        let Some(expected) = self.board.wanted(segment) else { return Ok(()) };
        let proof = SegmentProof::decode(part).map_err(|error| WorkerFault::Proof(error.into()))?;
        if proof.public != expected.public || proof.shape != expected.shape {
            return Err(WorkerFault::Elsewhere);
        }
        let index = usize::try_from(segment).unwrap_or(usize::MAX);
        Ok(self.run.prover.key().verify_segment(index, &proof)?)
    }

    /// Takes a verified proof.
    fn deliver(&self, id: WorkerId, worker: Option<String>, segment: u32, part: Vec<u8>) {
        let size = part.len();
        if let Some(elapsed) = self.board.deliver(id, segment, part) {
            let proven = ShareProgress::Proven { segment, worker, size, elapsed };
            self.tell(Event::Progress(proven));
        }
    }

    /// Writes proofs in the order of the run until it is complete.
    fn write(
        &self,
        sink: &mut impl Write,
        events: &Receiver<Event>,
        mut progress: impl FnMut(ShareProgress),
    ) -> Result<(Outcome, u32), ShareError> {
        let mut check = RunCheck::new(self.run.prover.key());
        let (mut written, mut ended) = (0, None);
        for event in events {
            match event {
                Event::Progress(happened) => progress(happened),
                Event::Ended(outcome) => ended = Some(outcome),
                Event::Failed(error) => return Err(error),
            }
            while let Some((expected, part)) = self.board.collect(written) {
                check.next(&expected.public).map_err(ProveError::Unsound)?;
                let block = encode_segment(&part).map_err(ProveError::from)?;
                sink.write_all(&block).map_err(ProveError::Write)?;
                written += 1;
            }
            if let Some(outcome) = ended.take_if(|_| written == self.board.count()) {
                check.end(&outcome.output).map_err(ProveError::Unsound)?;
                let output = encode_output(&outcome.output).map_err(ProveError::from)?;
                sink.write_all(&output).map_err(ProveError::Write)?;
                return Ok((outcome, u32::try_from(written).unwrap_or(u32::MAX)));
            }
        }
        Err(ProveError::Run(RunError::Ended).into())
    }
}
