//! A worker: it runs the program of a job and proves the segments that it is given.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use minster_emulator::Io;
use minster_riscv::Program;

use crate::prover::Prover;
use crate::segments::Segments;
use crate::share::link::{self, Link, Received};
use crate::share::message::{FromCoordinator, FromWorker, PROTOCOL, decode, encode, words};
use crate::share::{Patience, Place, Recipe, ShareError, caught};

/// A worker of the coordinator at a place.
pub struct Work<'a> {
    /// Where the coordinator is.
    pub place: &'a Place,
    /// What the program gets, from the job.
    pub io: &'a dyn Fn(&Recipe) -> Io,
    /// How long the coordinator is waited for.
    pub patience: Patience,
}

/// What a worker is doing.
#[derive(Clone, Debug)]
pub enum WorkProgress {
    /// It has found the coordinator.
    Connected {
        /// What is to be removed if the process ends before its time.
        leftover: Option<PathBuf>,
    },
    /// It has the job.
    Started {
        /// Bytes of the program.
        elf_size: usize,
        /// Bytes of the input.
        input_size: usize,
    },
    /// It proves a segment.
    Taken {
        /// Position in the run.
        segment: u32,
    },
    /// It has sent the proof of a segment.
    Proven {
        /// Position in the run.
        segment: u32,
        /// Bytes of the proof.
        size: usize,
        /// Time from when the segment was taken.
        elapsed: Duration,
    },
}

/// What the thread that listens has in common with the one that proves.
struct Line {
    sender: Mutex<Box<dyn link::Sender>>,
    is_over: AtomicBool,
    patience: Patience,
}

type Incoming = Result<FromCoordinator, std::io::Error>;

impl Work<'_> {
    /// Proves segments until the job is done.
    pub fn run(self, mut progress: impl FnMut(WorkProgress)) -> Result<(), ShareError> {
        let (link, leftover) = self.place.join(self.patience)?;
        progress(WorkProgress::Connected { leftover });
        let Link { sender, receiver, .. } = link;
        let is_over = AtomicBool::new(false);
        let line = Line { sender: Mutex::new(sender), is_over, patience: self.patience };
        let (incoming, messages) = mpsc::channel();
        std::thread::scope(|scope| {
            scope.spawn(|| line.listen(receiver, incoming));
            // To say that it lives after a panic would keep a segment from the others.
            let worked = caught(|| self.work(&line, &messages, &mut progress));
            line.is_over.store(true, Ordering::Relaxed);
            worked.unwrap_or(Err(ShareError::Panicked))
        })
    }

    fn work(
        &self,
        line: &Line,
        messages: &Receiver<Incoming>,
        progress: &mut impl FnMut(WorkProgress),
    ) -> Result<(), ShareError> {
        line.say(&FromWorker::Hello { protocol: PROTOCOL }).map_err(gone)?;
        let (key, recipe) = match next(messages)? {
            FromCoordinator::Job { key, recipe } => (key, recipe),
            FromCoordinator::Done => return Ok(()),
            _ => return Err(gone(unexpected())),
        };
        let (elf_size, input_size) = (recipe.elf.len(), recipe.input.len());
        progress(WorkProgress::Started { elf_size, input_size });
        let prover = Prover::new(Program::from_elf(&recipe.elf)?)?;
        if words(prover.key().digest()) != key {
            return Err(ShareError::Version);
        }
        let start = || Segments::new(&prover, (self.io)(&recipe), recipe.options());
        let mut run = start();
        loop {
            let position = run.position();
            // If this fails, the message that says why may still be to come.
            let _ = line.say(&FromWorker::Ready { position });
            let segment = match next(messages)? {
                FromCoordinator::Prove { segment } => segment,
                FromCoordinator::Done => return Ok(()),
                _ => return Err(gone(unexpected())),
            };
            let started = Instant::now();
            progress(WorkProgress::Taken { segment });
            if segment < position {
                run = start();
            }
            let part = run.prove(segment)?;
            let size = part.len();
            if line.say(&FromWorker::Proof { segment, part }).is_err() {
                // It is not delivered, so the next one is not ours to ask for.
                return Err(next(messages).err().unwrap_or_else(|| gone(unexpected())));
            }
            progress(WorkProgress::Proven { segment, size, elapsed: started.elapsed() });
        }
    }
}

impl Line {
    fn say(&self, message: &FromWorker) -> std::io::Result<()> {
        let frame = encode(message)?;
        self.sender.lock().unwrap_or_else(PoisonError::into_inner).send(&frame)
    }

    /// Passes messages on and says that the worker lives, until there is nothing more to hear.
    fn listen(&self, mut receiver: Box<dyn link::Receiver>, incoming: Sender<Incoming>) {
        let (mut heard, mut said) = (Instant::now(), Instant::now());
        while !self.is_over.load(Ordering::Relaxed) {
            if said.elapsed() >= self.patience.beat {
                said = Instant::now();
                // The receiver notices too, and knows better why.
                let _ = self.say(&FromWorker::Alive);
            }
            let message = match receiver.receive() {
                Ok(Received::Nothing) if heard.elapsed() >= self.patience.silence => {
                    Err(std::io::ErrorKind::TimedOut.into())
                }
                Ok(Received::Nothing) => continue,
                Ok(Received::Part) => {
                    heard = Instant::now();
                    continue;
                }
                Ok(Received::Frame(frame)) => {
                    heard = Instant::now();
                    match decode(&frame) {
                        Some(FromCoordinator::Alive) => continue,
                        message => message.ok_or_else(unexpected),
                    }
                }
                Err(error) => Err(error),
            };
            let is_last = matches!(
                message,
                Ok(FromCoordinator::Done | FromCoordinator::Refused { .. }) | Err(_)
            );
            if incoming.send(message).is_err() || is_last {
                return;
            }
        }
    }
}

/// The next message that asks for something.
fn next(messages: &Receiver<Incoming>) -> Result<FromCoordinator, ShareError> {
    let closed = || gone(std::io::ErrorKind::UnexpectedEof.into());
    match messages.recv().map_err(|_| closed())?.map_err(gone)? {
        FromCoordinator::Refused { reason } => {
            let reason = reason.replace(char::is_control, "?");
            Err(ShareError::Refused { reason })
        }
        message => Ok(message),
    }
}

fn gone(source: std::io::Error) -> ShareError {
    ShareError::Gone { source }
}

fn unexpected() -> std::io::Error {
    std::io::Error::new(std::io::ErrorKind::InvalidData, "it sent what is no message")
}
