use alloy_primitives::{U256, address};

use super::build;
use crate::cli::{Fund, GenesisCommand};

fn command() -> GenesisCommand {
    GenesisCommand {
        out: "genesis.json".into(),
        chain_id: 4_242,
        fund: vec!["0x00000000000000000000000000000000000000aa=1.5".parse().unwrap()],
        alloc: None,
        timestamp: Some(1_000),
        block_time: 2,
        block_gas_limit: None,
        base_fee_initial: None,
        base_fee_min: None,
        transaction_cycles_max: Some(50_000_000),
        block_cycles_max: Some(60_000_000),
        fee_vault: None,
        json: false,
    }
}

#[test]
fn what_is_asked_for_is_in_it() {
    let genesis = build(&command()).unwrap();
    assert_eq!((genesis.config.chain_id, genesis.config.block_time_ms), (4_242, 2_000));
    let budgets = (genesis.config.transaction_cycles_max, genesis.config.block_cycles_max);
    assert_eq!(budgets, (50_000_000, 60_000_000));
    let account = &genesis.accounts[&address!("00000000000000000000000000000000000000aa")];
    assert_eq!(account.balance, U256::from(1_500_000_000_000_000_000_u64));
    assert!(genesis.validate().is_ok() && genesis.accounts.len() > 6);
}

#[test]
fn no_account_is_funded_twice() {
    let mut command = command();
    command.fund.push(command.fund[0]);
    assert!(build(&command).unwrap_err().to_string().contains("twice"));
}

#[test]
fn funds_are_read() {
    let address = address!("00000000000000000000000000000000000000aa");
    let plain: Fund = address.to_string().parse().unwrap();
    assert_eq!(plain, Fund { address, wei: None });
    for wrong in ["", "0xaa", &format!("{address}="), &format!("{address}=x"), "=1"] {
        assert!(wrong.parse::<Fund>().is_err(), "{wrong}");
    }
}
