//! One run proven by several processes.
//!
//! A coordinator knows the run and hands out segments; workers run the program themselves and
//! prove the segments that they were given. What is sent is a recipe, never tables, and a proof.
//! A proof counts after the coordinator has verified it against what it knows of that segment from
//! its own execution, so nothing that a worker sends can get a false proof into the result.
//!
//! Messages, each a frame of `link.rs`: a worker says hello, gets the job, and then says that it is
//! ready, is given a segment and sends its proof, until it is told that the job is done. Both sides
//! say that they live. Where they meet, a [`Place`], is a folder or a socket.

mod board;
mod coordinator;
mod folder;
mod link;
mod message;
mod place;
mod socket;
#[cfg(test)]
mod tests;
mod worker;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use minster_verifier::VerifyError;

use crate::error::ProveError;
use crate::run::RunOptions;

pub use coordinator::{Coordination, ShareProgress};
pub use message::Recipe;
pub use place::{Meeting, Place};
pub use worker::{Work, WorkProgress};

/// How long a coordinator and its workers wait for each other.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Between two signs of life.
    pub beat: Duration,
    /// Without a sign of life, until the other side counts as gone.
    pub silence: Duration,
    /// Until a segment that was given out is given to every worker that has nothing else to do. A
    /// worker that takes [`SLOW`] times as long is left.
    pub again: Duration,
    /// For a coordinator, until a worker that finds none gives up.
    pub arrival: Duration,
}

/// How many times [`Patience::again`] a worker may take for what it was asked.
pub const SLOW: u32 = 10;

impl Default for Patience {
    fn default() -> Self {
        Self {
            beat: Duration::from_secs(2),
            silence: Duration::from_secs(20),
            again: Duration::from_secs(120),
            arrival: Duration::from_secs(30),
        }
    }
}

/// Why work was not shared.
#[derive(Debug, thiserror::Error)]
pub enum ShareError {
    /// The run has no proof.
    #[error(transparent)]
    Prove(#[from] ProveError),
    /// The place cannot be used.
    #[error("{place}: {source}")]
    Place {
        /// The place.
        place: Place,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// Another coordinator has the place, or left it behind.
    #[error(
        "{place} is taken: another coordinator is at work there, or one was killed; if none runs, \
         remove {leftover}"
    )]
    Taken {
        /// The place.
        place: Place,
        /// What says that it is taken.
        leftover: String,
    },
    /// No coordinator was found.
    #[error("{place}: no coordinator is there: start one with --share {place}")]
    Nobody {
        /// The place.
        place: Place,
    },
    /// The coordinator went away before the job was done.
    #[error("the coordinator has gone before the job was done: {source}")]
    Gone {
        /// How that showed.
        source: std::io::Error,
    },
    /// The coordinator does not want this worker.
    #[error("the coordinator refused this worker: {reason}")]
    Refused {
        /// What the coordinator says.
        reason: String,
    },
    /// The coordinator's machine is another.
    #[error("the coordinator makes another key of the program: use the same version of minster")]
    Version,
    /// A thread panicked.
    #[error("a thread panicked: this is a bug")]
    Panicked,
    /// The program of the job is none.
    #[error("the program of the job: {0}")]
    Elf(#[from] minster_riscv::ElfError),
}

/// Why a worker is not listened to any more.
#[derive(Debug, thiserror::Error)]
pub enum WorkerFault {
    /// It has gone.
    #[error("it has gone: {0}")]
    Gone(#[from] std::io::Error),
    /// It sent what is no message, or not in its turn.
    #[error("it sent what is no message of a worker")]
    Message,
    /// It is of another version.
    #[error("it has version {found} of the protocol, this is {known}")]
    Version {
        /// Its version.
        found: u32,
        /// The version here.
        known: u32,
    },
    /// It sent a proof of something else.
    #[error("its proof is of another segment, program or input than it was given")]
    Elsewhere,
    /// It sent a proof that does not verify.
    #[error("its proof does not verify: {0}")]
    Proof(#[from] VerifyError),
    /// It lives, and does not do what it was asked.
    #[error("it has been asked for {} s, without an answer", .after.as_secs())]
    Slow {
        /// Time since it was asked.
        after: Duration,
    },
    /// Something here panicked that it had to do with.
    #[error("serving it panicked: this is a bug")]
    Panicked,
    /// There are too many workers.
    #[error("{limit} workers are at work already")]
    TooMany {
        /// The most workers.
        limit: usize,
    },
}

/// What comes of some work, unless it panics: the panic of a thread that others wait for would stop
/// them for ever.
fn caught<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}

impl Recipe {
    /// The run as every worker has to run it.
    pub(crate) fn options(&self) -> RunOptions {
        RunOptions {
            cycles_max: self.cycles_max,
            segment_cycles_max: self.segment_cycles_max,
            ..RunOptions::default()
        }
    }
}
