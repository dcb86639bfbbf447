use super::*;

#[test]
fn quantiles_are_of_what_was_measured() {
    let mut times = Times::default();
    for millis in (1..=100).rev() {
        times.push(Duration::from_millis(millis));
    }
    let mut all = Times::default();
    all.extend(&times);
    let report = all.report();
    let expected = json!({
        "receipts": 100, "p50Ms": 50.0, "p90Ms": 90.0, "p99Ms": 99.0, "maxMs": 100.0
    });
    assert_eq!(report, expected);
}

#[test]
fn one_is_all_and_none_is_null() {
    let mut times = Times::default();
    assert_eq!(Times::default().report()["p99Ms"], Value::Null);
    times.push(Duration::from_millis(3));
    let report = times.report();
    assert_eq!((&report["p50Ms"], &report["maxMs"]), (&json!(3.0), &json!(3.0)));
}
