//! States of the past stay readable for as long as somebody reads them.

mod common;

use std::time::{Duration, Instant};

use alloy_primitives::{Address, U256};
use alloy_signer_local::PrivateKeySigner;
use minster_sequencer::{
    Mining, OldestPast, Running, Sequencer, SequencerConfig, SequencerError, StartConfig,
    StateError,
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
fn start(versions_max: usize, changes_max: usize, past_blocks_max: u64) -> Running {
    let genesis = genesis_with([key().address(), BYSTANDER]);
    let mut sequencer = SequencerConfig { mining: Mining::Instant, ..SequencerConfig::default() };
    sequencer.retention.versions_max = versions_max;
    sequencer.retention.changes_max = changes_max;
    sequencer.retention.past_blocks_max = past_blocks_max;
    Running::start(&genesis, StartConfig { sequencer, ..StartConfig::default() }).unwrap()
}

fn send(sequencer: &Sequencer, nonces: std::ops::Range<u64>) {
    let last = nonces.end;
    for nonce in nonces {
        sequencer.submit(&signed(&key(), transfer_to(RECEIVER, nonce, 1))).unwrap();
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
        assert!(is_pruned(chain.state_after(&before, soon()).unwrap_err()));
        if end == 50 {
            send(sequencer, 50..55);
        }
    }
    running.stop().unwrap();
}
