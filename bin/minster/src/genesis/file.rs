//! The genesis file: a chain's parameters, its time, and every account of its first state.
//!
//! Nothing is added to what the file says, so that its hash never depends on the version of the
//! program that reads it.

use std::{collections::BTreeMap, fmt, marker::PhantomData, path::Path};

use alloy_primitives::{Address, Bytes, U64, U256};
use eyre::{WrapErr, bail, ensure};
use minster_os::install_precontracts;
use minster_params::{
    ChainConfig, Genesis, GenesisAccount,
    constants::{BLOCK_CYCLES_MAX, TRANSACTION_CYCLES_MAX},
    precontracts::PRECONTRACTS,
};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error as _, MapAccess, Visitor},
};

use crate::zkvm::files::{self, Wanted};

/// Bytes of a genesis file, at most.
const SIZE_MAX: usize = 1 << 30;

/// Latest time of block 0, in seconds: in the year 2106.
const TIMESTAMP_MAX: u64 = u32::MAX as u64;

/// Longest time between blocks.
const BLOCK_TIME_MS_MAX: u64 = 3_600_000;

/// Bytes of a contract's code, at most (EIP-170).
const CODE_BYTES_MAX: usize = 24_576;

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct GenesisFile {
    #[serde(with = "ConfigFile")]
    config: ChainConfig,
    timestamp: u64,
    #[serde(deserialize_with = "once_each")]
    alloc: BTreeMap<Address, AccountFile>,
}

/// A chain's configuration as the file has it.
#[derive(Serialize, Deserialize)]
#[serde(remote = "ChainConfig", rename_all = "camelCase", deny_unknown_fields)]
struct ConfigFile {
    chain_id: u64,
    block_time_ms: u64,
    block_gas_limit: u64,
    base_fee_initial: u64,
    base_fee_min: u64,
    base_fee_denominator: u64,
    elasticity: u64,
    fee_vault: Address,
    transaction_cycles_max: u64,
    block_cycles_max: u64,
}

/// An account, as geth's genesis files have it.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct AccountFile {
    #[serde(default, skip_serializing_if = "is_zero", deserialize_with = "number")]
    nonce: u64,
    #[serde(default)]
    balance: U256,
    #[serde(default, skip_serializing_if = "is_empty")]
    code: Bytes,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "once_each")]
    storage: BTreeMap<U256, U256>,
}

fn is_empty(code: &Bytes) -> bool {
    code.is_empty()
}

const fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// A number, or a quantity in hex, as geth writes it.
fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    U64::deserialize(deserializer).map(|number| number.to())
}

/// A map in which no key stands twice: the parser would take the last one and say nothing.
fn once_each<'de, D, K, V>(deserializer: D) -> Result<BTreeMap<K, V>, D::Error>
where
    D: Deserializer<'de>,
    K: Deserialize<'de> + Ord + fmt::Display,
    V: Deserialize<'de>,
{
    struct OnceEach<K, V>(PhantomData<(K, V)>);

    impl<'de, K, V> Visitor<'de> for OnceEach<K, V>
    where
        K: Deserialize<'de> + Ord + fmt::Display,
        V: Deserialize<'de>,
    {
        type Value = BTreeMap<K, V>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a map")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
            let mut map = BTreeMap::new();
            while let Some((key, value)) = access.next_entry::<K, V>()? {
                if map.contains_key(&key) {
                    return Err(A::Error::custom(format_args!("{key} stands there twice")));
                }
                map.insert(key, value);
            }
            Ok(map)
        }
    }

    deserializer.deserialize_map(OnceEach(PhantomData))
}

/// Reads a genesis file, and refuses what is no chain.
///
/// # Errors
/// Names the file and what is wrong with it.
pub fn read(path: &Path) -> eyre::Result<Genesis> {
    let bytes = read_bytes(path)?;
    parse(&bytes).wrap_err_with(|| format!("genesis {}", path.display()))
}

/// Reads a file of genesis, or of accounts.
pub fn read_bytes(path: &Path) -> eyre::Result<Vec<u8>> {
    files::read(Wanted { what: "the genesis", path, size_max: SIZE_MAX })
}

/// The genesis in a text.
pub fn parse(bytes: &[u8]) -> eyre::Result<Genesis> {
    let GenesisFile { config, timestamp, alloc } = serde_json::from_slice(bytes)?;
    let genesis = Genesis { config, timestamp, accounts: accounts(alloc) };
    validate(&genesis)?;
    Ok(genesis)
}

/// Whether it is the genesis of a chain that can run and be proven.
fn validate(genesis: &Genesis) -> eyre::Result<()> {
    genesis.validate()?;
    let ChainConfig { transaction_cycles_max, block_cycles_max, block_time_ms, .. } =
        genesis.config;
    ensure!(
        genesis.timestamp <= TIMESTAMP_MAX,
        "the timestamp {} is after 2106: it is in seconds, not in milliseconds",
        genesis.timestamp
    );
    ensure!(
        block_time_ms <= BLOCK_TIME_MS_MAX,
        "blockTimeMs is {block_time_ms}, and may be at most {BLOCK_TIME_MS_MAX}, an hour"
    );
    for (address, account) in &genesis.accounts {
        let size = account.code.len();
        ensure!(
            size <= CODE_BYTES_MAX,
            "the code of {address} has {size} bytes, and no contract has more than {CODE_BYTES_MAX}"
        );
    }
    ensure!(transaction_cycles_max > 0, "transactionCyclesMax is 0: nothing could be executed");
    ensure!(
        transaction_cycles_max <= TRANSACTION_CYCLES_MAX && block_cycles_max <= BLOCK_CYCLES_MAX,
        "transactionCyclesMax and blockCyclesMax may be at most {TRANSACTION_CYCLES_MAX} and \
         {BLOCK_CYCLES_MAX}: more could not be proven"
    );
    ensure_precontracts(genesis)
}

/// Accounts alone, as in the `alloc` of a genesis file of geth.
pub fn parse_accounts(bytes: &[u8]) -> eyre::Result<BTreeMap<Address, GenesisAccount>> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let alloc = once_each(&mut deserializer)?;
    deserializer.end()?;
    Ok(accounts(alloc))
}

fn accounts(alloc: BTreeMap<Address, AccountFile>) -> BTreeMap<Address, GenesisAccount> {
    let account = |file: AccountFile| {
        let AccountFile { nonce, balance, code, storage } = file;
        GenesisAccount { nonce, balance, code, storage }
    };
    alloc.into_iter().map(|(address, file)| (address, account(file))).collect()
}

/// Every chain has the contracts of spec/precontracts.md; one of them the rules themselves call.
fn ensure_precontracts(genesis: &Genesis) -> eyre::Result<()> {
    let mut expected = Genesis { accounts: BTreeMap::new(), ..genesis.clone() };
    install_precontracts(&mut expected)?;
    for (address, account) in &expected.accounts {
        let name = PRECONTRACTS.iter().find(|known| known.address == *address);
        let name = name.map_or("a part of a precontract", |known| known.name);
        let found = genesis.accounts.get(address);
        ensure!(
            found.is_some_and(|found| {
                (&found.code, found.nonce, &found.storage)
                    == (&account.code, account.nonce, &account.storage)
            }),
            "{name} is not at {address}, or not as it has to be; make the file with \
             `minster genesis`, which adds it"
        );
    }
    Ok(())
}

/// The file of a genesis.
pub fn write(genesis: &Genesis) -> eyre::Result<String> {
    let account = |account: &GenesisAccount| {
        let GenesisAccount { nonce, balance, code, storage } = account.clone();
        AccountFile { nonce, balance, code, storage }
    };
    let alloc = genesis.accounts.iter().map(|(address, found)| (*address, account(found)));
    let file = GenesisFile {
        config: genesis.config.clone(),
        timestamp: genesis.timestamp,
        alloc: alloc.collect(),
    };
    let mut text = serde_json::to_string_pretty(&file)?;
    if text.len() >= SIZE_MAX {
        text = serde_json::to_string(&file)?;
    }
    text.push('\n');
    ensure!(text.len() <= SIZE_MAX, "the genesis file would be larger than any that is read");
    // What was written is what will be read.
    if parse(text.as_bytes())? != *genesis {
        bail!("the genesis file does not say what it should: a bug");
    }
    Ok(text)
}

#[cfg(test)]
mod tests;
