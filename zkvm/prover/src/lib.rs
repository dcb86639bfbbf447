#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

pub mod cost;
mod cuts;
mod error;
mod prover;
mod run;
pub mod security;
mod segments;
pub mod share;
mod stark;

pub use cuts::{Fit, Pieces};
pub use error::ProveError;
pub use prover::{Prover, SegmentWork};
pub use run::{Progress, ProvedRun, RunOptions};
pub use stark::PlanError;
