//! `minster genesis`: the first state of a chain, as a file.

pub mod file;

use std::{
    collections::BTreeMap,
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

use alloy_primitives::{Address, B256, U256};
use eyre::{WrapErr, ensure};
use minster_os::{genesis_header, install_precontracts, tree_updates};
use minster_params::{ChainConfig, Genesis, GenesisAccount};
use minster_state::Tree;

use crate::{
    cli::{Fund, GenesisCommand},
    logging::say,
    zkvm::files,
};

/// Writes the file.
pub fn run(arguments: GenesisCommand) -> eyre::Result<()> {
    let GenesisCommand { out, json, .. } = &arguments;
    ensure!(
        !out.exists(),
        "{} is there already; a chain's genesis never changes, so choose another name",
        out.display()
    );
    let genesis = build(&arguments)?;
    let text = file::write(&genesis)?;
    files::write(out, text.as_bytes())?;
    let (hash, block_hash) = (genesis.hash(), block_hash(&genesis)?);
    let (chain_id, accounts) = (genesis.config.chain_id, genesis.accounts.len());
    if *json {
        let report = serde_json::json!({
            "file": out, "chainId": chain_id, "genesisHash": hash, "blockHash": block_hash,
            "accounts": accounts,
        });
        say(&report.to_string());
        return Ok(());
    }
    say(&format!("Genesis       {}", out.display()));
    say(&format!("Chain id      {chain_id}"));
    say(&format!("Accounts      {accounts}, those that every chain has included"));
    say(&format!("Genesis hash  {hash}"));
    say(&format!("Block 0       {block_hash}"));
    Ok(())
}

fn build(arguments: &GenesisCommand) -> eyre::Result<Genesis> {
    let defaults = ChainConfig::new(arguments.chain_id);
    let config = ChainConfig {
        block_time_ms: arguments.block_time.saturating_mul(1_000),
        block_gas_limit: arguments.block_gas_limit.unwrap_or(defaults.block_gas_limit),
        base_fee_initial: arguments.base_fee_initial.unwrap_or(defaults.base_fee_initial),
        base_fee_min: arguments.base_fee_min.unwrap_or(defaults.base_fee_min),
        fee_vault: arguments.fee_vault.unwrap_or(defaults.fee_vault),
        transaction_cycles_max: arguments
            .transaction_cycles_max
            .unwrap_or(defaults.transaction_cycles_max),
        block_cycles_max: arguments.block_cycles_max.unwrap_or(defaults.block_cycles_max),
        ..defaults
    };
    let mut accounts = match &arguments.alloc {
        Some(path) => alloc(path)?,
        None => BTreeMap::new(),
    };
    for Fund { address, wei } in &arguments.fund {
        let account = accounts.entry(*address).or_default();
        ensure!(account.balance.is_zero(), "{address} has a balance already: it is given twice");
        account.balance = wei.unwrap_or_else(|| ether(DEFAULT_ETHER));
    }
    let timestamp = match arguments.timestamp {
        Some(timestamp) => timestamp,
        None => now()?,
    };
    let mut genesis = Genesis { config, timestamp, accounts };
    genesis.config.validate()?;
    install_precontracts(&mut genesis)?;
    Ok(genesis)
}

/// Ether of an account that is funded without saying how much.
pub const DEFAULT_ETHER: u64 = 10_000;

/// So many ether in wei.
pub fn ether(count: u64) -> U256 {
    U256::from(count).saturating_mul(U256::from(10).pow(U256::from(18)))
}

fn alloc(path: &Path) -> eyre::Result<BTreeMap<Address, GenesisAccount>> {
    let bytes = file::read_bytes(path)?;
    file::parse_accounts(&bytes).wrap_err_with(|| format!("--alloc {}", path.display()))
}

fn now() -> eyre::Result<u64> {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH);
    Ok(elapsed.wrap_err("the clock is before 1970; set it, or give --timestamp")?.as_secs())
}

/// The hash of block 0, as `eth_getBlockByNumber` answers it.
pub fn block_hash(genesis: &Genesis) -> eyre::Result<B256> {
    let mut tree: Tree = Tree::new();
    let updates = tree_updates(&genesis.state(), &tree)?;
    tree.update(&updates)?;
    Ok(genesis_header(genesis, tree.root()).hash_slow())
}

#[cfg(test)]
mod tests;
