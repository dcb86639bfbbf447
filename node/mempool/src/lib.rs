#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

mod config;
mod entry;
mod error;
mod mempool;
mod nonces;
mod pool;
mod queue;
mod ranking;
mod removals;
#[cfg(test)]
mod testing;

pub use config::PoolConfig;
pub use error::PoolError;
pub use mempool::Mempool;
pub use pool::{
    Admission, EVICTIONS_PER_ADD_MAX, EXPIRY_STEPS_MAX, FeeContext, PoolStatus, SenderAccount,
    SenderContent,
};
pub use removals::{REMOVALS_MAX, Removal};
