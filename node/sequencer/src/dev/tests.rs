use super::*;

#[test]
fn the_clock_only_goes_on() {
    let controls = DevControls::default();
    let start = controls.now_ms();
    assert_eq!(controls.increase_time(60), Ok(60));
    assert_eq!(controls.increase_time(30), Ok(90));
    assert!((90_000..91_000).contains(&(controls.now_ms() - start)));
    let too_far = Err(ClockError::TooFar { maximum: AHEAD_SECONDS_MAX });
    assert_eq!(controls.increase_time(AHEAD_SECONDS_MAX), too_far);
    assert_eq!(controls.increase_time(u64::MAX), too_far);
    let backwards = Err(ClockError::Backwards { timestamp: 7, last: 7 });
    assert_eq!(controls.set_next_timestamp(7, 7), backwards);
    assert!(controls.set_next_timestamp(u64::MAX, 7).is_err());
}

#[test]
fn time_goes_on_from_the_timestamp_that_was_asked_for() {
    let controls = DevControls::default();
    let wanted = now_ms() / 1_000 + 1_000;
    controls.set_next_timestamp(wanted, 1).unwrap();
    assert_eq!(controls.next_timestamp(), Some(wanted));
    assert_eq!(controls.take_next_timestamp(), Some(wanted));
    assert_eq!(controls.take_next_timestamp(), None);
    assert!((wanted..wanted + 2).contains(&(controls.now_ms() / 1_000)));
}

#[test]
fn each_wanted_block_is_taken_once() {
    let controls = DevControls::default();
    assert!(!controls.take_wanted_block());
    controls.mine();
    controls.mine();
    assert!(controls.take_wanted_block() && controls.take_wanted_block());
    assert!(!controls.take_wanted_block());
}
