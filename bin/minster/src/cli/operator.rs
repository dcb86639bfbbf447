//! What an operator of a chain that stays can type.

use std::{path::PathBuf, str::FromStr};

use alloy_primitives::{Address, U256, utils::parse_ether};
use clap::{Args, Subcommand};

use crate::settings::{flags::Flags, layers::CONFIG_VARIABLE};

pub const NODE_ABOUT: &str = "\
Run the node of a chain that stays.

It needs a directory, an address to listen on and, at the first start, a genesis file; everything
else has a default. Settings come from a file (TOML), from variables of the environment and from
flags, under one set of names: rpc.batch_max is batch_max in the section [rpc] of the file, the
variable MINSTER_RPC_BATCH_MAX, and the flag --rpc.batch_max. A flag comes before a variable, a
variable before the file. Whatever is not known is an error.

SIGTERM and ctrl-C end it in order: no new transactions, what was accepted gets its receipts,
everything is on disk, exit code 0. A second one ends it at once; what was answered is kept.";

pub const NODE_EXAMPLES: &str = "\
From nothing to a running node:

  minster genesis --chain-id 4242 --fund 0xYOUR_ADDRESS --out genesis.json
  minster config default > node.toml
  minster config check --config node.toml --node.genesis genesis.json
  minster node --config node.toml --node.genesis genesis.json";

pub const GENESIS_ABOUT: &str = "\
Make the genesis file of a new chain.

The file says everything: the chain's parameters, its time, and every account with its balance,
nonce, code and storage, the contracts that every chain has included. Nothing of it can be changed
once the chain runs: its hash is in the data directory, and the parameters are in what proofs are
about.";

pub const GENESIS_EXAMPLES: &str = "\
Examples:

  minster genesis --chain-id 4242 --fund 0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266 \\
    --out genesis.json
  minster genesis --chain-id 4242 --alloc accounts.json --block-time 2 --out genesis.json

accounts.json is like `alloc` in a genesis file of geth:

  { \"0xADDRESS\": { \"balance\": \"0xde0b6b3a7640000\", \"nonce\": 0, \"code\": \"0x\",
    \"storage\": { \"0x0\": \"0x1\" } } }";

/// Where settings come from.
#[derive(Debug, Args)]
pub struct Sources {
    /// The file with settings; `minster config default` writes one to begin with.
    #[arg(long, value_name = "FILE", env = CONFIG_VARIABLE)]
    pub config: Option<PathBuf>,

    #[command(flatten)]
    pub flags: Flags,
}

#[derive(Debug, Args)]
pub struct NodeCommand {
    #[command(flatten)]
    pub sources: Sources,
}

#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Say everything that is wrong with the settings, or what they are.
    ///
    /// Reads what `minster node` would read, the genesis and the secrets included, and starts
    /// nothing. Exit status 0 means that nothing is wrong with them; whether the directory can be
    /// written and the addresses are free, a start shows.
    Check(ConfigCheck),
    /// Print a file with every setting, its default and what it is.
    Default,
    /// Print the page with all settings, as Markdown.
    Reference,
}

#[derive(Debug, Args)]
pub struct ConfigCheck {
    #[command(flatten)]
    pub sources: Sources,

    /// Print one JSON object on standard output.
    #[arg(long)]
    pub json: bool,
}

/// An account with a balance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fund {
    pub address: Address,
    /// The default when `None`.
    pub wei: Option<U256>,
}

impl FromStr for Fund {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (address, count) = match text.split_once('=') {
            Some((address, count)) => (address, Some(count)),
            None => (text, None),
        };
        let address = address.parse().map_err(|_| format!("{address} is no address"))?;
        let parse = |count: &str| {
            let wei = parse_ether(count).ok().filter(|_| !count.is_empty());
            wei.ok_or_else(|| format!("\"{count}\" is no number of ether"))
        };
        Ok(Self { address, wei: count.map(parse).transpose()? })
    }
}

#[derive(Debug, Args)]
pub struct GenesisCommand {
    /// The file to write; one that is there is left alone.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,

    /// Chain id (EIP-155). Choose one that no other chain has.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub chain_id: u64,

    /// Give an account so many ether, 10,000 if not said. May be given more than once.
    #[arg(long, value_name = "ADDRESS[=ETHER]")]
    pub fund: Vec<Fund>,

    /// Accounts with balances, nonces, code and storage, as JSON.
    #[arg(long, value_name = "FILE")]
    pub alloc: Option<PathBuf>,

    /// Timestamp of block 0 in seconds since 1970; now, if not given.
    #[arg(long, value_name = "SECONDS")]
    pub timestamp: Option<u64>,

    /// Time between blocks.
    #[arg(long, value_name = "SECONDS", default_value_t = 1,
        value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub block_time: u64,

    /// Gas limit of every block.
    #[arg(long, value_name = "GAS")]
    pub block_gas_limit: Option<u64>,

    /// Base fee of block 1.
    #[arg(long, value_name = "WEI")]
    pub base_fee_initial: Option<u64>,

    /// The base fee never falls below this.
    #[arg(long, value_name = "WEI")]
    pub base_fee_min: Option<u64>,

    /// What one transaction may take to prove, in cycles of the prover.
    #[arg(long, value_name = "CYCLES")]
    pub transaction_cycles_max: Option<u64>,

    /// What a block may take to prove, in cycles of the prover.
    #[arg(long, value_name = "CYCLES")]
    pub block_cycles_max: Option<u64>,

    /// Receives the tips, and is the COINBASE of every block.
    #[arg(long, value_name = "ADDRESS")]
    pub fee_vault: Option<Address>,

    /// Print one JSON object on standard output.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub enum DbCommand {
    /// Check everything in a data directory, and change nothing.
    ///
    /// Every record of the log is read; every snapshot is held against the root of its block; a
    /// start is tried, in memory; and every block is executed again from genesis on, or from the
    /// oldest state that is kept, which gives its receipts, its roots and its hash. Batches are
    /// held against their blocks; those that are not proven are run again, and proofs are held
    /// against their checksums, and with --proofs verified. The node must be stopped, and waits if
    /// it is started meanwhile; a backup can be checked at any time. Exit status 0 means that
    /// nothing is wrong.
    Verify(DbVerify),
}

#[derive(Debug, Args)]
pub struct DbVerify {
    /// The data directory, or a backup.
    #[arg(long, value_name = "DIR")]
    pub dir: PathBuf,

    /// The genesis file; the directory's own copy, if not given.
    #[arg(long, value_name = "FILE")]
    pub genesis: Option<PathBuf>,

    /// Who may have signed slices; more than one where the key was changed. Without it every
    /// signer counts as right, and the report names them.
    #[arg(long, value_name = "ADDRESS")]
    pub signer: Vec<Address>,

    /// Verify every proof that is kept, with the key that is built into the program. Takes some
    /// memory, and for each proof about as long as reading it.
    #[arg(long)]
    pub proofs: bool,

    /// Print one JSON object on standard output.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct Backup {
    /// The data directory. A node may run on it.
    #[arg(long, value_name = "DIR")]
    pub dir: PathBuf,

    /// Where the backup goes: a directory that is not there, or empty.
    #[arg(long, value_name = "DIR")]
    pub to: PathBuf,

    /// Leave out the key that signs slices. A node needs it to go on from the backup.
    #[arg(long)]
    pub without_key: bool,

    /// Print one JSON object on standard output.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct Restore {
    /// The backup.
    #[arg(long, value_name = "DIR")]
    pub from: PathBuf,

    /// The data directory to make of it: one that is not there, or empty.
    #[arg(long, value_name = "DIR")]
    pub dir: PathBuf,

    /// Print one JSON object on standard output.
    #[arg(long)]
    pub json: bool,
}
