use super::*;

#[test]
fn the_reserve_is_left_free_to_the_byte() {
    let room = |free| Room { free, reserve: 100 };
    assert_eq!(room(Some(160)).check(50, 10), Ok(()));
    let refusal = NoRoom { bytes: 50, free: 159, promised: 10, reserve: 100 };
    assert_eq!(room(Some(159)).check(50, 10), Err(refusal));
    assert!(room(Some(u64::MAX)).check(u64::MAX, u64::MAX).is_ok(), "sums saturate");
    assert!(room(Some(99)).check(0, 0).is_err());
    assert_eq!(room(None).check(u64::MAX, 0), Ok(()), "nobody knows");
}
