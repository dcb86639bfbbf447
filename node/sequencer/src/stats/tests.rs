use minster_mempool::PoolError;

use super::*;

#[test]
fn every_reason_has_a_place_and_a_name_of_its_own() {
    let names: std::collections::BTreeSet<_> = RefusalReason::ALL.map(RefusalReason::name).into();
    assert_eq!(names.len(), RefusalReason::ALL.len());
    for (index, reason) in RefusalReason::ALL.into_iter().enumerate() {
        assert_eq!(reason.index(), index);
    }
}

#[test]
fn answers_are_counted_by_reason() {
    let stats = Stats::default();
    stats.answered(&Ok(B256::ZERO));
    stats.answered(&Err(SubmitError::Pool(PoolError::PoolFull)));
    stats.answered(&Err(SubmitError::Pool(PoolError::PoolFull)));
    stats.answered(&Err(SubmitError::Stopping));
    let now = stats.snapshot();
    assert_eq!(now.accepted, 1);
    for (reason, count) in now.refused {
        let expected = match reason {
            RefusalReason::PoolFull => 2,
            RefusalReason::Stopping => 1,
            _ => 0,
        };
        assert_eq!(count, expected, "{reason:?}");
    }
}

#[test]
fn a_beat_makes_its_thread_young_again() {
    let stats = Stats { started: Instant::now() - Duration::from_secs(60), ..Stats::default() };
    let old = stats.snapshot();
    assert!(old.executor_age >= Duration::from_secs(60), "{old:?}");
    stats.executor_beat(Instant::now());
    let now = stats.snapshot();
    assert!(now.executor_age < Duration::from_secs(30), "{now:?}");
    assert!(now.batcher_age >= Duration::from_secs(60), "{now:?}");
    stats.batcher_beat();
    assert!(stats.snapshot().batcher_age < Duration::from_secs(30));
}

#[test]
fn a_journal_is_late_while_it_writes_and_never_while_it_waits() {
    let stats = Stats { started: Instant::now() - Duration::from_secs(60), ..Stats::default() };
    assert_eq!(stats.snapshot().journal_age, Duration::ZERO, "nothing to write yet");
    stats.journal_begins();
    std::thread::sleep(Duration::from_millis(20));
    let writing = stats.snapshot().journal_age;
    assert!((10..30_000).contains(&writing.as_millis()), "{writing:?}");
    stats.journal_waits();
    assert_eq!(stats.snapshot().journal_age, Duration::ZERO);
}
