//! A chain with some funded accounts, and their transfers.

use alloy_primitives::{Address, TxKind, U256};
use alloy_signer::SignerSync;
use alloy_signer_local::PrivateKeySigner;
use minster_params::{ChainConfig, Genesis, GenesisAccount};
use minster_primitives::{
    Encodable2718, Envelope,
    alloy_consensus::{SignableTransaction, TxEip1559},
};

pub const CHAIN_ID: u64 = 99;

/// The key of so many equal bytes.
pub fn key_of(byte: u8) -> PrivateKeySigner {
    PrivateKeySigner::from_slice(&[byte; 32]).unwrap()
}

/// The chain, with a million ether for each of these and nothing else.
pub fn genesis_with(accounts: impl IntoIterator<Item = Address>) -> Genesis {
    let balance = U256::from(10).pow(U256::from(24));
    let funded = GenesisAccount { balance, ..Default::default() };
    Genesis {
        config: ChainConfig::new(CHAIN_ID),
        timestamp: 1,
        accounts: accounts.into_iter().map(|address| (address, funded.clone())).collect(),
    }
}

/// A transfer that pays enough.
pub fn transfer_to(to: Address, nonce: u64, value: u64) -> TxEip1559 {
    TxEip1559 {
        chain_id: CHAIN_ID,
        nonce,
        gas_limit: 21_000,
        max_fee_per_gas: 100_000_000_000,
        max_priority_fee_per_gas: 1,
        to: TxKind::Call(to),
        value: U256::from(value),
        ..Default::default()
    }
}

/// The bytes that are sent.
pub fn signed(key: &PrivateKeySigner, tx: TxEip1559) -> Vec<u8> {
    let signature = key.sign_hash_sync(&tx.signature_hash()).unwrap();
    Envelope::Eip1559(tx.into_signed(signature)).encoded_2718()
}
