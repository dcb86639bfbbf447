use super::*;

#[test]
fn the_parent_and_the_time_are_behind_a_name_that_may_hold_anything() {
    let stat = "42 (a) b 1 2) S 7 42 42 0 -1 4194560 1 2 3 4 500 60 8 9 20 0 1 0";
    assert_eq!(parent_and_ticks(stat), Some((7, 560)));
    for broken in ["", "42 (name", "42 (name) S", "42 (name) S x 1 1 1 1 1 1 1 1 1 1 1"] {
        assert_eq!(parent_and_ticks(broken), None, "{broken}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_child_is_found_by_its_parent() {
    let mut child = Command::new("sleep").arg("100").spawn().unwrap();
    let found = prover_of(std::process::id()).map(|prover| prover.pid);
    child.kill().unwrap();
    child.wait().unwrap();
    // Tests beside this one have children too.
    assert!(found.is_some());
    assert_eq!(prover_of(u32::MAX), None);
}
