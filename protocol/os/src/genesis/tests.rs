use alloy_primitives::{B256, b256, keccak256};
use minster_params::constants::HISTORY_STORAGE_ADDRESS;

use super::*;

fn genesis(chain_id: u64) -> Genesis {
    let config = ChainConfig::new(chain_id);
    let mut genesis = Genesis { config, timestamp: 1, accounts: Default::default() };
    install_precontracts(&mut genesis).unwrap();
    genesis
}

fn code_hash(genesis: &Genesis, name: &str) -> B256 {
    let precontract = PRECONTRACTS.iter().find(|precontract| precontract.name == name).unwrap();
    keccak256(&genesis.accounts[&precontract.address].code)
}

#[test]
fn constructors_give_the_code_that_is_on_mainnet() {
    let genesis = genesis(1);
    assert_eq!(
        code_hash(&genesis, "permit2"),
        b256!("c67d1657868aa5146eaf24fb879fb1fdec3d2d493b3683a61c9c2f4fb2851131")
    );
    assert_eq!(
        code_hash(&genesis, "entry_point"),
        b256!("44e632a24c6f2600cbd5b5b8b4c2d372359112c8b5774297f5fd0a9e64f11f86")
    );
    assert_eq!(
        code_hash(&genesis, "multicall3"),
        b256!("d5c15df687b16f2ff992fc8d767b4216323184a2bbc6ee2f9c398c318e770891")
    );
}

/// Computed by an independent EVM; see spec/precontracts.md.
#[test]
fn constructors_see_the_chain_id() {
    let genesis = genesis(31_337);
    assert_eq!(
        code_hash(&genesis, "permit2"),
        b256!("43e2e04ef05ffe84596d6d140b826f3fe20ed569c89e49d712586eb5a6644348")
    );
    assert_eq!(
        code_hash(&genesis, "entry_point"),
        b256!("0a58ad57e3f8266dcc99cda79b0d3d784a4cedc4e972f33a8a2c5cecbb9e67b4")
    );
    let entry_point = &genesis.accounts[&PRECONTRACTS[5].address];
    assert_eq!(entry_point.nonce, 2);
}

#[test]
fn nothing_else_comes_into_being() {
    let genesis = genesis(7);
    assert_eq!(genesis.accounts.len(), PRECONTRACTS.len() + 1, "and the sender creator");
    assert!(genesis.accounts.contains_key(&HISTORY_STORAGE_ADDRESS));
    assert!(!genesis.accounts.contains_key(&Address::ZERO));
    assert_eq!(genesis.accounts[&CREATE2_DEPLOYER].nonce, 1);
}

#[test]
fn an_occupied_address_is_refused() {
    let mut genesis =
        Genesis { config: ChainConfig::new(7), timestamp: 1, accounts: Default::default() };
    genesis.accounts.insert(CREATE2_DEPLOYER, GenesisAccount::default());
    assert!(matches!(
        install_precontracts(&mut genesis),
        Err(PrecontractError::Occupied { name: "create2_deployer", .. })
    ));
}
