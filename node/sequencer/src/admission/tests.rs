use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use minster_params::{ChainConfig, Genesis};

use crate::{Running, StartConfig, SubmitError};

const HOUR: Duration = Duration::from_secs(3_600);

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
