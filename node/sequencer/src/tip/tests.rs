use std::{thread, time::Instant};

use super::*;

const LONG: Duration = Duration::from_secs(60);

#[test]
fn a_wait_ends_with_a_later_block_and_not_before() {
    let tip = Tip::default();
    tip.reach(5);
    assert_eq!(tip.wait_past(4, Duration::MAX), 5, "it is there already");
    assert_eq!(tip.wait_past(5, Duration::from_millis(5)), 5, "the time is up");
    let started = Instant::now();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| tip.wait_past(6, LONG));
        tip.reach(6);
        tip.reach(7);
        assert_eq!(waiting.join().unwrap(), 7);
    });
    assert!(started.elapsed() < LONG);
}

/// A nudge between a look at a flag and the wait is not lost.
#[test]
fn a_nudge_ends_one_wait() {
    let tip = Tip::default();
    tip.nudge();
    assert_eq!(tip.wait_past(0, LONG), 0);
    let started = Instant::now();
    assert_eq!(tip.wait_past(0, Duration::from_millis(20)), 0);
    assert!(started.elapsed() >= Duration::from_millis(20));
    thread::scope(|scope| {
        let waiting = scope.spawn(|| tip.wait_past(0, LONG));
        tip.nudge();
        assert_eq!(waiting.join().unwrap(), 0);
    });
    assert!(started.elapsed() < LONG);
}

/// Two wait, and a nudge is for one of them.
#[test]
fn who_waits_for_a_block_takes_no_nudge() {
    let tip = Tip::default();
    tip.nudge();
    assert!(!tip.wait_for(1, Duration::from_millis(5)));
    assert_eq!(tip.wait_past(0, LONG), 0, "the nudge is still there");
    thread::scope(|scope| {
        let waiting = scope.spawn(|| tip.wait_for(2, LONG));
        tip.nudge();
        tip.reach(1);
        tip.reach(2);
        assert!(waiting.join().unwrap());
    });
    assert!(tip.wait_for(1, Duration::ZERO), "it is there already");
}
