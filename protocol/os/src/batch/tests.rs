//! Batches over witnesses that tell the truth, and over those that do not.

mod chain;
mod runs;

use super::*;
use chain::{Chain, Names, Written};
