use super::*;

fn lately(count: usize, weight: usize) -> Lately<usize> {
    Lately::new(Limits { count, weight, weigh: |value| *value })
}

#[test]
fn what_was_read_last_is_kept() {
    let read = lately(8, usize::MAX);
    for number in 0..8 {
        read.insert(number, &Arc::new(1));
    }
    let first = read.get(0).unwrap();
    read.insert(8, &Arc::new(1));
    assert!(read.get(1).is_none());
    assert!(Arc::ptr_eq(&read.get(0).unwrap(), &first));
    // The same once more takes nobody's place.
    read.insert(8, &Arc::new(1));
    assert!(read.get(2).is_some());
    read.forget_before(8);
    assert!(read.get(2).is_none());
    assert!(read.get(8).is_some());
}

#[test]
fn what_is_heavy_takes_the_place_of_others_and_is_kept() {
    let read = lately(8, 10);
    for number in 0..4 {
        read.insert(number, &Arc::new(4));
    }
    assert!(read.get(1).is_none());
    assert!(read.get(2).is_some());
    read.insert(9, &Arc::new(11));
    assert!(read.get(9).is_some());
    assert!(read.get(2).is_none());
}
