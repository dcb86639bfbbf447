#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

mod admission;
mod block;
mod brake;
mod chain;
mod changes;
mod clock;
mod codec;
mod config;
mod dev;
mod error;
mod executor;
mod intake;
mod journal;
mod key;
mod node;
mod producer;
mod prune;
mod recovery;
mod refusal;
mod sealer;
#[cfg(test)]
mod sender;
mod snapshot;
mod state;
mod stats;
mod stored;
mod submit;
#[cfg(feature = "testing")]
pub mod testing;
mod tip;
mod undo;
mod verify;

pub use block::{Block, Item, Located, Slice};
pub use brake::BrakeConfig;
pub use chain::{BlockChange, Chain, Event, OldestPast};
pub use config::{Mining, ReceiptSource, SequencerConfig};
pub use dev::{ControlError, DevControls, Obeyed};
pub use error::SequencerError;
pub use key::SliceKey;
pub use node::{Running, SLICE_KEY_FILE, Sequencer, StartConfig, open_storage};
pub use prune::HistoryConfig;
pub use recovery::{RecoveryReport, TreeAt};
pub use refusal::RefusalReason;
pub use state::{Retention, StateError, StateStore, StateView};
pub use stats::{Latency, Stats, StatsSnapshot};
pub use stored::stored_block;
pub use submit::SubmitError;
pub use verify::{Verified, verify};
