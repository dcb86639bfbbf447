use super::*;

#[test]
fn pauses_and_trickles_end() {
    let pause = Duration::from_secs(10);
    let start = Instant::now();
    let after = |seconds| start + Duration::from_secs(seconds);
    let mut pace = Pace::new(pause, start);
    assert_eq!(pace.deadline(start), after(10));
    pace.count(1);
    assert_eq!(pace.deadline(after(9)), after(10), "a byte earns no time");
    pace.count(4 * 16 * 1_024);
    assert_eq!(pace.deadline(after(9)), after(14), "four seconds' worth");
    pace.count(1 << 20);
    assert_eq!(pace.deadline(after(9)), after(19), "no pause is longer, however fast it was");
}
