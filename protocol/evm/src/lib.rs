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

mod context;
mod cost;
mod deposit;
mod environment;
mod instructions;
mod meter;
mod oracle;
mod overlay;
mod precompiles;
#[cfg(feature = "simulation")]
mod simulation;
mod touched;
mod transaction;
mod validation;

pub use context::{BlockContext, L1Origin};
pub use cost::{InstructionCost, instruction_cost};
#[cfg(feature = "simulation")]
pub use environment::{CallChecks, Inspection, StateBefore};
pub use environment::{EvmEnvironment, Execution, ExecutionError, Outcome};
#[cfg(feature = "simulation")]
pub use instructions::MachineContext;
pub use meter::Meter;
pub use oracle::{MapOracle, Oracle, bytecode};
pub use overlay::Overlay;
pub use revm::{
    bytecode::Bytecode,
    context::result::InvalidTransaction,
    install_crypto,
    precompile::{Crypto as PrecompileCryptography, PrecompileHalt},
};
#[cfg(feature = "simulation")]
pub use simulation::{CallRequest, simulate};
pub use validation::{intrinsic_gas, validate_transaction};
