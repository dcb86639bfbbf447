//! States of the past stay readable for as long as somebody reads them.

mod common;

use std::{
    path::Path,
    time::{Duration, Instant},
};

use alloy_primitives::{Address, U256, hex, keccak256};
use alloy_signer_local::PrivateKeySigner;
use minster_evm::Oracle;
use minster_params::GenesisAccount;
use minster_primitives::alloy_consensus::TxEip1559;
use minster_sequencer::{
    Mining, OldestPast, Retention, Running, Sequencer, SequencerConfig, SequencerError,
    StartConfig, StateError, StateView,
};

use common::{genesis_with, key_of, signed, transfer_to};

/// Nobody touches it after genesis.
const BYSTANDER: Address = Address::repeat_byte(0x77);

/// Transactions go here, one wei each.
const RECEIVER: Address = Address::repeat_byte(0x88);

/// Until when a look at the past may take.
fn soon() -> Instant {
    Instant::now() + Duration::from_secs(20)
}

fn key() -> PrivateKeySigner {
    key_of(7)
}

/// Each transaction has its block and its version.
fn start(versions_max: usize, changes_max: usize, proof_blocks_max: u64) -> Running {
    let genesis = genesis_with([key().address(), BYSTANDER]);
    let mut sequencer = SequencerConfig { mining: Mining::Instant, ..SequencerConfig::default() };
    sequencer.retention.versions_max = versions_max;
    sequencer.retention.changes_max = changes_max;
    sequencer.retention.proof_blocks_max = proof_blocks_max;
    Running::start(&genesis, StartConfig { sequencer, ..StartConfig::default() }).unwrap()
}

fn send(sequencer: &Sequencer, nonces: std::ops::Range<u64>) {
    send_to(sequencer, nonces, |_| RECEIVER);
}

fn send_to(sequencer: &Sequencer, nonces: std::ops::Range<u64>, to: impl Fn(u64) -> Address) {
    let last = nonces.end;
    for nonce in nonces {
        sequencer.submit(&signed(&key(), transfer_to(to(nonce), nonce, 1))).unwrap();
    }
    let deadline = Instant::now() + Duration::from_secs(20);
    while sequencer.chain().latest().number() < last {
        assert!(Instant::now() < deadline, "block {last} is not there");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// The chain goes on between the look for a state and the reading, for as long as a call may take:
/// a share of what is held.
#[test]
fn a_state_that_was_found_is_not_gone_before_it_is_read() {
    let running = start(64, 1 << 20, 1_024);
    let sequencer = running.handle();
    send(sequencer, 0..100);
    let chain = sequencer.chain();
    // Undone, the oldest that is held, the next ones, and the last.
    let views: Vec<_> = [1, 20, 36, 37, 38, 41, 100]
        .into_iter()
        .map(|number| {
            let block = chain.block(number).unwrap().unwrap();
            (number, chain.state_after(&block, soon()).unwrap())
        })
        .collect();
    send(sequencer, 100..106);
    for (number, view) in views {
        assert!(view.account(BYSTANDER).unwrap().is_some(), "block {number}");
        let received = view.account(RECEIVER).unwrap().unwrap().balance;
        assert_eq!(received, U256::from(number), "block {number}");
    }
    running.stop().unwrap();
}

/// What is said to be there is there, and it is not said of what is long gone.
#[test]
fn how_far_back_a_state_can_be_had_is_said_truly() {
    let is_pruned =
        |error: SequencerError| matches!(error, SequencerError::State(StateError::Pruned { .. }));
    let running = start(16, 24, 12);
    let sequencer = running.handle();
    let chain = sequencer.chain();
    let genesis = OldestPast { state: 0, proofs: 0 };
    assert_eq!(chain.oldest_past(soon()).unwrap(), genesis);
    send(sequencer, 0..3);
    assert_eq!(chain.oldest_past(soon()).unwrap(), genesis);
    // Every block changes three keys: what is counted is those of eight blocks.
    send(sequencer, 3..50);
    for end in [50, 55] {
        let OldestPast { state, proofs } = chain.oldest_past(soon()).unwrap();
        assert!((end - 20..end - 5).contains(&proofs) && state <= proofs, "{state} {proofs}");
        for number in state..=end {
            let block = chain.block(number).unwrap().unwrap();
            let account = chain.state_after(&block, soon()).unwrap().account(RECEIVER).unwrap();
            assert_eq!(account.unwrap().balance, U256::from(number));
            if number >= proofs {
                chain.tree_after(&block, soon()).unwrap();
            }
        }
        let before = chain.block(0).unwrap().unwrap();
        assert!(is_pruned(chain.tree_after(&before, soon()).unwrap_err()));
        if end == 50 {
            send(sequencer, 50..55);
        }
    }
    running.stop().unwrap();
}

/// Nothing is in the index before a snapshot, and of blocks that are not, only so many changed keys
/// are undone.
#[test]
fn more_changes_than_one_look_may_undo_are_refused() {
    let running = start(16, 24, 12);
    let sequencer = running.handle();
    let chain = sequencer.chain();
    send_to(sequencer, 0..60, |nonce| Address::left_padding_from(&(1_000 + nonce).to_be_bytes()));
    let OldestPast { state, .. } = chain.oldest_past(soon()).unwrap();
    assert!((30..55).contains(&state), "{state}");
    for number in state..=60 {
        let block = chain.block(number).unwrap().unwrap();
        let sender = chain.state_after(&block, soon()).unwrap().account(key().address()).unwrap();
        assert_eq!(sender.unwrap().nonce, number);
    }
    let before = chain.block(0).unwrap().unwrap();
    let refused = chain.state_after(&before, soon()).unwrap_err();
    assert!(matches!(refused, SequencerError::State(StateError::Pruned { .. })), "{refused}");
    running.stop().unwrap();
}

/// Stores the second word of what it is called with in the slot that the first one names.
const WRITER: Address = Address::repeat_byte(0x99);
const WRITER_CODE: [u8; 8] = hex!("6020356000355500");

/// What is looked at of each state.
const WATCHED: std::ops::Range<u8> = 1..7;

/// Balances of the watched accounts, and the writer's first slots.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen(Vec<Option<U256>>, Vec<U256>);

fn seen(view: &StateView) -> Seen {
    let balance = |byte| view.account(Address::repeat_byte(byte)).unwrap();
    let balances = WATCHED.map(|byte| balance(byte).map(|account| account.balance));
    let slots = WATCHED.map(|slot| view.storage(WRITER, U256::from(slot)).unwrap());
    Seen(balances.collect(), slots.collect())
}

/// Few versions are held, and few changes may be undone: what is older is found by the index.
fn start_on(directory: Option<&Path>) -> Running {
    let mut genesis = genesis_with([key().address()]);
    minster_os::install_precontracts(&mut genesis).unwrap();
    let writer = GenesisAccount { code: WRITER_CODE.into(), ..Default::default() };
    genesis.accounts.insert(WRITER, writer);
    let mut sequencer = SequencerConfig {
        mining: Mining::Instant,
        snapshot_blocks: 7,
        ..SequencerConfig::default()
    };
    sequencer.retention = Retention { versions_max: 64, changes_max: 256, proof_blocks_max: 2 };
    let directory = directory.map(Path::to_path_buf);
    Running::start(&genesis, StartConfig { directory, sequencer, ..Default::default() }).unwrap()
}

/// Sends so many transactions, each of which has its block, and takes down what they do.
fn random_blocks(sequencer: &Sequencer, count: u64, states: &mut Vec<Seen>) {
    for _ in 0..count {
        let nonce = states.len() as u64 - 1;
        let random = keccak256(nonce.to_be_bytes());
        let at = usize::from(random[0]) % WATCHED.len();
        let (byte, value) = (WATCHED.start + at as u8, u64::from(random[1] % 3));
        let mut next = states.last().unwrap().clone();
        let transaction = if random[2] < 128 {
            // A transfer of nothing makes no account.
            if value > 0 {
                *next.0[at].get_or_insert_default() += U256::from(value);
            }
            transfer_to(Address::repeat_byte(byte), nonce, value)
        } else {
            next.1[at] = U256::from(value);
            let words = [U256::from(byte), U256::from(value)].map(|word| word.to_be_bytes::<32>());
            let input = words.concat().into();
            TxEip1559 { input, gas_limit: 100_000, ..transfer_to(WRITER, nonce, 0) }
        };
        sequencer.submit(&signed(&key(), transaction)).unwrap();
        states.push(next);
    }
    let last = states.len() as u64 - 1;
    let deadline = Instant::now() + Duration::from_secs(20);
    while sequencer.chain().latest().number() < last {
        assert!(Instant::now() < deadline, "block {last} is not there");
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn check(sequencer: &Sequencer, states: &[Seen]) {
    let chain = sequencer.chain();
    for (number, expected) in (0..).zip(states) {
        let block = chain.block(number).unwrap().unwrap();
        let mut view = chain.state_after(&block, soon()).unwrap();
        assert_eq!(seen(&view), *expected, "block {number}");
        assert_eq!(view.account(key().address()).unwrap().unwrap().nonce, number);
        // Also what `BLOCKHASH` may ask for there, long after.
        if number > 0 {
            let parent = chain.block(number - 1).unwrap().unwrap().hash;
            assert_eq!(view.block_hash(number - 1).unwrap(), parent);
        }
        // Its own nobody can know there, and it is not mistaken for another's.
        let own = view.block_hash(number).unwrap();
        assert!(own == block.hash || own.is_zero(), "block {number}");
    }
}

/// As far back as what blocks changed is kept, which is for ever here.
#[test]
fn the_state_after_every_block_is_found() {
    let directory = tempfile::tempdir().unwrap();
    let mut states = vec![Seen(vec![None; WATCHED.len()], vec![U256::ZERO; WATCHED.len()])];
    for count in [400, 0, 60] {
        let running = start_on(Some(directory.path()));
        random_blocks(running.handle(), count, &mut states);
        let chain = running.handle().chain();
        let deadline = soon();
        // A snapshot that comes too late is made after the next block, and the index with it.
        while chain.oldest_past(deadline).unwrap().state > 0 {
            std::thread::sleep(Duration::from_millis(100));
            random_blocks(running.handle(), 1, &mut states);
        }
        check(running.handle(), &states);
        let first = chain.block(1).unwrap().unwrap();
        let proof = chain.tree_after(&first, soon()).unwrap_err();
        assert!(matches!(proof, SequencerError::State(StateError::Pruned { .. })), "{proof}");
        running.stop().unwrap();
    }
    // A backup has no index, and a crash leaves none of the newest blocks.
    for run in std::fs::read_dir(directory.path().join("index")).unwrap() {
        std::fs::remove_file(run.unwrap().path()).unwrap();
    }
    let running = start_on(Some(directory.path()));
    assert_eq!(running.handle().chain().oldest_past(soon()).unwrap().state, 0);
    check(running.handle(), &states);
    running.stop().unwrap();
}
