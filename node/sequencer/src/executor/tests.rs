use std::sync::mpsc;

use super::*;

/// Without this the journal would wait for its senders, one of which waits for the journal.
#[test]
fn a_panic_still_stops_the_journal() {
    let (sender, receiver) = mpsc::sync_channel(1);
    let other_sender = sender.clone();
    let guard = StopGuard(sender);
    let thread = std::thread::spawn(move || {
        let _guard = guard;
        panic!("as an executor might");
    });
    assert!(thread.join().is_err());
    assert!(matches!(receiver.recv(), Ok(JournalMessage::Stop)));
    drop(other_sender);
}

/// The clock goes on, back by a day, on, and back to before 1970, between one block and the next.
#[test]
fn a_clock_that_goes_back_within_a_run_moves_no_block_back() {
    const BLOCK_MS: u64 = 2_000;
    let now = 1_800_000_001_500;
    let clock = [now, now + 2_000, now - 86_400_000, now - 86_398_000, now + 4_000, 0, now + 6_000];
    let (mut parent, mut timestamps) = (0, Vec::new());
    for now_ms in clock {
        let (timestamp, left_ms) = slot(now_ms, BLOCK_MS, parent, None);
        assert!(timestamp > parent, "{timestamp} after {parent}");
        assert!(left_ms <= BLOCK_MS, "open for {left_ms} ms");
        timestamps.push(timestamp);
        parent = timestamp;
    }
    let first = 1_800_000_000;
    // No further ahead than it must be: the clock overtakes the chain.
    let ahead = [0, 2, 3, 4, 5, 6, 7];
    assert_eq!(timestamps, ahead.map(|seconds| first + seconds));
    assert_eq!(slot(now, BLOCK_MS, 5, None), (first, 500));
}
