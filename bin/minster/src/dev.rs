//! `minster dev`: a chain on a laptop.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use alloy_primitives::U256;
use eyre::WrapErr;
use minster_os::install_precontracts;
use minster_params::{ChainConfig, Genesis, GenesisAccount};
use minster_rpc::{RpcConfig, RpcHandle, RpcServer};
use minster_sequencer::{Mining, ReceiptSource, Running, SequencerConfig, StartConfig};

use crate::{
    accounts::{ACCOUNT_ETHER, DevAccount, MNEMONIC, dev_accounts},
    cli::{Dev, MiningMode, Receipts},
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
    let genesis = genesis(&accounts)?;
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
            ..Default::default()
        },
        ..Default::default()
    };
    let running = Running::start(&genesis, config)?;
    let rpc_config = RpcConfig {
        listen: SocketAddr::new(arguments.host, arguments.port),
        cors: true,
        ..Default::default()
    };
    let rpc = match RpcServer::start(rpc_config, running.handle().clone()).await {
        Ok(rpc) => rpc,
        Err(error) => {
            running.stop()?;
            return Err(error.into());
        }
    };
    announce(&arguments, &accounts, &running, &rpc);
    let status = tokio::spawn(status::run(running.handle().clone(), arguments.json));
    let failed = tokio::select! {
        () = interrupted() => false,
        () = running.failed() => true,
    };
    status.abort();
    if !arguments.json {
        say("\nstopping: sealing the open block and writing everything down");
    }
    rpc.stop().await;
    let stopped = tokio::task::spawn_blocking(|| running.stop()).await.wrap_err("stop")?;
    stopped?;
    if failed {
        eyre::bail!("the sequencer stopped without saying why");
    }
    Ok(())
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

fn announce(arguments: &Dev, accounts: &[DevAccount], running: &Running, rpc: &RpcHandle) {
    let address = reachable(rpc.local_addr());
    let (http, ws) = (format!("http://{address}"), format!("ws://{address}"));
    let report = running.report();
    if arguments.json {
        let accounts: Vec<_> = accounts
            .iter()
            .map(|account| serde_json::json!({"address": account.address, "key": account.key}))
            .collect();
        let ready = serde_json::json!({
            "level": "INFO",
            "message": "ready",
            "http": http,
            "ws": ws,
            "chainId": CHAIN_ID,
            "block": report.block,
            "replayedTransactions": report.replayed_transactions,
            "sliceSigner": running.handle().slice_signer(),
            "accounts": accounts,
            "proofs": "none: this version does not prove",
        });
        say(&ready.to_string());
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
    match &arguments.dir {
        Some(dir) => say(&format!("Directory     {}", dir.display())),
        None => say("Directory     none: the chain is gone when this ends; --dir DIR keeps it"),
    }
    say(&format!("Slice signer  {}", running.handle().slice_signer()));
    say("Proofs        none: this version does not prove");
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

/// An address that a client on this machine can type.
fn reachable(address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => {
            SocketAddr::new(Ipv4Addr::LOCALHOST.into(), address.port())
        }
        _ => address,
    }
}
