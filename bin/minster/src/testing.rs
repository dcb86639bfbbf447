//! What this program reads from files of others, held against its own writing of it.

use std::path::Path;

use alloy_primitives::{Address, U256};
use minster_os::install_precontracts;
use minster_params::{ChainConfig, Genesis, GenesisAccount};
use serde_json::{Value, json};

use crate::{
    genesis::file,
    settings::{
        Settings,
        layers::{Layers, Problem, Resolved, resolve},
        table::KEYS,
    },
};

/// What a node does not start without, and a file need not say.
pub(crate) const NEEDED: [(&str, &str); 2] =
    [("MINSTER_NODE_DIRECTORY", "chain"), ("MINSTER_RPC_LISTEN", "127.0.0.1:1")];

/// The values of all keys.
pub(crate) fn written(settings: &Settings) -> Vec<(&'static str, Option<String>)> {
    KEYS.iter().map(|key| (key.name, (key.written)(settings))).collect()
}

/// A file that says the value of every key.
fn settings_file(settings: &Settings) -> String {
    let line = |(name, value): (&str, Option<String>)| Some(format!("{name} = {}\n", value?));
    written(settings).into_iter().filter_map(line).collect()
}

fn read_settings(text: &str) -> Result<Settings, Vec<Problem>> {
    let environment = NEEDED.map(|(name, text)| (name.into(), text.into())).into();
    let file = Some((Path::new("node.toml"), text));
    let resolved = resolve(Settings::node(), Layers { file, environment, flags: Vec::new() });
    resolved.map(|Resolved { settings, .. }| settings)
}

/// Settings that are accepted.
#[must_use]
pub fn settings_example() -> String {
    settings_file(&Settings::node())
}

/// Whether a file of settings is accepted.
///
/// # Panics
/// When it is, and the same settings written down mean others; when it is not, and nobody says why.
#[must_use]
pub fn check_settings(text: &str) -> bool {
    match read_settings(text) {
        Ok(settings) => {
            let again = read_settings(&settings_file(&settings));
            assert_eq!(again.map(|again| written(&again)), Ok(written(&settings)), "{text}");
            true
        }
        Err(problems) => {
            assert!(!problems.is_empty(), "refused without a reason: {text}");
            false
        }
    }
}

/// Genesis files that are accepted, of a chain and of accounts alone.
///
/// # Panics
/// When they cannot be written: a bug.
#[must_use]
pub fn genesis_examples() -> [Vec<u8>; 2] {
    let account = GenesisAccount {
        nonce: 3,
        balance: U256::from(10).pow(U256::from(20)),
        code: vec![0x60, 0x00].into(),
        storage: [(U256::from(1), U256::MAX)].into(),
    };
    let accounts = [(Address::repeat_byte(0xaa), account)].into();
    let config = ChainConfig { base_fee_min: 7, ..ChainConfig::new(4_242) };
    let mut genesis = Genesis { config, timestamp: 5, accounts };
    let installed = install_precontracts(&mut genesis).map_err(Into::into);
    let whole = installed.and_then(|()| file::write(&genesis));
    #[expect(clippy::panic, reason = "the test that asks cannot go on")]
    let whole = whole.unwrap_or_else(|error| panic!("{error}"));
    [whole.into(), ACCOUNTS.into()]
}

/// Accounts alone.
const ACCOUNTS: &str = r#"{"0x00000000000000000000000000000000000000aa": {"nonce": "0x3",
    "balance": "0x5", "code": "0x6000", "storage": {"0x1": "0x2"}}}"#;

/// A genesis file that lacks the contracts of every chain. Their codes are most of a whole one.
#[must_use]
pub fn short_genesis() -> Vec<u8> {
    let [whole, _] = genesis_examples();
    let whole: Value = serde_json::from_slice(&whole).unwrap_or_default();
    let accounts: Value = serde_json::from_str(ACCOUNTS).unwrap_or_default();
    let [config, timestamp] = ["config", "timestamp"].map(|name| &whole[name]);
    json!({"config": config, "timestamp": timestamp, "alloc": accounts}).to_string().into()
}

/// Whether a file is accepted as that of a chain or of accounts.
///
/// # Panics
/// When it is that of a chain, and is written so that it is read as another.
#[must_use]
pub fn check_genesis(bytes: &[u8]) -> bool {
    let Ok(genesis) = file::parse(bytes) else {
        return file::parse_accounts(bytes).is_ok();
    };
    let again = file::write(&genesis).and_then(|text| file::parse(text.as_bytes()));
    assert_eq!(again.ok(), Some(genesis));
    true
}
