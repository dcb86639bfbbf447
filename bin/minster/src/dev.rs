//! `minster dev`: a chain on a laptop.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use alloy_primitives::U256;
use eyre::WrapErr;
use minster_admin::{Admin, AdminConfig, Sources};
use minster_batcher::{Batcher, BatcherConfig, CutLimits};
use minster_os::install_precontracts;
use minster_params::{ChainConfig, Genesis, GenesisAccount};
use minster_prover_queue::ChildProver;
use minster_rpc::{DevKeys, ProverTokens, RpcConfig, RpcHandle, RpcServer};
use minster_sequencer::{
    BrakeConfig, Mining, ReceiptSource, Running, SequencerConfig, StartConfig, open_storage,
};

use crate::{
    accounts::{ACCOUNT_ETHER, DevAccount, MNEMONIC, dev_accounts},
    background::{Background, Roles},
    cli::{self, Dev, MiningMode, Proofs, Receipts},
    logging::{self, say},
    status,
};

/// Chain id of a development chain.
const CHAIN_ID: u64 = 1_337;

/// Timestamp of a development genesis: fixed, so that a restart finds its own chain.
const GENESIS_TIMESTAMP: u64 = 1_767_225_600;

/// Runs until ctrl-C or a failure.
pub fn run(arguments: Dev) -> eyre::Result<()> {
    logging::start(&arguments.log, arguments.json)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .wrap_err("start the async runtime")?;
    runtime.block_on(serve(arguments))
}

async fn serve(arguments: Dev) -> eyre::Result<()> {
    let accounts = dev_accounts()?;
    let prover_tokens = prover_tokens(&arguments)?;
    // First of all, so that it answers while the log is replayed.
    let admin = arguments.admin_port.map(admin).transpose()?;
    let node = Node::start(&arguments, &genesis(&accounts)?)?;
    let rpc_config = RpcConfig {
        listen: SocketAddr::new(arguments.host, arguments.port),
        cors: true,
        prover_tokens,
        dev_keys: DevKeys::new(accounts.iter().map(|account| account.key))?,
        ..Default::default()
    };
    let handle = node.running.handle().clone();
    let batches = node.background.as_ref().map(|background| background.batches().clone());
    let rpc = match RpcServer::start(rpc_config, handle.clone(), batches.clone()).await {
        Ok(rpc) => rpc,
        Err(error) => {
            node.stop()?;
            return Err(error.into());
        }
    };
    if let Some(admin) = &admin {
        admin.attach(Sources {
            sequencer: handle.clone(),
            batches: batches.clone(),
            rpc: rpc.metrics().clone(),
            directory: arguments.dir.clone(),
        });
    }
    announce(&arguments, &accounts, &node, &rpc, admin.as_ref());
    let status = tokio::spawn(status::run(handle, batches, arguments.json));
    let failed = tokio::select! {
        () = interrupted() => false,
        () = node.failed() => true,
    };
    status.abort();
    if let Some(admin) = &admin {
        admin.drain();
    }
    if !arguments.json {
        say("\nstopping: sealing the open block and writing everything down");
    }
    rpc.stop().await;
    let stopped = tokio::task::spawn_blocking(|| node.stop()).await.wrap_err("stop")?;
    stopped?;
    if failed {
        eyre::bail!("a thread stopped without saying why");
    }
    Ok(())
}

/// On this machine alone: it has no password.
fn admin(port: u16) -> eyre::Result<Admin> {
    let listen = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), port);
    Ok(Admin::start(AdminConfig { listen, ..AdminConfig::default() })?)
}

/// Bytes of proofs that a chain without a directory keeps.
const MEMORY_PROOF_BYTES_MAX: u64 = 512 << 20;

/// Who may prove for this node.
fn prover_tokens(arguments: &Dev) -> eyre::Result<ProverTokens> {
    let Some(path) = &arguments.prover_tokens else {
        if arguments.proofs == Proofs::Lent {
            cli::refuse("--proofs lent needs --prover-tokens");
        }
        return Ok(ProverTokens::default());
    };
    if arguments.proofs == Proofs::Off {
        cli::refuse("--prover-tokens lends batches, and --proofs off makes none");
    }
    let context = || format!("--prover-tokens: {}", path.display());
    let text = std::fs::read_to_string(path).wrap_err_with(context)?;
    ProverTokens::parse(&text).wrap_err_with(context)
}

/// The sequencer, and with `--proofs on` what batches and proves beside it.
struct Node {
    running: Running,
    background: Option<Background>,
}

impl Node {
    fn start(arguments: &Dev, genesis: &Genesis) -> eyre::Result<Self> {
        let storage = open_storage(genesis, arguments.dir.as_deref())?;
        let age_max = Duration::from_secs(arguments.batch_age);
        let limits = CutLimits { age_max, ..CutLimits::default() };
        let mut settings = BatcherConfig { limits, ..BatcherConfig::default() };
        let threads = arguments.proof_threads.unwrap_or_else(ChildProver::threads_here);
        let factor = u64::try_from(threads.get()).unwrap_or(u64::MAX);
        settings.rate_assumed = settings.rate_assumed.saturating_mul(factor);
        if arguments.dir.is_none() {
            settings.proof_bytes_max = MEMORY_PROOF_BYTES_MAX;
        }
        let batcher = match arguments.proofs {
            Proofs::On | Proofs::Lent => Some(Batcher::open(genesis, &storage, settings)?),
            Proofs::Off => None,
        };
        let roles = Roles {
            own_threads: (arguments.proofs == Proofs::On).then_some(threads),
            is_lending: arguments.prover_tokens.is_some(),
        };
        let config = StartConfig {
            directory: arguments.dir.clone(),
            sequencer: SequencerConfig {
                mining: match arguments.mine {
                    MiningMode::Interval => Mining::Interval,
                    MiningMode::Instant => Mining::Instant,
                },
                receipts: match arguments.receipts {
                    Receipts::Slice => ReceiptSource::Slice,
                    Receipts::Sealed => ReceiptSource::Sealed,
                },
                brake: brake(arguments.proof_backlog.get()),
                is_development: true,
                ..Default::default()
            },
            tree_at: batcher.as_ref().map(Batcher::tree_at),
            ..Default::default()
        };
        let mut running = Running::start_on(genesis, storage, config)?;
        let background = batcher.map(|batcher| Background::start(batcher, &mut running, roles));
        let background = background.transpose()?;
        Ok(Self { running, background })
    }

    /// Resolves when a thread has failed; [`Node::stop`] then says why.
    async fn failed(&self) {
        let background = async {
            match &self.background {
                Some(background) => background.failed().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = self.running.failed() => {}
            () = background => {}
        }
    }

    fn stop(self) -> eyre::Result<()> {
        let background = self.background.map_or(Ok(()), Background::stop);
        self.running.stop()?;
        background
    }
}

/// Tips rise from half of the limit on.
fn brake(proof_backlog_hours: u32) -> BrakeConfig {
    let proof_backlog_max = Duration::from_secs(3_600 * u64::from(proof_backlog_hours));
    BrakeConfig { proof_backlog_tip: proof_backlog_max / 2, proof_backlog_max }
}

/// Ctrl-C, or SIGTERM where there is one.
pub async fn interrupted() {
    let ctrl_c = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => {
                terminate.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = ctrl_c => {}
        () = terminate => {}
    }
}

fn genesis(accounts: &[DevAccount]) -> eyre::Result<Genesis> {
    let wei = U256::from(ACCOUNT_ETHER) * U256::from(10).pow(U256::from(18));
    let funded = |account: &DevAccount| {
        (account.address, GenesisAccount { balance: wei, ..Default::default() })
    };
    let mut genesis = Genesis {
        config: ChainConfig::new(CHAIN_ID),
        timestamp: GENESIS_TIMESTAMP,
        accounts: accounts.iter().map(funded).collect(),
    };
    install_precontracts(&mut genesis)?;
    Ok(genesis)
}

fn announce(
    arguments: &Dev,
    accounts: &[DevAccount],
    node: &Node,
    rpc: &RpcHandle,
    admin: Option<&Admin>,
) {
    let running = &node.running;
    let address = reachable(rpc.local_addr());
    let (http, ws) = (format!("http://{address}"), format!("ws://{address}"));
    let report = running.report();
    if arguments.json {
        let accounts: Vec<_> = accounts
            .iter()
            .map(|account| serde_json::json!({"address": account.address, "key": account.key}))
            .collect();
        let ready = serde_json::json!({
            "http": http,
            "ws": ws,
            "chainId": CHAIN_ID,
            "block": report.block,
            "replayedTransactions": report.replayed_transactions,
            "sliceSigner": running.handle().slice_signer(),
            "accounts": accounts,
            "proofs": proofs_json(node),
            "admin": admin.map(|admin| format!("http://{}", admin.local_addr())),
        });
        logging::event("ready", ready);
        return;
    }
    say(&format!("Minster {} development chain\n", env!("CARGO_PKG_VERSION")));
    say(&format!("Accounts, {ACCOUNT_ETHER} ETH each (the keys are public; development only)"));
    for (index, account) in accounts.iter().enumerate() {
        say(&format!("  ({index}) {}  {}", account.address, account.key));
    }
    say(&format!("\nMnemonic      {MNEMONIC}"));
    say(&format!("Chain id      {CHAIN_ID}"));
    say(&format!("HTTP          {http}"));
    say(&format!("WebSocket     {ws}"));
    if let Some(admin) = admin {
        say(&format!("Admin         http://{}/health, /ready, /metrics", admin.local_addr()));
    }
    match &arguments.dir {
        Some(dir) => say(&format!("Directory     {}", dir.display())),
        None => say("Directory     none: the chain is gone when this ends; --dir DIR keeps it"),
    }
    say(&format!("Slice signer  {}", running.handle().slice_signer()));
    say(&format!("Proofs        {}", proofs_line(node, arguments.proofs)));
    if report.block > 0 || report.replayed_transactions > 0 {
        say(&format!(
            "Restored      block {}, snapshot of block {}, {} transactions replayed",
            report.block, report.snapshot_block, report.replayed_transactions
        ));
    }
    if let [first, second, ..] = accounts {
        say("\nSend your first transaction (cast is part of Foundry):\n");
        say(&format!(
            "  cast send --rpc-url {http} --private-key {} {} --value 1ether\n",
            first.key, second.address
        ));
    }
}

/// Whether the node proves, and what it has so far.
fn proofs_json(node: &Node) -> serde_json::Value {
    match &node.background {
        None => serde_json::json!("off"),
        Some(background) => {
            let summary = background.batches().summary();
            serde_json::json!({"batches": summary.sealed, "proven": summary.proven})
        }
    }
}

fn proofs_line(node: &Node, proofs: Proofs) -> String {
    let Some(background) = &node.background else {
        return "off (--proofs off): nothing is batched or proven".to_owned();
    };
    let summary = background.batches().summary();
    match (summary.sealed, summary.proven) {
        (0, _) if proofs == Proofs::Lent => "made elsewhere, by minster prover".to_owned(),
        (0, _) => "on, in the background; --proofs off leaves the cores alone".to_owned(),
        (sealed, proven) => format!("on; {sealed} batches so far, {proven} of them proven"),
    }
}

/// An address that a client on this machine can type.
fn reachable(address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => {
            SocketAddr::new(Ipv4Addr::LOCALHOST.into(), address.port())
        }
        _ => address,
    }
}
