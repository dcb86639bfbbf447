use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use minster_params::{ChainConfig, Genesis};

use super::decode_all;
use crate::{
    Running, StartConfig, SubmitError,
    sender::{self, transfer},
};

const HOUR: Duration = Duration::from_secs(3_600);

/// A pool may hold months of work for a prover: what was admitted waits, too.
#[test]
fn what_is_in_the_pool_waits_for_the_prover() {
    let running = Running::start(&sender::genesis(), StartConfig::default()).unwrap();
    let sequencer = running.handle();
    // It pays more than what the brake asks for before it refuses.
    let bytes = transfer(0, 3_000_000_000_000, 2_000_000_000_000);
    sequencer.set_proof_backlog(7 * HOUR);
    // As one that came a moment before that.
    let hash = sequencer.add_all(decode_all(&[&bytes])).pop().unwrap().unwrap();
    thread::sleep(Duration::from_millis(500));
    assert!(sequencer.chain().transaction(hash).unwrap().is_none());
    assert_eq!(running.drain(HOUR), 1, "nobody waits for it in vain");
    assert_eq!(sequencer.chain().latest().number(), 0, "no empty blocks meanwhile");
    sequencer.set_proof_backlog(Duration::ZERO);
    while sequencer.chain().transaction(hash).unwrap().is_none() {
        thread::sleep(Duration::from_millis(5));
    }
    running.stop().unwrap();
}

/// The backlog changes all the while: each group has one reason, whichever it is.
#[test]
fn a_group_is_refused_for_one_reason() {
    let mut genesis = Genesis { config: ChainConfig::new(99), timestamp: 1, accounts: [].into() };
    minster_os::install_precontracts(&mut genesis).unwrap();
    let running = Running::start(&genesis, StartConfig::default()).unwrap();
    let sequencer = running.handle();
    sequencer.set_proof_backlog(7 * HOUR);
    let is_over = AtomicBool::new(false);
    let group: [&[u8]; 512] = [b"whatever"; 512];
    let mut reasons = BTreeSet::new();
    thread::scope(|scope| {
        scope.spawn(|| {
            for hours in (7..=9).cycle().take_while(|_| !is_over.load(Ordering::Relaxed)) {
                sequencer.set_proof_backlog(hours * HOUR);
            }
        });
        for _ in 0..200 {
            let answers = sequencer.admit_all(&group);
            assert_eq!(answers.len(), group.len());
            let told: BTreeSet<String> =
                answers.into_iter().map(|answer| answer.unwrap_err().to_string()).collect();
            if told.len() != 1 {
                is_over.store(true, Ordering::Relaxed);
            }
            assert_eq!(told.len(), 1, "{told:?}");
            reasons.extend(told);
        }
        is_over.store(true, Ordering::Relaxed);
    });
    assert!(reasons.iter().all(|reason| reason.contains("unproven work")), "{reasons:?}");
    running.handle().shared.is_draining.store(true, Ordering::Release);
    let answers = running.handle().admit_all(&group[..2]);
    assert!(answers.iter().all(|answer| matches!(answer, Err(SubmitError::Stopping))));
    running.stop().unwrap();
}
