#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

mod config;
mod directory;
mod error;
mod process;
mod readiness;
mod sample;
mod server;
mod state;

pub use config::AdminConfig;
pub use error::AdminError;
pub use readiness::Reason;
pub use server::Admin;
pub use state::Sources;

#[cfg(test)]
mod tests;
