use std::collections::{BTreeMap, HashMap};

use super::*;

const START: usize = 0x1000_0010;

/// Words that are kept in free blocks.
#[derive(Default)]
struct Words(HashMap<usize, usize>);

impl Links for Words {
    fn get(&self, block: usize) -> usize {
        self.0[&block]
    }

    fn set(&mut self, block: usize, link: usize) {
        self.0.insert(block, link);
    }
}

fn heap() -> (Heap, Words) {
    (Heap::new(START, START + 256), Words::default())
}

#[test]
fn classes_hold_what_they_are_of_and_little_more() {
    let mut last = Class { index: 0, size: 0 };
    let sizes = (0..5_000).chain((13..31).flat_map(|log| {
        let power = 1_usize << log;
        [power - 1, power, power + 1, power + power / 4, power + power / 4 + 1]
    }));
    for size in sizes {
        let class = Class::of(size).unwrap();
        assert!(class.index < CLASSES);
        assert!(class.size >= size && class.size.is_multiple_of(STEP), "{size}");
        assert!(class.size <= size + STEP.max(size / 4), "{size}: {class:?}");
        assert_eq!(Class::of(class.size), Some(class));
        assert!(class == last || (class.index > last.index && class.size > last.size), "{size}");
        last = class;
    }
    assert_eq!(Class::of(1 << 31).map(|class| class.index), Some(CLASSES - 1));
    assert_eq!(Class::of((1 << 31) + 1), None);
}

#[test]
fn blocks_follow_each_other_and_keep_their_alignment() {
    let (mut heap, words) = heap();
    assert_eq!(heap.allocate(3, 1, &words), Some(START));
    assert_eq!(heap.allocate(1, 1, &words), Some(START + 16));
    assert_eq!(heap.allocate(16, 64, &words), Some(START + 48));
    assert_eq!(heap.allocate(0, 1, &words), Some(START + 64));
}

#[test]
fn the_end_is_reached_and_not_passed() {
    let (mut full, words) = heap();
    assert_eq!(full.allocate(256, 8, &words), Some(START));
    assert_eq!(full.allocate(1, 1, &words), None);
    assert_eq!(full.allocate(0, 1, &words), Some(START + 256));
    let (mut heap, words) = self::heap();
    assert_eq!(heap.allocate(257, 8, &words), None);
    assert_eq!(heap.allocate(usize::MAX, 8, &words), None);
    assert_eq!(heap.allocate(8, 1 << 63, &words), None);
    assert_eq!(heap.allocate(8, 8, &words), Some(START), "a refusal takes nothing");
    assert_eq!(Heap::empty().allocate(1, 1, &words), None);
}

#[test]
fn the_last_block_changes_its_size_and_others_within_their_class() {
    let (mut heap, words) = heap();
    let first = heap.allocate(8, 8, &words).unwrap();
    let last = heap.allocate(8, 8, &words).unwrap();
    assert_eq!(heap.resize(first, 8, 16), Some(()));
    assert_eq!(heap.resize(first, 16, 17), None);
    assert_eq!(heap.resize(last, 8, 240), Some(()));
    assert_eq!(heap.resize(last, 240, 241), None);
    assert_eq!(heap.resize(last, 240, 16), Some(()));
    assert_eq!(heap.allocate(8, 8, &words), Some(last + 16));
}

#[test]
fn blocks_come_back_the_last_one_first() {
    let (mut heap, mut words) = heap();
    let blocks = [(); 4].map(|()| heap.allocate(20, 8, &words).unwrap());
    heap.release(blocks[0], 20, &mut words);
    heap.release(blocks[1], 32, &mut words);
    assert_eq!(heap.allocate(16, 8, &words), Some(blocks[3] + 32), "of another class");
    assert_eq!(heap.allocate(17, 8, &words), Some(blocks[1]));
    assert_eq!(heap.allocate(32, 8, &words), Some(blocks[0]));
    heap.release(blocks[3] + 32, 16, &mut words);
    heap.release(blocks[3], 20, &mut words);
    assert_eq!(heap.fresh(), blocks[3] + 48);
    assert_eq!(heap.allocate(48, 8, &words), Some(blocks[3]), "the end moved back");
}

/// Whatever is asked for and given back, no two blocks overlap, and memory that comes back is used
/// again: no more is ever taken than what was in use at once, class by class.
#[test]
fn blocks_never_overlap_and_the_heap_stays_small() {
    let mut heap = Heap::new(START, START + (1 << 30));
    let mut words = Words::default();
    let mut live: BTreeMap<usize, usize> = BTreeMap::new();
    let mut state = 1_u64;
    let mut random = move |bound: usize| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % bound
    };
    for _ in 0..200_000 {
        let bound = [40, 600, 5_000][random(3)];
        let size = 1 + random(bound);
        if live.len() > 50 || (!live.is_empty() && random(2) == 0) {
            let (&block, &size_old) = live.iter().nth(random(live.len())).unwrap();
            live.remove(&block);
            if random(3) == 0 && heap.resize(block, size_old, size).is_some() {
                live.insert(block, size);
            } else {
                heap.release(block, size_old, &mut words);
            }
        } else {
            let block = heap.allocate(size, 8, &words).unwrap();
            assert!(block.is_multiple_of(STEP));
            let before = live.range(..block).next_back();
            assert!(before.is_none_or(|(start, size)| start + size <= block));
            let after = live.range(block..).next();
            assert!(after.is_none_or(|(start, _)| block + size <= *start));
            live.insert(block, size);
        }
    }
    assert!(heap.fresh() - START < 2_000_000, "{}", heap.fresh() - START);
}
