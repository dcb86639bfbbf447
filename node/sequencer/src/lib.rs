#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

mod block;
mod brake;
mod chain;
mod clock;
mod codec;
mod config;
mod dev;
mod error;
mod executor;
mod journal;
mod key;
mod node;
mod producer;
mod recovery;
mod sealer;
mod snapshot;
mod state;
mod stats;
mod tip;
mod undo;
mod verify;

pub use block::{Block, Item, Located, Slice};
pub use brake::BrakeConfig;
pub use chain::{BlockChange, Chain, Event};
pub use config::{Mining, ReceiptSource, SequencerConfig};
pub use dev::{ClockError, DevControls};
pub use error::SequencerError;
pub use key::SliceKey;
pub use node::{Running, SLICE_KEY_FILE, Sequencer, StartConfig, SubmitError, open_storage};
pub use recovery::{RecoveryReport, TreeAt};
pub use state::{Retention, StateError, StateStore, StateView};
pub use stats::{Latency, Stats, StatsSnapshot};
pub use verify::{Verified, verify};
