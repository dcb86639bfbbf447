//! What can be typed.

use std::{net::IpAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};

/// A chain of your own that looks exactly like Ethereum.
#[derive(Debug, Parser)]
#[command(name = "minster", version, propagate_version = true, arg_required_else_help = true)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start a development chain with funded accounts.
    ///
    /// Ethereum tools connect to http://127.0.0.1:8545 or ws://127.0.0.1:8545. Receipts come
    /// within milliseconds; blocks are sealed every second. Without --dir everything is in memory
    /// and gone at the end; with it a restart goes on where the chain stood.
    Dev(Dev),
}

/// When blocks are sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum MiningMode {
    /// Every second in which there was a transaction.
    #[default]
    Interval,
    /// After each transaction; the chain's clock may run ahead of yours.
    Instant,
}

/// Where receipts are answered from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Receipts {
    /// From signed, durable slices, milliseconds after sending.
    #[default]
    Slice,
    /// From sealed blocks only.
    Sealed,
}

#[derive(Debug, Args)]
pub struct Dev {
    /// Keep the chain in this directory; created if it does not exist.
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,

    /// Port for HTTP and WebSocket; 0 picks a free one.
    #[arg(long, default_value_t = 8545)]
    pub port: u16,

    /// Address to listen on. Anybody who can reach it can use the development keys.
    #[arg(long, default_value = "127.0.0.1")]
    pub host: IpAddr,

    /// When blocks are sealed.
    #[arg(long, value_enum, default_value_t)]
    pub mine: MiningMode,

    /// Where receipts are answered from.
    #[arg(long, value_enum, default_value_t)]
    pub receipts: Receipts,

    /// Log as JSON, one object a line, on standard output.
    #[arg(long)]
    pub json: bool,

    /// What to log: error, warn, info, debug, trace, or per module (RUST_LOG syntax).
    #[arg(long, default_value = "info", env = "MINSTER_LOG")]
    pub log: String,
}
