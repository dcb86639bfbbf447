#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

mod accounts;
mod allocator;
mod background;
mod cli;
mod database;
mod dev;
mod genesis;
mod limits;
mod logging;
mod node;
mod ops;
mod prove_batch;
mod prover;
mod remote;
mod run;
mod settings;
mod signals;
mod status;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod zkvm;

use std::process::ExitCode;

use clap::Parser;

/// Does what the command line says.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = cli::Arguments::parse();
    if matches!(arguments.command, cli::Command::Prove(_) | cli::Command::ProveBatch(_)) {
        allocator::keep_memory();
    }
    limits::raise_open_files();
    let result = match arguments.command {
        cli::Command::Dev(dev) => dev::run(dev),
        cli::Command::Node(node) => node::run(node),
        cli::Command::Config(config) => node::config(config),
        cli::Command::Genesis(genesis) => genesis::run(genesis),
        cli::Command::Db(cli::DbCommand::Verify(arguments)) => database::verify(arguments),
        cli::Command::Backup(arguments) => database::backup(arguments),
        cli::Command::Restore(arguments) => database::restore(arguments),
        cli::Command::Prove(prove) => zkvm::prove::run(prove),
        cli::Command::Verify(verify) => zkvm::verify::run(verify),
        cli::Command::Execute(execute) => zkvm::execute::run(execute),
        cli::Command::Prover(prover) => prover::run(prover),
        cli::Command::Ops(ops) => ops::run(ops),
        cli::Command::ProveBatch(prove) => prove_batch::run(prove),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            logging::fatal(&error);
            ExitCode::FAILURE
        }
    }
}
