//! A chain that keeps its last blocks, and only those.

mod common;

use std::{
    num::NonZeroU64,
    path::Path,
    time::{Duration, Instant},
};

use alloy_primitives::{Address, B256, U256};
use minster_evm::Oracle;
use minster_params::Genesis;
use minster_sequencer::{
    Chain, HistoryConfig, Mining, Running, Sequencer, SequencerConfig, SequencerError, StartConfig,
    StateError, open_storage, verify,
};

use common::{genesis_with, key_of, signed, transfer_to};

const RECEIVER: Address = Address::with_last_byte(200);

/// Blocks that are kept, and how far back their states.
const KEPT: u64 = 16;
const STATES: u64 = 8;

fn genesis() -> Genesis {
    let mut genesis = genesis_with([key_of(7).address()]);
    minster_os::install_precontracts(&mut genesis).unwrap();
    genesis
}

fn start(directory: &Path) -> Running {
    let history =
        HistoryConfig { blocks: NonZeroU64::new(KEPT), state_blocks: NonZeroU64::new(STATES) };
    let mut sequencer = SequencerConfig {
        mining: Mining::Instant,
        snapshot_blocks: 4,
        history,
        ..SequencerConfig::default()
    };
    sequencer.retention.proof_blocks_max = STATES;
    let directory = Some(directory.to_path_buf());
    Running::start(&genesis(), StartConfig { directory, sequencer, ..Default::default() }).unwrap()
}

/// Sends transfers, each of which has its block.
fn send(sequencer: &Sequencer, nonces: std::ops::Range<u64>) -> Vec<B256> {
    let last = nonces.end;
    let hashes = nonces.map(|nonce| {
        sequencer.submit(&signed(&key_of(7), transfer_to(RECEIVER, nonce, 1))).unwrap()
    });
    let hashes = hashes.collect();
    wait("the blocks", || sequencer.chain().latest().number() >= last);
    hashes
}

fn wait(what: &str, is_there: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !is_there() {
        assert!(Instant::now() < deadline, "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn hash(chain: &Chain, number: u64) -> B256 {
    chain.block(number).unwrap().unwrap().hash
}

/// What is kept is as it was, and what is not is said to be gone.
fn check(chain: &Chain, blocks: &[B256], transactions: &[B256]) {
    let (oldest, latest) = (chain.oldest_block(), chain.latest().number());
    assert_eq!(hash(chain, 0), blocks[0]);
    for number in 1..=latest {
        let index = usize::try_from(number).unwrap();
        let (block, transaction) = (blocks[index], transactions[index - 1]);
        if number < oldest {
            let refused = chain.block(number).unwrap_err();
            assert!(matches!(refused, SequencerError::HistoryPruned { oldest: o } if o == oldest));
            assert!(chain.transaction(transaction).unwrap().is_none());
            assert!(chain.block_by_hash(block).unwrap().is_none());
        } else {
            assert_eq!(hash(chain, number), block);
            assert_eq!(chain.transaction(transaction).unwrap().unwrap().block_number, number);
            assert_eq!(chain.block_by_hash(block).unwrap().unwrap().number(), number);
        }
    }
    let kept = latest + 1 - oldest;
    // What was pruned may be counted until the next snapshot.
    assert!(chain.indexed() >= kept - 1);
}

/// The contract of EIP-2935 knows what the archive has forgotten.
fn check_block_hashes(chain: &Chain, blocks: &[B256]) {
    let mut state = chain.state().unwrap();
    for (number, hash) in (0..).zip(blocks) {
        assert_eq!(state.block_hash(number).unwrap(), *hash, "block {number}");
    }
    // It has the hash of block 5 where this one's will be.
    assert_eq!(state.block_hash(8_191 + 5).unwrap(), B256::ZERO);
}

/// What blocks and their changes take on the disk.
fn disk_bytes(directory: &Path) -> [u64; 2] {
    ["blocks", "changes"].map(|folder| {
        let files = std::fs::read_dir(directory.join(folder)).unwrap();
        files.map(|file| file.unwrap().metadata().unwrap().len()).sum()
    })
}

/// Blocks go as they are proven; returns all blocks and transactions there were.
fn first_life(directory: &Path) -> (Vec<B256>, Vec<B256>) {
    let running = start(directory);
    let sequencer = running.handle().clone();
    let chain = sequencer.chain();
    let transactions = send(&sequencer, 0..60);
    let blocks: Vec<B256> = (0..=60).map(|number| hash(chain, number)).collect();
    std::thread::sleep(Duration::from_millis(400));
    assert_eq!(chain.oldest_block(), 0, "no batch is proven");
    check(chain, &blocks, &transactions);
    let whole = disk_bytes(directory);

    chain.set_proven_through(30);
    wait("blocks are removed", || chain.oldest_block() >= 25);
    std::thread::sleep(Duration::from_millis(400));
    assert!(chain.oldest_block() <= 30, "{}", chain.oldest_block());
    check(chain, &blocks, &transactions);

    chain.set_proven_through(60);
    wait("blocks are removed", || chain.oldest_block() >= 40);
    std::thread::sleep(Duration::from_millis(400));
    assert!(chain.oldest_block() <= 60 + 1 - KEPT, "{}", chain.oldest_block());
    check(chain, &blocks, &transactions);
    check_states(chain);
    // Of 60 blocks 16 and of their changes 8 were asked for; an eighth of that is a segment.
    let left = disk_bytes(directory);
    assert!(left[0] * 10 < whole[0] * 4 && left[1] * 10 < whole[1] * 3, "{left:?} of {whole:?}");
    running.stop().unwrap();
    (blocks, transactions)
}

#[test]
fn old_blocks_go_when_nobody_needs_them() {
    let directory = tempfile::tempdir().unwrap();
    let (mut blocks, mut transactions) = first_life(directory.path());
    let running = start(directory.path());
    let sequencer = running.handle().clone();
    let chain = sequencer.chain();
    assert!(chain.oldest_block() >= 40);
    check(chain, &blocks, &transactions);
    check_block_hashes(chain, &blocks[..60]);
    transactions.extend(send(&sequencer, 60..70));
    blocks.extend((61..=70).map(|number| hash(chain, number)));
    check(chain, &blocks, &transactions);
    drop(sequencer);
    running.stop().unwrap();
    check_directory(directory.path(), 70);
}

/// What a start has of the beginning is no matter: blocks may begin to go long after it.
#[test]
fn genesis_stays_when_the_first_blocks_go_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let running = start(directory.path());
    send(running.handle(), 0..40);
    let genesis = hash(running.handle().chain(), 0);
    running.stop().unwrap();
    let running = start(directory.path());
    let sequencer = running.handle().clone();
    let chain = sequencer.chain();
    assert_eq!((chain.oldest_block(), chain.latest().number()), (0, 40));
    chain.set_proven_through(40);
    wait("blocks are removed", || chain.oldest_block() >= 20);
    std::thread::sleep(Duration::from_millis(400));
    assert_eq!(hash(chain, 0), genesis);
    assert_eq!(chain.block_by_hash(genesis).unwrap().unwrap().number(), 0);
    drop(sequencer);
    running.stop().unwrap();
}

/// States go as far back as is promised, and not to what was pruned.
fn check_states(chain: &Chain) {
    let until = Instant::now() + Duration::from_secs(20);
    let past = chain.oldest_past(until).unwrap();
    assert!(past.proofs <= 60 - STATES && past.state >= chain.oldest_block(), "{past:?}");
    for number in past.state.max(1)..=60 {
        let block = chain.block(number).unwrap().unwrap();
        if number >= past.proofs {
            chain.tree_after(&block, until).unwrap();
        }
        let received = chain.state_after(&block, until).unwrap().account(RECEIVER).unwrap();
        assert_eq!(received.unwrap().balance, U256::from(number));
    }
    let oldest = chain.block(chain.oldest_block()).unwrap().unwrap();
    let refused = chain.tree_after(&oldest, until).unwrap_err();
    assert!(matches!(refused, SequencerError::State(StateError::Pruned { .. })), "{refused}");
}

/// What is left is whole.
fn check_directory(directory: &Path, latest: u64) {
    let storage = open_storage(&genesis(), Some(directory)).unwrap();
    let verified = verify(&genesis(), &storage, &[], &mut |_, _| {}).unwrap();
    assert_eq!(verified.findings, Vec::<String>::new());
    assert_eq!(verified.first_block, storage.blocks.first().unwrap());
    assert_eq!(verified.blocks, latest + 1 - verified.first_block);
    assert!(verified.first_block >= 40 && verified.first_executed > verified.first_block);
    assert!(verified.first_executed <= latest + 1 - STATES);
}
