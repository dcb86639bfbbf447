use super::*;

#[test]
fn transfers_are_due_evenly_and_never_drift() {
    let pace = Pace { per_second: 3, count: 9 };
    assert_eq!(pace.due(0), Duration::ZERO);
    assert_eq!(pace.due(1), Duration::from_nanos(333_333_333));
    assert_eq!(pace.due(3), Duration::from_secs(1));
    let late = Pace { per_second: 30_000, count: u64::MAX };
    assert_eq!(late.due(30_000 * 86_400), Duration::from_secs(86_400));
}
