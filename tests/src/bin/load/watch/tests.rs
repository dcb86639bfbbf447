use super::*;

#[test]
fn times_are_behind_a_name_that_may_hold_anything() {
    let stat = "42 (a) b 1 2) S 7 42 42 0 -1 4194560 1 2 3 4 500 60 8 9 20 0 1 0";
    assert_eq!(ticks(stat), Some(560));
    for broken in ["", "42 (name", "42 (name) S 1", "42 (name) S 1 1 1 1 1 1 1 1 1 1 x 1"] {
        assert_eq!(ticks(broken), None, "{broken}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn this_process_is_there_and_that_one_is_not() {
    let own = std::process::id();
    assert!(cpu(own).is_ok());
    assert!(resident(own).unwrap() > 1 << 20);
    assert!(cpu(u32::MAX).is_err() && resident(u32::MAX).is_err());
}
