//! What the cutter cannot know when it cuts.

use std::{
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use alloy_primitives::TxKind;
use alloy_signer::SignerSync;
use minster_batcher::{Batcher, BatcherConfig, BatcherError, CutLimits, SealReason};
use minster_primitives::{
    Encodable2718, Envelope,
    alloy_consensus::{SignableTransaction, TxEip1559},
};
use minster_sequencer::{Mining, Running, SequencerConfig, StartConfig, open_storage};

use super::{CHAIN_ID, Node, genesis, key, transfer};

/// The largest code there is; its last bytes are the nonce, so that each is another one.
const CODE_BYTES: u16 = 24_576;

/// Of so many codes the pubdata fits no batch.
const CODES: u64 = 40;

/// Creates a contract of [`CODE_BYTES`].
fn creation(nonce: u64) -> Vec<u8> {
    let [nonce_high, nonce_low] = (nonce as u16 + 1).to_be_bytes();
    let [size_high, size_low] = CODE_BYTES.to_be_bytes();
    // PUSH2 nonce, PUSH0, MSTORE; PUSH2 size, PUSH0, RETURN.
    let code = [0x61, nonce_high, nonce_low, 0x5f, 0x52, 0x61, size_high, size_low, 0x5f, 0xf3];
    let tx = TxEip1559 {
        chain_id: CHAIN_ID,
        nonce,
        gas_limit: 8_000_000,
        max_fee_per_gas: 100_000_000_000,
        max_priority_fee_per_gas: 1,
        to: TxKind::Create,
        input: code.to_vec().into(),
        ..Default::default()
    };
    let signature = key().sign_hash_sync(&tx.signature_hash()).unwrap();
    Envelope::Eip1559(tx.into_signed(signature)).encoded_2718()
}

/// A cutter that counts no pubdata takes more than a batch holds. Half of it fits.
#[test]
fn more_pubdata_than_a_batch_holds_becomes_two_batches() {
    let directory = tempfile::tempdir().unwrap();
    let hour = Duration::from_secs(3_600);
    let limits = CutLimits {
        cycles_max: u64::MAX,
        pubdata_max: u64::MAX,
        blocks_max: CODES as usize,
        age_idle: hour,
        age_max: hour,
    };
    let config = BatcherConfig { limits, rate_assumed: 1 << 40, ..BatcherConfig::default() };
    let node = Node::start(directory.path(), config);
    let sequencer = node.running.handle();
    for nonce in 0..=CODES {
        sequencer.submit(&creation(nonce)).unwrap();
        node.until("a block", || sequencer.chain().latest().number() > nonce);
    }
    node.until("a batch", || node.batches.summary().sealed > 0);
    let head = node.batches.head(1).unwrap().unwrap();
    assert_eq!((head.transactions, head.reason()), (CODES / 2, SealReason::Pubdata));
    assert_eq!(node.batches.summary().halted, None);
    node.stop();
}

/// Counted as nothing, such a block could take a batch over its pubdata.
#[test]
fn a_block_of_which_nobody_knows_what_it_changed_is_damage() {
    let storage = open_storage(&genesis(), None).unwrap();
    let changes = Arc::clone(&storage.changes);
    let batcher = Batcher::open(&genesis(), &storage, BatcherConfig::default()).unwrap();
    let sequencer = SequencerConfig { mining: Mining::Instant, ..Default::default() };
    let tree_at = Some(batcher.tree_at());
    let start = StartConfig { sequencer, tree_at, ..Default::default() };
    let mut running = Running::start_on(&genesis(), storage, start).unwrap();
    let tree = running.take_batch_tree().unwrap();
    let sequencer = running.handle().clone();
    for nonce in 0..2 {
        sequencer.submit(&transfer(nonce)).unwrap();
        while sequencer.chain().latest().number() <= nonce {
            std::thread::sleep(Duration::from_millis(2));
        }
    }
    changes.truncate_after(1).unwrap();
    let error = batcher.run(sequencer, tree, &AtomicBool::new(false)).unwrap_err();
    assert!(matches!(error, BatcherError::ChangesMissing { block: 2 }), "{error}");
    running.stop().unwrap();
}
