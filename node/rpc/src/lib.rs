#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

mod accept;
mod api;
mod arguments;
mod beside;
mod block_parameter;
mod bounded;
mod calls;
mod config;
mod debug;
mod dev;
mod downloads;
mod error;
mod eth;
mod gate;
mod halt;
mod json;
mod list;
mod methods;
mod metrics;
mod minster;
mod net;
mod provers;
mod quota;
mod read;
mod revert;
mod server;
mod transport;
mod txpool;
mod web3;

pub use config::RpcConfig;
pub use dev::keys::{DevKeyError, DevKeys};
pub use json::CommitmentJson;
pub use metrics::{MethodMetrics, Outcome, RpcMetrics};
pub use provers::{ProverTokens, TokenError};
pub use server::{RpcError, RpcHandle, RpcServer};

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
