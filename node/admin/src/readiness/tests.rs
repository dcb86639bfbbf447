use super::*;

const FINE: Disk = Disk { free_bytes: 1 << 40, is_read_only: false };

fn running() -> Facts {
    Facts {
        executor_age: Some(Duration::from_millis(50)),
        batcher_age: Some(Duration::from_secs(1)),
        journal_age: Some(Duration::ZERO),
        disk: Some(FINE),
        ..Facts::default()
    }
}

/// The reasons after one fact has changed.
fn after(change: impl FnOnce(&mut Facts)) -> Vec<Reason> {
    let mut facts = running();
    change(&mut facts);
    reasons(&facts, &AdminConfig::default())
}

#[test]
fn a_running_node_is_ready() {
    assert_eq!(after(|_| {}), []);
    assert_eq!(after(|facts| (facts.disk, facts.batcher_age) = (None, None)), [], "in memory");
}

#[test]
fn each_fact_is_one_reason() {
    assert_eq!(after(|facts| facts.is_starting = true), [Reason::Starting]);
    assert_eq!(after(|facts| facts.is_draining = true), [Reason::Draining]);
    assert_eq!(after(|facts| facts.is_refusing = true), [Reason::Backpressure]);
    assert_eq!(after(|facts| facts.is_halted = true), [Reason::BatcherStuck]);
    let full = Disk { free_bytes: (1 << 30) - 1, ..FINE };
    assert_eq!(after(|facts| facts.disk = Some(full)), [Reason::DiskFull]);
    assert_eq!(after(|facts| facts.is_disk_unknown = true), [Reason::DiskUnknown]);
    let locked = Disk { is_read_only: true, ..FINE };
    assert_eq!(after(|facts| facts.disk = Some(locked)), [Reason::DiskReadOnly]);
}

#[test]
fn limits_hold_from_just_beyond_them() {
    let config = AdminConfig::default();
    let room = Disk { free_bytes: config.disk_free_min_bytes, ..FINE };
    assert_eq!(after(|facts| facts.disk = Some(room)), []);
    let executor = Duration::from_millis(config.executor_age_max_ms);
    let batcher = Duration::from_millis(config.batcher_age_max_ms);
    let journal = Duration::from_millis(config.journal_age_max_ms);
    let set = |facts: &mut Facts, more: Duration| {
        facts.journal_age = Some(journal + more);
        facts.executor_age = Some(executor + more);
        facts.batcher_age = Some(batcher + more);
    };
    assert_eq!(after(|facts| set(facts, Duration::ZERO)), []);
    let late = [Reason::ExecutorStalled, Reason::JournalStalled, Reason::BatcherStuck];
    assert_eq!(after(|facts| set(facts, Duration::from_millis(1))), late);
}

#[test]
fn a_journal_that_hangs_is_a_reason_also_while_the_node_drains() {
    let hangs = |facts: &mut Facts| {
        (facts.is_draining, facts.journal_age) = (true, Some(Duration::from_secs(60)));
    };
    assert_eq!(after(hangs), [Reason::Draining, Reason::JournalStalled]);
}

#[test]
fn threads_that_end_while_the_node_drains_are_no_failure() {
    let hour = Some(Duration::from_secs(3_600));
    let ended = |facts: &mut Facts| {
        (facts.is_draining, facts.executor_age, facts.batcher_age) = (true, hour, hour);
    };
    assert_eq!(after(ended), [Reason::Draining]);
}
