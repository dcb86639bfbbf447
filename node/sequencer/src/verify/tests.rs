use std::{path::Path, sync::Arc};

use alloy_primitives::{Address, TxKind, U256};
use alloy_signer::SignerSync;
use alloy_signer_local::PrivateKeySigner;
use minster_params::{ChainConfig, Genesis, GenesisAccount};
use minster_primitives::{
    Encodable2718, Envelope,
    alloy_consensus::{SignableTransaction, TxEip1559},
};
use minster_storage::{
    Storage,
    directory::Identity,
    disk::{OverlayDisk, ReadOnlyDisk},
};

use super::{Verified, verify};
use crate::{
    Block, Mining, Running, SequencerConfig, StartConfig,
    codec::{ChangeSet, decode, decode_block, encode, encode_block},
    open_storage,
};

const BLOCKS: u64 = 9;

fn key() -> PrivateKeySigner {
    PrivateKeySigner::from_slice(&[7; 32]).unwrap()
}

fn genesis() -> Genesis {
    let balance = U256::from(10).pow(U256::from(24));
    let funded = GenesisAccount { balance, ..Default::default() };
    let mut genesis = Genesis {
        config: ChainConfig::new(99),
        timestamp: 1,
        accounts: [(key().address(), funded)].into(),
    };
    minster_os::install_precontracts(&mut genesis).unwrap();
    genesis
}

fn transfer(nonce: u64) -> Vec<u8> {
    let tx = TxEip1559 {
        chain_id: 99,
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

/// A chain of a few blocks, stopped in order.
fn chain() -> (tempfile::TempDir, Address) {
    let directory = tempfile::tempdir().unwrap();
    let sequencer =
        SequencerConfig { mining: Mining::Instant, snapshot_blocks: 4, ..Default::default() };
    let path = Some(directory.path().to_path_buf());
    let config = StartConfig { directory: path, sequencer, ..Default::default() };
    let running = Running::start(&genesis(), config).unwrap();
    for nonce in 0..BLOCKS {
        running.handle().submit(&transfer(nonce)).unwrap();
    }
    assert_eq!(running.drain(std::time::Duration::from_secs(30)), 0);
    let signer = running.handle().slice_signer();
    running.stop().unwrap();
    (directory, signer)
}

fn verified(directory: &Path, signer: Address) -> Verified {
    let genesis = genesis();
    let identity = Identity { chain_id: 99, genesis_hash: genesis.hash().0 };
    let disk = OverlayDisk::new(Arc::new(ReadOnlyDisk::open(directory).unwrap()));
    let storage = Storage::open_on(Arc::new(disk), &identity).unwrap();
    let (mut last, mut heard) = (None, 0);
    let verified = verify(&genesis, &storage, Some(signer), &mut |block, of| {
        last = Some(of);
        heard = block;
    });
    if verified.findings.is_empty() {
        assert_eq!((heard, last), (BLOCKS, Some(BLOCKS)));
    }
    verified
}

#[test]
fn a_chain_that_was_stopped_is_right() {
    let (directory, signer) = chain();
    let verified = verified(directory.path(), signer);
    assert_eq!(verified.findings, Vec::<String>::new());
    assert_eq!((verified.blocks, verified.transactions), (BLOCKS + 1, BLOCKS));
    assert!(verified.snapshots > 0 && verified.log_records > 0 && verified.slices > 0);
    assert_eq!(verified.block_hashes.len() as u64, BLOCKS + 1);
}

/// Rewrites what the archives hold, with checksums that fit: a directory that somebody forged.
fn forge(
    directory: &Path,
    number: u64,
    block: impl FnOnce(&mut Block),
    changes: impl FnOnce(&mut ChangeSet),
) {
    let storage = open_storage(&genesis(), Some(directory)).unwrap();
    let read = |number| storage.blocks.get(number).unwrap().unwrap();
    let mut blocks: Vec<Block> =
        (number..=BLOCKS).map(|number| decode_block(&read(number)).unwrap()).collect();
    let read = |number| storage.changes.get(number).unwrap().unwrap();
    let mut sets: Vec<ChangeSet> =
        (number..=BLOCKS).map(|number| decode("change set", &read(number)).unwrap()).collect();
    block(&mut blocks[0]);
    changes(&mut sets[0]);
    storage.blocks.truncate_after(number - 1).unwrap();
    storage.changes.truncate_after(number - 1).unwrap();
    for (number, (block, changes)) in (number..).zip(blocks.iter().zip(&sets)) {
        storage.blocks.append(number, &encode_block(block)).unwrap();
        storage.changes.append(number, &encode(changes)).unwrap();
    }
    storage.blocks.sync().unwrap();
    storage.changes.sync().unwrap();
}

/// Changes the only transaction of a block.
fn item(change: impl FnOnce(&mut crate::Item)) -> impl FnOnce(&mut Block) {
    |block| change(Arc::make_mut(&mut block.items[0]))
}

#[test]
fn what_is_forged_is_found() {
    type Forge = fn(&Path);
    let cases: [(&str, Forge); 6] = [
        ("block 2: its hash is not that of its header", |path| {
            forge(path, 2, |block| block.header.timestamp += 1, |_| {});
        }),
        ("block 3: it does not follow", |path| {
            let reseal = |block: &mut Block| {
                block.header.parent_hash = [1; 32].into();
                block.hash = block.header.hash_slow();
            };
            forge(path, 3, reseal, |_| {});
        }),
        ("block 4: transaction 0: executing it gives another receipt", |path| {
            forge(path, 4, item(|item| item.receipt.success = false), |_| {});
        }),
        ("block 5: its state root is", |path| {
            let reseal = |block: &mut Block| {
                block.header.state_root = [1; 32].into();
                block.hash = block.header.hash_slow();
            };
            forge(path, 5, reseal, |_| {});
        }),
        ("block 6: transaction 0: executing it gives another receipt", |path| {
            forge(path, 6, item(|item| item.cycles += 1), |_| {});
        }),
        ("block 7: what it is said to have changed", |path| {
            forge(path, 7, |_| {}, |changes| changes.accounts[0].nonce += 1);
        }),
    ];
    for (expected, forge) in cases {
        let (directory, signer) = chain();
        forge(directory.path());
        let findings = verified(directory.path(), signer).findings;
        let is_found = findings.iter().any(|finding| finding.contains(expected));
        assert!(is_found, "{expected}: {findings:?}");
    }
}

#[test]
fn slices_of_another_signer_are_found() {
    let (directory, _) = chain();
    let verified = verified(directory.path(), Address::with_last_byte(1));
    assert!(verified.findings[0].contains("is not signed by"), "{:?}", verified.findings);
}
