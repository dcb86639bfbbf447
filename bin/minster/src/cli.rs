//! What can be typed.

mod operator;

use std::{
    net::IpAddr,
    num::{NonZeroU32, NonZeroUsize},
    path::PathBuf,
};

use alloy_primitives::Address;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum, error::ErrorKind};
use minster_emulator::CYCLES_MAX_DEFAULT;
use minster_prover::share::Place;

pub use operator::{
    Backup, ConfigCheck, ConfigCommand, DbCommand, DbVerify, Fund, GenesisCommand, NodeCommand,
    Restore, Sources,
};
use operator::{GENESIS_ABOUT, GENESIS_EXAMPLES, NODE_ABOUT, NODE_EXAMPLES};

use crate::{accounts::MNEMONIC, genesis::DEFAULT_ETHER, ops::Ops, remote::Trust};

/// A chain of your own that looks exactly like Ethereum, and a machine whose runs are proven.
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

    /// Run the node of a chain that stays.
    #[command(long_about = NODE_ABOUT, after_long_help = NODE_EXAMPLES)]
    Node(NodeCommand),

    /// Check or show the settings of `minster node`.
    #[command(subcommand)]
    Config(ConfigCommand),

    /// Make the genesis file of a new chain.
    #[command(long_about = GENESIS_ABOUT, after_long_help = GENESIS_EXAMPLES)]
    Genesis(GenesisCommand),

    /// Look after a data directory.
    #[command(subcommand)]
    Db(DbCommand),

    /// Copy a data directory, also while a node runs on it.
    ///
    /// The copy is a data directory as a crash would leave it at a moment while it was made: every
    /// receipt that was answered before the backup began is in it.
    Backup(Backup),

    /// Make a data directory of a backup.
    ///
    /// Never run two nodes on copies of one chain: both would sign different blocks as the same.
    Restore(Restore),

    /// Prove that a RISC-V program ran and ended with exit code 0.
    #[command(long_about = PROVE_ABOUT, after_long_help = PROVE_EXAMPLES)]
    Prove(Prove),

    /// Check a proof of a program's run, and show what the program made public.
    #[command(long_about = VERIFY_ABOUT, after_long_help = VERIFY_EXAMPLES)]
    Verify(Verify),

    /// Run a RISC-V program without proving it, and count its instructions.
    #[command(long_about = EXECUTE_ABOUT, after_long_help = EXECUTE_EXAMPLES)]
    Execute(Execute),

    /// Prove batches of a node that runs elsewhere.
    #[command(long_about = PROVER_ABOUT)]
    Prover(ProverWork),

    /// Print what watches a node: dashboard, alerts, runbook; and what runs it: unit, image.
    Ops(Ops),

    /// Prove the batch on standard input. The node starts this itself.
    #[command(hide = true)]
    ProveBatch(ProveBatch),
}

/// Ends the program as for any arguments that make no sense.
pub fn refuse(why: &str) -> ! {
    Arguments::command().error(ErrorKind::ArgumentConflict, why).exit()
}

const PROVE_ABOUT: &str = "\
Prove that a RISC-V program ran and ended with exit code 0.

The program is a statically linked ELF file for rv32im; zkvm/template is one to copy. It runs once
without proof, so that a failure shows at once; then it is proven segment by segment, in bounded
memory, on all cores. The proof binds what the program made public. It does not bind the input, and
it does not hide it either.";

const PROVE_EXAMPLES: &str = "\
Example: the tenth Fibonacci number.

  printf '\\012\\0\\0\\0' > ten
  minster prove --elf zkvm/examples/elf/fibonacci.elf --input ten --out fibonacci.proof
  minster verify --elf zkvm/examples/elf/fibonacci.elf fibonacci.proof

Example: one run, proven in three terminals, which may be on three machines that see the folder.

  minster prove --elf program.elf --input data --out run.proof --share /shared/run
  minster prove --from /shared/run
  minster prove --from /shared/run

Instead of a folder: unix:/tmp/run.socket on one machine, or tcp:HOST:PORT. Workers may come and go
at any time. They need no files. Each runs the program itself, so it sees the input; what it sends
is verified before it counts, so it cannot make a false proof. There is no password and no
encryption: share in networks that you trust with the input.";

const VERIFY_ABOUT: &str = "\
Check a proof of a program's run, and show what the program made public.

Exit status 0 means that the very program in the ELF file ran on this machine, ended with exit code
0, and made public what is shown. Everything else is refused with exit status 1.

With --batch, the program is the batch guest of this version, and the proof is one that a node made
of a batch of blocks: a file, or with --node the number of a batch of that node.";

const VERIFY_EXAMPLES: &str = "\
Examples:

  minster verify --elf zkvm/examples/elf/fibonacci.elf fibonacci.proof
  minster verify --elf program.elf --output - --quiet run.proof | sha256sum
  minster verify --batch batch-12.proof
  minster verify --batch 12 --node http://localhost:8545";

const PROVER_ABOUT: &str = "\
Prove batches of a node that runs elsewhere.

The node lends batches to whoever has a token of its --prover-tokens file (of `minster node`: the
file that proofs.tokens_file names). This command borrows one after the other, proves it, and hands
the proof in; the node verifies it before it keeps it. A batch whose prover is silent for a minute
is lent to somebody else, after a pause. The token travels encrypted, by https, or not beyond this
machine; a node speaks http, so give it a proxy or a tunnel.";

const EXECUTE_ABOUT: &str = "\
Run a RISC-V program without proving it, and count its instructions.

Exit status 0 means that the program ended with exit code 0. A program that does what the machine
does not allow stops, with the address and the function where it happened.";

const EXECUTE_EXAMPLES: &str = "\
Examples: a number as input, and a document from standard input.

  printf '\\012\\0\\0\\0' > ten
  minster execute --elf zkvm/examples/elf/fibonacci.elf --input ten
  echo '[1, 2]' | minster execute --elf zkvm/examples/elf/json.elf --input -";

/// A program and what it is given.
#[derive(Debug, Args)]
pub struct Guest {
    /// The program: a statically linked RISC-V ELF file for rv32im.
    #[arg(long, value_name = "FILE")]
    pub elf: PathBuf,

    #[command(flatten)]
    pub given: Given,
}

/// What a program is given.
#[derive(Debug, Clone, Args)]
pub struct Given {
    /// The program's input; `-` is standard input. Empty without this option.
    #[arg(long, value_name = "FILE")]
    pub input: Option<PathBuf>,

    /// Hints: advice that the program checks; `-` is standard input. Without them, what the
    /// library minster-secp256k1 asks for is answered.
    #[arg(long, value_name = "FILE")]
    pub hints: Option<PathBuf>,

    /// Give up after this many instructions.
    #[arg(long, value_name = "N", default_value_t = CYCLES_MAX_DEFAULT)]
    pub max_cycles: u64,
}

#[derive(Debug, Args)]
pub struct Prove {
    /// The program: a statically linked RISC-V ELF file for rv32im.
    #[arg(long, value_name = "FILE", required_unless_present = "from")]
    pub elf: Option<PathBuf>,

    #[command(flatten)]
    pub given: Given,

    /// Where the proof goes; `-` is standard output. A file appears when it is complete.
    #[arg(long, value_name = "FILE", required_unless_present = "from")]
    pub out: Option<PathBuf>,

    /// The most instructions of a segment. Shorter segments take less memory and are shared among
    /// more workers; the whole takes longer, and the proof is larger.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(100..))]
    pub cycles_per_segment: Option<u32>,

    /// Let other processes prove segments of this run: see --from. A folder that all of them see
    /// (made if it does not exist), unix:PATH, or tcp:HOST:PORT.
    #[arg(long, value_name = "WHERE", conflicts_with = "profile")]
    pub share: Option<Place>,

    /// Prove nothing in this process, only hand out segments and check what comes back.
    #[arg(long, requires = "share")]
    pub share_only: bool,

    /// Prove segments of a run that another process shares, until that run is proven.
    #[arg(
        long,
        value_name = "WHERE",
        conflicts_with_all = ["elf", "input", "hints", "max_cycles", "out", "profile",
            "cycles_per_segment", "share"],
    )]
    pub from: Option<Place>,

    /// Show cells, rows and padding of every table, and the seconds of every phase.
    #[arg(long)]
    pub profile: bool,

    /// Print one JSON object on standard output, with everything that --profile shows.
    #[arg(long)]
    pub json: bool,

    /// No progress on standard error.
    #[arg(long)]
    pub quiet: bool,

    /// Threads of the prover; all cores without this option. The program itself runs ahead on one
    /// more.
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
}

#[derive(Debug, Args)]
pub struct ProverWork {
    /// The node, as https://HOST:PORT or, on this machine, http://HOST:PORT.
    #[arg(long, value_name = "URL")]
    pub node: String,

    #[command(flatten)]
    pub trust: Trust,

    /// Send the token unencrypted over http to another machine. Anybody on the way can read it.
    #[arg(long)]
    pub insecure_http: bool,

    /// A file with the token that the node knows this prover by.
    #[arg(long, value_name = "FILE")]
    pub token: PathBuf,

    /// Threads of the prover; all cores if not given.
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,

    /// End after one batch.
    #[arg(long)]
    pub once: bool,
}

/// What the node says to the process that proves for it.
#[derive(Debug, Args)]
pub struct ProveBatch {
    /// Threads of the prover.
    #[arg(long, value_name = "N")]
    pub threads: NonZeroUsize,
}

#[derive(Debug, Args)]
pub struct Verify {
    /// The program that the proof should be about.
    #[arg(long, value_name = "FILE", required_unless_present = "batch")]
    pub elf: Option<PathBuf>,

    /// The proof is of a batch: check it against the batch guest of this version, and show the
    /// commitments before and after the batch.
    #[arg(long, conflicts_with = "elf")]
    pub batch: bool,

    /// Download the proof of a batch from this node, and check that it is of the very batch that
    /// the node describes. PROOF is then the batch's number.
    #[arg(long, value_name = "URL", requires = "batch")]
    pub node: Option<String>,

    #[command(flatten)]
    pub trust: Trust,

    /// The proof; `-` is standard input.
    #[arg(value_name = "PROOF")]
    pub proof: PathBuf,

    /// Write the public output to this file; `-` is standard output.
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Print one JSON object on standard output.
    #[arg(long)]
    pub json: bool,

    /// No report.
    #[arg(long, conflicts_with = "json")]
    pub quiet: bool,
}

#[derive(Debug, Args)]
pub struct Execute {
    #[command(flatten)]
    pub guest: Guest,

    /// Write the public output to this file; `-` is standard output.
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Print one JSON object on standard output.
    #[arg(long)]
    pub json: bool,

    /// No report.
    #[arg(long, conflicts_with = "json")]
    pub quiet: bool,
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

/// Whether the node batches and proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Proofs {
    /// It does.
    #[default]
    On,
    /// It batches, and only provers elsewhere prove; see --prover-tokens.
    Lent,
    /// It does neither; a later start with proofs catches up.
    Off,
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

    /// Whether transactions are batched, and batches proven in the background on all cores but
    /// one, at the lowest priority.
    #[arg(long, value_enum, default_value_t)]
    pub proofs: Proofs,

    /// Threads of the prover; all cores but one if not given.
    #[arg(long, value_name = "N")]
    pub proof_threads: Option<NonZeroUsize>,

    /// Lend batches to `minster prover`, run elsewhere with a token in this file, one a line.
    #[arg(long, value_name = "FILE")]
    pub prover_tokens: Option<PathBuf>,

    /// Seal a batch at the latest when its first transaction is so old. It is sealed after two
    /// seconds while nothing else is being proven.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub batch_age: u64,

    /// Refuse transactions when the prover needs this long for what is not proven. Tips rise from
    /// half of it on.
    #[arg(long, value_name = "HOURS", default_value = "6")]
    pub proof_backlog: NonZeroU32,

    /// Open the admin port on this machine alone: /health, /ready and /metrics; 0 picks a free
    /// port. Without this option there is none, so that several chains get along on one machine.
    #[arg(long, value_name = "PORT")]
    pub admin_port: Option<u16>,

    /// The funded accounts are the first of this mnemonic.
    #[arg(long, value_name = "WORDS", default_value = MNEMONIC)]
    pub mnemonic: String,

    /// Accounts of the mnemonic that are funded, and that the node signs for.
    #[arg(long, value_name = "N", default_value_t = 10,
        value_parser = clap::value_parser!(u32).range(0..=1_000))]
    pub accounts: u32,

    /// Ether in each of them at the beginning.
    #[arg(long, value_name = "ETHER", default_value_t = DEFAULT_ETHER)]
    pub balance: u64,

    /// Fund this account too. May be given more than once.
    #[arg(long, value_name = "ADDRESS")]
    pub fund: Vec<Address>,

    /// Chain id. With another one a directory is another chain's, as with other accounts, balances
    /// or another block time.
    #[arg(long, value_name = "N", default_value_t = 1_337,
        value_parser = clap::value_parser!(u64).range(1..))]
    pub chain_id: u64,

    /// Time between blocks.
    #[arg(long, value_name = "SECONDS", default_value_t = 1,
        value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub block_time: u64,

    /// Log as JSON, one object a line, on standard output.
    #[arg(long)]
    pub json: bool,

    /// What to log: error, warn, info, debug, trace, or per module (RUST_LOG syntax).
    #[arg(long, default_value = "info", env = "MINSTER_LOG")]
    pub log: String,
}
