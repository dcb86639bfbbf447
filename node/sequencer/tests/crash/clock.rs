//! A clock that goes back moves no block back.

use std::{path::Path, time::Duration};

use minster_sequencer::{Running, SequencerConfig, StartConfig};

use crate::{genesis, transfer};

const WAIT: Duration = Duration::from_secs(20);
const DAY: u64 = 86_400;

fn start(directory: &Path) -> Running {
    let sequencer = SequencerConfig { is_development: true, ..Default::default() };
    let directory = Some(directory.to_path_buf());
    Running::start(&genesis(), StartConfig { directory, sequencer, ..Default::default() }).unwrap()
}

/// Sends one transaction and ends its block. Returns the block's timestamp.
fn block(running: &Running, nonce: u64) -> u64 {
    let sequencer = running.handle();
    let hash = sequencer.submit(&transfer(0, nonce)).unwrap();
    let mined = sequencer.dev_controls().unwrap().mine(None, WAIT).unwrap();
    assert!(sequencer.chain().wait_for_block(mined.block, WAIT));
    let located = sequencer.chain().transaction(hash).unwrap().unwrap();
    assert!(located.item.receipt.success);
    located.block_timestamp
}

/// Before the restart the clock was a day ahead of what it is after it.
#[test]
fn a_clock_that_went_back_across_a_restart_stops_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let running = start(directory.path());
    let today = block(&running, 0);
    running.handle().dev_controls().unwrap().increase_time(DAY, WAIT).unwrap();
    let tomorrow = block(&running, 1);
    assert!(tomorrow >= today + DAY);
    running.stop().unwrap();
    let mut last = tomorrow;
    for nonces in [2..5, 5..8] {
        let running = start(directory.path());
        assert!(running.handle().now() < tomorrow, "the clock is back");
        for nonce in nonces {
            let timestamp = block(&running, nonce);
            assert!(timestamp > last, "{timestamp} after {last}");
            // No further ahead than it must be, so that the clock overtakes the chain some day.
            assert!(timestamp <= last + 2, "{timestamp} after {last}");
            last = timestamp;
        }
        let sealed = running.handle().chain().latest();
        assert_eq!(
            running.handle().chain().block(sealed.number()).unwrap().unwrap().hash,
            sealed.hash
        );
        running.stop().unwrap();
    }
}
