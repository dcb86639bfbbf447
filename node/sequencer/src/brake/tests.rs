use super::*;

const BASE_FEE: u64 = 6_400;

fn hours(hours: f64) -> Duration {
    Duration::from_secs_f64(3_600.0 * hours)
}

fn demand(tip_min: u128, is_refusing: bool) -> Demand {
    Demand { tip_min, is_refusing }
}

#[test]
fn tips_double_every_quarter_of_an_hour_and_then_nothing_is_taken() {
    let mut brake = Brake::new(BrakeConfig::default());
    let cases = [
        (0.0, demand(0, false)),
        (2.99, demand(0, false)),
        (3.0, demand(100, false)),
        (3.24, demand(100, false)),
        (3.25, demand(200, false)),
        (4.5, demand(6_400, false)),
        (5.99, demand(204_800, false)),
        (6.0, demand(409_600, true)),
        (1_000.0, demand(6_400 << 18, true)),
    ];
    for (backlog, expected) in cases {
        assert_eq!(brake.update(hours(backlog), BASE_FEE), expected, "{backlog}");
    }
    assert_eq!(Brake::new(BrakeConfig::default()).update(hours(3.0), 7).tip_min, 1);
}

#[test]
fn limits_let_go_a_little_below_where_they_took_hold() {
    let mut brake = Brake::new(BrakeConfig::default());
    assert!(brake.update(hours(6.0), BASE_FEE).is_refusing);
    assert!(brake.update(hours(5.75), BASE_FEE).is_refusing);
    assert!(!brake.update(hours(5.65), BASE_FEE).is_refusing);
    assert!(!brake.update(hours(5.75), BASE_FEE).is_refusing);
    assert_eq!(brake.update(hours(2.9), BASE_FEE), demand(100, false));
    assert_eq!(brake.update(hours(2.8), BASE_FEE), demand(0, false));
    assert_eq!(brake.update(hours(2.9), BASE_FEE), demand(0, false));
}
