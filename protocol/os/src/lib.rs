#![doc = include_str!("../README.md")]
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::as_conversions,
        clippy::arithmetic_side_effects
    )
)]

extern crate alloc;

pub mod batch;
mod block;
mod environment;
mod genesis;
mod header;
mod tree;

pub use block::{
    BlockError, BlockExecutor, BlockOutput, BlockProgress, Executed, Limit, Refusal, execute_block,
};
pub use environment::ExecutionEnvironment;
pub use genesis::{PrecontractError, install_precontracts};
pub use header::{block_context, genesis_header, seal};
pub use tree::{TreeUpdateError, tree_updates};
