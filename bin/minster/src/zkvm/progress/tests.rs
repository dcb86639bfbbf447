use super::*;

#[test]
fn the_line_estimates_from_what_is_proven() {
    let state = State {
        cycles: 4_000_000,
        cycles_executed: 2_000_000,
        cycles_proven: 1_000_000,
        segments_executed: 2,
        segments_proven: 1,
        proof_bytes: 1_234,
    };
    let line = state.line(20.0);
    assert_eq!(
        line,
        "proving: 1,000,000 of 4,000,000 cycles (25 %), segments: 1 proven, 2 executed (cycle \
         2,000,000), 1,234 bytes of proof, 1 min 0 s left"
    );
    let start = State { cycles_proven: 0, ..state }.line(20.0);
    assert!(start.ends_with("time left unknown"), "{start}");
}
