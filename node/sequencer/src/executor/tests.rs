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
