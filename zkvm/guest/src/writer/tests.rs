use super::*;

/// Writes the pieces and finishes; returns the sizes of the calls and what they passed on.
fn committed(pieces: &[&[u8]]) -> (Vec<usize>, Vec<u8>) {
    let (mut sizes, mut all) = (Vec::new(), Vec::new());
    let mut writer = Writer::new();
    let mut sink = |block: &Block, bytes: usize| {
        sizes.push(bytes);
        all.extend_from_slice(&block.0[..bytes]);
        let padded = bytes.next_multiple_of(4);
        assert!(block.0[bytes..padded].iter().all(|byte| *byte == 0));
    };
    for piece in pieces {
        writer.write(piece, &mut sink);
    }
    writer.finish(&mut sink);
    (sizes, all)
}

#[test]
fn nothing_is_no_call() {
    assert_eq!(committed(&[]), (vec![], vec![]));
    assert_eq!(committed(&[b"", b""]), (vec![], vec![]));
}

#[test]
fn small_pieces_become_one_call() {
    assert_eq!(committed(&[b"ab", b"c", b"de"]), (vec![5], b"abcde".to_vec()));
}

#[test]
fn full_blocks_go_at_once_and_only_the_last_call_is_short() {
    let bytes: Vec<u8> = (0..=u8::MAX).cycle().take(2 * Block::BYTES + 5).collect();
    let expected = (vec![Block::BYTES, Block::BYTES, 5], bytes.clone());
    assert_eq!(committed(&[&bytes]), expected);
    assert_eq!(committed(&bytes.chunks(7).collect::<Vec<_>>()), expected);
    assert_eq!(committed(&[&bytes[..Block::BYTES]]).0, [Block::BYTES]);
}

#[test]
fn what_an_earlier_block_held_does_not_show_in_the_padding() {
    let bytes = vec![0xff; Block::BYTES + 1];
    assert_eq!(committed(&[&bytes]), (vec![Block::BYTES, 1], bytes));
}
