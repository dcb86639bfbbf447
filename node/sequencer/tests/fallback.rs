//! What a start falls back on.

mod common;

use std::path::Path;

use alloy_primitives::Address;
use minster_sequencer::{Running, StartConfig};

use common::{genesis_with, key_of, signed, transfer_to};

fn transfer(nonce: u64) -> Vec<u8> {
    signed(&key_of(7), transfer_to(Address::with_last_byte(200), nonce, 1))
}

fn start(directory: &Path) -> Running {
    let genesis = genesis_with([key_of(7).address()]);
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
