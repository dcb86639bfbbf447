use super::*;

fn genesis(balances: &[U256]) -> Genesis {
    let accounts = balances
        .iter()
        .enumerate()
        .map(|(index, balance)| {
            let account = GenesisAccount { balance: *balance, ..Default::default() };
            (Address::with_last_byte(index as u8), account)
        })
        .collect();
    Genesis { config: ChainConfig::new(7), timestamp: 1, accounts }
}

#[test]
fn supply_is_bounded() {
    let half = U256::from(constants::GENESIS_SUPPLY_MAX / 2);
    assert_eq!(genesis(&[half, half]).validate(), Ok(()));
    let over = genesis(&[half, half, U256::from(1)]).validate();
    assert!(matches!(over, Err(GenesisError::Supply { .. })));
    let wrapping = genesis(&[U256::MAX, U256::MAX]).validate();
    assert!(matches!(wrapping, Err(GenesisError::Supply { .. })));
}

#[test]
fn state_leaves_out_what_does_not_exist() {
    let mut genesis = genesis(&[U256::ZERO, U256::from(3)]);
    let account = genesis.accounts.get_mut(&Address::with_last_byte(1)).unwrap();
    account.code = Bytes::from_static(&[0]);
    account.storage = [(U256::from(1), U256::ZERO), (U256::from(2), U256::from(5))].into();
    let state = genesis.state();
    assert_eq!(state.accounts.len(), 1);
    assert_eq!(state.storage.len(), 1);
    assert_eq!(state.codes.get(&keccak256([0])), Some(&Bytes::from_static(&[0])));
}

#[test]
fn storage_needs_a_contract() {
    let mut genesis = genesis(&[U256::from(3)]);
    let address = Address::with_last_byte(0);
    let account = genesis.accounts.get_mut(&address).unwrap();
    account.storage = [(U256::from(2), U256::from(5))].into();
    assert_eq!(genesis.validate(), Err(GenesisError::StorageAlone { address }));
    genesis.accounts.get_mut(&address).unwrap().nonce = 1;
    assert_eq!(genesis.validate(), Ok(()));
}
