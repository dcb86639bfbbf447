use std::collections::BTreeMap;

use alloy_primitives::{U256, address};
use minster_os::install_precontracts;
use minster_params::{ChainConfig, Genesis, GenesisAccount};
use serde_json::{Value, json};

use super::{parse, parse_accounts, write};

fn genesis() -> Genesis {
    let account = GenesisAccount {
        nonce: 3,
        balance: U256::from(10).pow(U256::from(20)),
        code: vec![0x60, 0x00].into(),
        storage: [(U256::from(1), U256::MAX)].into(),
    };
    let accounts = [(address!("00000000000000000000000000000000000000aa"), account)];
    let config = ChainConfig { base_fee_min: 7, ..ChainConfig::new(4_242) };
    let mut genesis = Genesis { config, timestamp: 5, accounts: accounts.into() };
    install_precontracts(&mut genesis).unwrap();
    genesis
}

#[test]
fn a_file_gives_the_genesis_that_it_was_written_from() {
    let genesis = genesis();
    let text = write(&genesis).unwrap();
    assert_eq!(parse(text.as_bytes()).unwrap(), genesis);
}

/// The file with a change.
fn changed(change: impl FnOnce(&mut Value)) -> String {
    let mut file: Value = serde_json::from_str(&write(&genesis()).unwrap()).unwrap();
    change(&mut file);
    file.to_string()
}

#[test]
fn what_is_no_genesis_is_refused_with_the_reason() {
    let account = "0x00000000000000000000000000000000000000aa";
    let history = "0x0000f90827f1c53a10cb7a02335b175320002935";
    let deployer = "0x4e59b44847b379578588920ca78fbf26c0b4956c";
    let cases: [(&str, String); 13] = [
        ("unknown field `chainID`", changed(|file| file["config"]["chainID"] = json!(5))),
        ("unknown field `gas`", changed(|file| file["gas"] = json!(5))),
        ("chain_id must not be 0", changed(|file| file["config"]["chainId"] = json!(0))),
        (
            "could not be proven",
            changed(|file| file["config"]["blockCyclesMax"] = json!(1_u64 << 60)),
        ),
        (
            "history_storage is not at",
            changed(|file| {
                file["alloc"].as_object_mut().unwrap().remove(history);
            }),
        ),
        ("more than", changed(|file| file["alloc"][account]["balance"] = json!(U256::MAX))),
        ("missing field", "{}".to_owned()),
        ("not in milliseconds", changed(|file| file["timestamp"] = json!(1_790_000_000_000_u64))),
        ("an hour", changed(|file| file["config"]["blockTimeMs"] = json!(3_601_000))),
        ("is 0: nothing", changed(|file| file["config"]["transactionCyclesMax"] = json!(0))),
        (
            "has 24577 bytes",
            changed(|file| {
                file["alloc"][account]["code"] = json!(format!("0x{}", "60".repeat(24_577)));
            }),
        ),
        (
            "is not at 0x4e59b44847b379578588920cA78FbF26c0B4956C, or not as it has to be",
            changed(|file| file["alloc"][deployer]["storage"] = json!({"0x1": "0x1"})),
        ),
        (
            "history_storage is not at",
            changed(|file| file["alloc"][history]["storage"] = json!({"0x1": "0x1"})),
        ),
    ];
    for (expected, text) in cases {
        let error = format!("{:#}", parse(text.as_bytes()).unwrap_err());
        assert!(error.contains(expected), "{expected}: {error}");
    }
}

#[test]
fn an_account_that_stands_there_twice_is_refused() {
    let one = "\"0x00000000000000000000000000000000000000aa\": {\"balance\": \"1\"}";
    let accounts = parse_accounts(format!("{{{one}}}").as_bytes()).unwrap();
    assert_eq!(accounts.values().map(|account| account.balance).sum::<U256>(), U256::from(1));
    let error = parse_accounts(format!("{{{one}, {one}}}").as_bytes()).unwrap_err();
    assert!(error.to_string().contains("twice"), "{error}");
    assert_eq!(parse_accounts(b"{}").unwrap(), BTreeMap::new());
    assert!(parse_accounts(b"{} {}").is_err());
}

/// geth writes nonces in hex.
#[test]
fn a_nonce_is_a_number_or_a_quantity() {
    let accounts = |nonce: &str| {
        let account = "0x00000000000000000000000000000000000000aa";
        let text = format!(r#"{{"{account}": {{"balance": "0x5", "nonce": {nonce}}}}}"#);
        parse_accounts(text.as_bytes())
    };
    for nonce in ["3", "\"0x3\""] {
        let accounts = accounts(nonce).unwrap();
        assert_eq!(accounts.values().next().unwrap().nonce, 3, "{nonce}");
    }
    for nonce in ["-1", "\"0x10000000000000000\"", "\"three\"", "1.5", "null"] {
        assert!(accounts(nonce).is_err(), "{nonce}");
    }
}
