use super::*;

#[test]
fn durations_are_gos() {
    for (millis, expected) in [
        (0, "0s"),
        (1, "1ms"),
        (300, "300ms"),
        (1_000, "1s"),
        (1_050, "1.05s"),
        (10_000, "10s"),
        (60_000, "1m0s"),
        (90_500, "1m30.5s"),
        (3_600_000, "1h0m0s"),
        (3_725_001, "1h2m5.001s"),
    ] {
        assert_eq!(go_duration(millis), expected);
    }
}
