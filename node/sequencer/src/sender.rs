//! An account that sends transactions, for the tests of this crate.

use alloy_primitives::{Address, TxKind, U256};
use alloy_signer::SignerSync;
use alloy_signer_local::PrivateKeySigner;
use minster_params::{ChainConfig, Genesis, GenesisAccount};
use minster_primitives::{
    Encodable2718, Envelope,
    alloy_consensus::{SignableTransaction, TxEip1559},
};

const CHAIN_ID: u64 = 99;

fn key() -> PrivateKeySigner {
    PrivateKeySigner::from_slice(&[7; 32]).unwrap()
}

/// A chain on which it has a million ether.
pub fn genesis() -> Genesis {
    let balance = U256::from(10).pow(U256::from(24));
    let funded = GenesisAccount { balance, ..Default::default() };
    let mut genesis = Genesis {
        config: ChainConfig::new(CHAIN_ID),
        timestamp: 1,
        accounts: [(key().address(), funded)].into(),
    };
    minster_os::install_precontracts(&mut genesis).unwrap();
    genesis
}

/// Its transfer of a wei with this nonce, which pays so much for each gas, and so much of it to
/// whoever makes the block.
pub fn transfer(nonce: u64, fee: u128, priority_fee: u128) -> Vec<u8> {
    let tx = TxEip1559 {
        chain_id: CHAIN_ID,
        nonce,
        gas_limit: 21_000,
        max_fee_per_gas: fee,
        max_priority_fee_per_gas: priority_fee,
        to: TxKind::Call(Address::with_last_byte(200)),
        value: U256::from(1),
        ..Default::default()
    };
    let signature = key().sign_hash_sync(&tx.signature_hash()).unwrap();
    Envelope::Eip1559(tx.into_signed(signature)).encoded_2718()
}
