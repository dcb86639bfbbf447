//! `minster dev`: a chain on a laptop.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use minster_os::install_precontracts;
use minster_params::{ChainConfig, Genesis, GenesisAccount};
use minster_rpc::{DevKeys, ProverTokens};
use minster_sequencer::{BrakeConfig, Mining, ReceiptSource};

use crate::{
    accounts::{DevAccount, dev_accounts},
    cli::{self, Dev, MiningMode, Proofs, Receipts},
    genesis::ether,
    logging::{self, say},
    node::tokens_in,
    run::{self, Node, Setup},
    settings::Settings,
};

/// Timestamp of a development genesis: fixed, so that a restart finds its own chain.
const GENESIS_TIMESTAMP: u64 = 1_767_225_600;

/// Runs until ctrl-C or a failure.
pub fn run(arguments: Dev) -> eyre::Result<()> {
    logging::start(&arguments.log, arguments.json)?;
    let accounts = dev_accounts(&arguments.mnemonic, arguments.accounts)?;
    let genesis = genesis(&arguments, &accounts)?;
    let settings = settings(&arguments, &accounts)?;
    let setup = Setup { genesis, settings, slice_key: None, listen_name: "--port" };
    run::run(setup, |node| announce(&arguments, &accounts, node))
}

/// The preset with what was typed.
fn settings(arguments: &Dev, accounts: &[DevAccount]) -> eyre::Result<Settings> {
    let mut settings = Settings::dev();
    settings.node.directory = arguments.dir.clone();
    settings.rpc.listen = SocketAddr::new(arguments.host, arguments.port);
    settings.rpc.prover_tokens = prover_tokens(arguments)?;
    settings.rpc.dev_keys = DevKeys::new(accounts.iter().map(|account| account.key))?;
    settings.sequencer.mining = match arguments.mine {
        MiningMode::Interval => Mining::Interval,
        MiningMode::Instant => Mining::Instant,
    };
    settings.sequencer.receipts = match arguments.receipts {
        Receipts::Slice => ReceiptSource::Slice,
        Receipts::Sealed => ReceiptSource::Sealed,
    };
    settings.sequencer.brake = brake(arguments.proof_backlog.get());
    settings.batches.limits.age_max = Duration::from_secs(arguments.batch_age);
    settings.proofs.mode = arguments.proofs;
    settings.proofs.threads = arguments.proof_threads;
    let local = |port| SocketAddr::new(Ipv4Addr::LOCALHOST.into(), port);
    settings.admin.listen = arguments.admin_port.map(local);
    settings.log.json = arguments.json;
    Ok(settings)
}

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
    tokens_in(path, "--prover-tokens")
}

/// Tips rise from half of the limit on.
fn brake(proof_backlog_hours: u32) -> BrakeConfig {
    let proof_backlog_max = Duration::from_secs(3_600 * u64::from(proof_backlog_hours));
    BrakeConfig { proof_backlog_tip: proof_backlog_max / 2, proof_backlog_max }
}

fn genesis(arguments: &Dev, accounts: &[DevAccount]) -> eyre::Result<Genesis> {
    let account = GenesisAccount { balance: ether(arguments.balance), ..Default::default() };
    let funded = accounts.iter().map(|account| account.address).chain(arguments.fund.clone());
    let config = ChainConfig {
        block_time_ms: arguments.block_time.saturating_mul(1_000),
        ..ChainConfig::new(arguments.chain_id)
    };
    let accounts = funded.map(|address| (address, account.clone())).collect();
    let mut genesis = Genesis { config, timestamp: GENESIS_TIMESTAMP, accounts };
    genesis.validate()?;
    install_precontracts(&mut genesis)?;
    Ok(genesis)
}

fn announce(arguments: &Dev, accounts: &[DevAccount], node: &Node) {
    let (address, report) = (node.reachable(), node.report());
    let (http, ws) = (format!("http://{address}"), format!("ws://{address}"));
    if arguments.json {
        let accounts: Vec<_> = accounts
            .iter()
            .map(|account| serde_json::json!({"address": account.address, "key": account.key}))
            .collect();
        let ready = serde_json::json!({
            "http": http,
            "ws": ws,
            "chainId": arguments.chain_id,
            "block": report.block,
            "replayedTransactions": report.replayed_transactions,
            "sliceSigner": node.sequencer().slice_signer(),
            "accounts": accounts,
            "proofs": node.proofs_json(),
            "admin": node.admin(),
        });
        logging::event("ready", ready);
        return;
    }
    say(&format!("Minster {} development chain\n", env!("CARGO_PKG_VERSION")));
    let balance = arguments.balance;
    say(&format!("Accounts, {balance} ETH each (the keys are public; development only)"));
    for (index, account) in accounts.iter().enumerate() {
        say(&format!("  ({index}) {}  {}", account.address, account.key));
    }
    say(&format!("\nMnemonic      {}", arguments.mnemonic));
    say(&format!("Chain id      {}", arguments.chain_id));
    say(&format!("HTTP          {http}"));
    say(&format!("WebSocket     {ws}"));
    if let Some(admin) = node.admin() {
        say(&format!("Admin         {admin}/health, /ready, /metrics"));
    }
    match &arguments.dir {
        Some(dir) => say(&format!("Directory     {}", dir.display())),
        None => say("Directory     none: the chain is gone when this ends; --dir DIR keeps it"),
    }
    say(&format!("Slice signer  {}", node.sequencer().slice_signer()));
    say(&format!("Proofs        {}", node.proofs_line(arguments.proofs)));
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
