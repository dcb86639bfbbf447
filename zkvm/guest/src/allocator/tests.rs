use super::*;

const START: usize = 0x1000_0010;

fn heap() -> Heap {
    Heap::new(START, START + 256)
}

#[test]
fn blocks_follow_each_other_and_keep_their_alignment() {
    let mut heap = heap();
    assert_eq!(heap.allocate(3, 1), Some(START));
    assert_eq!(heap.allocate(1, 1), Some(START + 8));
    assert_eq!(heap.allocate(16, 64), Some(START + 48));
    assert_eq!(heap.allocate(0, 1), Some(START + 64));
}

#[test]
fn the_end_is_reached_and_not_passed() {
    let mut full = heap();
    assert_eq!(full.allocate(256, 8), Some(START));
    assert_eq!(full.allocate(1, 1), None);
    assert_eq!(full.allocate(0, 1), Some(START + 256));
    let mut heap = heap();
    assert_eq!(heap.allocate(257, 8), None);
    assert_eq!(heap.allocate(usize::MAX, 8), None);
    assert_eq!(heap.allocate(8, 1 << 63), None);
    assert_eq!(heap.allocate(8, 8), Some(START), "a refusal takes nothing");
    assert_eq!(Heap::empty().allocate(1, 1), None);
}

#[test]
fn only_the_last_block_changes_its_size() {
    let mut heap = heap();
    let first = heap.allocate(8, 8).unwrap();
    let last = heap.allocate(8, 8).unwrap();
    assert_eq!(heap.resize(first, 8, 16), None);
    assert_eq!(heap.resize(last, 8, 248), Some(()));
    assert_eq!(heap.resize(last, 248, 249), None);
    assert_eq!(heap.resize(last, 248, 16), Some(()));
    assert_eq!(heap.allocate(8, 8), Some(last + 16));
}

#[test]
fn a_block_comes_back_only_from_the_end_and_is_not_fresh() {
    let mut heap = heap();
    let first = heap.allocate(8, 8).unwrap();
    let last = heap.allocate(8, 8).unwrap();
    heap.release(first, 8);
    assert_eq!(heap.allocate(8, 8), Some(last + 8));
    heap.release(last + 8, 8);
    heap.release(last, 8);
    assert_eq!(heap.fresh(), last + 16);
    assert_eq!(heap.allocate(8, 8), Some(last));
}
