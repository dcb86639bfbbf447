use super::*;

fn block(number: u64) -> Arc<Block> {
    let mut block = Block::nothing();
    block.header.number = number;
    Arc::new(block)
}

#[test]
fn the_blocks_read_last_are_kept() {
    let blocks = ReadBlocks::default();
    for number in 0..8 {
        blocks.insert(&block(number));
    }
    let first = blocks.get(0).unwrap();
    blocks.insert(&block(8));
    assert!(blocks.get(1).is_none());
    assert!(Arc::ptr_eq(&blocks.get(0).unwrap(), &first));
    // The same once more takes nobody's place.
    blocks.insert(&block(8));
    assert!(blocks.get(2).is_some());
}
