//! The real sequencer, with all of its threads, on disks that lose, tear, fill, fail and dawdle,
//! and on directories that hold what no crash leaves.
//!
//! What a crash leaves is a function of what the disk was told before it. So a crash at each
//! operation of the disk is a crash at each point of every thread. `MINSTER_SEED` repeats a
//! simulation as far as the threads allow.

mod clock;
mod damage;
mod pruning;
mod simulation;
mod witness;
mod world;

use alloy_primitives::{Address, TxKind, U256};
use alloy_signer::SignerSync;
use alloy_signer_local::PrivateKeySigner;
use minster_params::{ChainConfig, Genesis, GenesisAccount};
use minster_primitives::{
    Encodable2718, Envelope,
    alloy_consensus::{SignableTransaction, TxEip1559},
};

const CHAIN_ID: u64 = 99;

/// Senders; each has its row of nonces.
const SENDERS: usize = 3;

/// Where all transactions go.
const RECEIVER: Address = Address::with_last_byte(200);

fn key(sender: usize) -> PrivateKeySigner {
    PrivateKeySigner::from_slice(&[sender as u8 + 1; 32]).unwrap()
}

fn genesis() -> Genesis {
    let balance = U256::from(10).pow(U256::from(24));
    let funded = GenesisAccount { balance, ..Default::default() };
    let mut genesis = Genesis {
        config: ChainConfig::new(CHAIN_ID),
        timestamp: 1,
        accounts: (0..SENDERS).map(|sender| (key(sender).address(), funded.clone())).collect(),
    };
    minster_os::install_precontracts(&mut genesis).unwrap();
    genesis
}

/// One wei to the receiver.
fn transfer(sender: usize, nonce: u64) -> Vec<u8> {
    let tx = TxEip1559 {
        chain_id: CHAIN_ID,
        nonce,
        gas_limit: 21_000,
        max_fee_per_gas: 100_000_000_000,
        max_priority_fee_per_gas: 1,
        to: TxKind::Call(RECEIVER),
        value: U256::from(1),
        ..Default::default()
    };
    let signature = key(sender).sign_hash_sync(&tx.signature_hash()).unwrap();
    Envelope::Eip1559(tx.into_signed(signature)).encoded_2718()
}
