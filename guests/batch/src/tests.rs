use super::*;

#[test]
fn what_is_no_range_is_refused() {
    for input in [&[][..], &[0xc0], &[0xff; 100]] {
        assert!(matches!(run(input), Err(Refusal::Input(_))));
    }
}
