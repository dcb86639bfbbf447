//! What a start falls back on.

use std::path::Path;

use alloy_primitives::{Address, TxKind, U256};
use alloy_signer::SignerSync;
use alloy_signer_local::PrivateKeySigner;
use minster_params::{ChainConfig, Genesis, GenesisAccount};
use minster_primitives::{
    Encodable2718, Envelope,
    alloy_consensus::{SignableTransaction, TxEip1559},
};
use minster_sequencer::{Running, StartConfig};

const CHAIN_ID: u64 = 99;

fn key() -> PrivateKeySigner {
    PrivateKeySigner::from_slice(&[7; 32]).unwrap()
}

fn transfer(nonce: u64) -> Vec<u8> {
    let tx = TxEip1559 {
        chain_id: CHAIN_ID,
        nonce,
        gas_limit: 21_000,
        max_fee_per_gas: 100_000_000_000,
        max_priority_fee_per_gas: 1,
        to: TxKind::Call(Address::with_last_byte(200)),
        value: U256::from(1),
        ..Default::default()
    };
    let signature = key().sign_hash_sync(&tx.signature_hash()).unwrap();
    Envelope::Eip1559(tx.into_signed(signature)).encoded_2718()
}

fn start(directory: &Path) -> Running {
    let balance = U256::from(10).pow(U256::from(24));
    let funded = GenesisAccount { balance, ..Default::default() };
    let genesis = Genesis {
        config: ChainConfig::new(CHAIN_ID),
        timestamp: 1,
        accounts: [(key().address(), funded)].into(),
    };
    let directory = Some(directory.to_path_buf());
    Running::start(&genesis, StartConfig { directory, ..StartConfig::default() }).unwrap()
}

/// After the first stop that is genesis and the whole log.
#[test]
fn a_node_starts_without_its_only_snapshot() {
    let directory = tempfile::tempdir().unwrap();
    let running = start(directory.path());
    for nonce in 0..3 {
        running.handle().submit(&transfer(nonce)).unwrap();
    }
    assert_eq!(running.drain(std::time::Duration::from_secs(20)), 0);
    let sequencer = running.handle().clone();
    running.stop().unwrap();
    let before = sequencer.chain().latest().hash;
    // Whoever reads the chain holds its directory.
    drop(sequencer);
    let snapshots = std::fs::read_dir(directory.path().join("snapshots")).unwrap();
    let snapshots: Vec<_> = snapshots.map(|entry| entry.unwrap().path()).collect();
    let [only] = &snapshots[..] else { panic!("{snapshots:?}") };
    let mut damaged = std::fs::read(only).unwrap();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    std::fs::write(only, damaged).unwrap();
    let running = start(directory.path());
    assert_eq!(running.handle().chain().latest().hash, before);
    running.stop().unwrap();
}
