use super::*;
use crate::host::{fill, frame_hint};

fn sample(count: usize) -> Vec<u8> {
    (0..count).map(|index| (index * 7 + index / 256) as u8).collect()
}

/// A stream that checks how it is called.
fn source(bytes: &[u8]) -> impl FnMut(&mut [u32]) -> u32 + use<> {
    let mut stream = Vec::from(bytes).into_iter();
    move |words| {
        assert!(words.len() <= READ_WORDS_MAX);
        fill(words, &mut stream)
    }
}

#[test]
fn all_of_every_length() {
    for count in (0..40).chain([4095, 4096, 4097, 8191, 20_000]) {
        let bytes = sample(count);
        assert_eq!(Reader::new().read_all(source(&bytes)), bytes);
    }
}

#[test]
fn pieces_of_every_length_and_alignment() {
    let bytes = sample(9001);
    for piece in [1, 2, 3, 4, 5, 8, 63, 255, 256, 257, 4096, 5000] {
        for offset in 0..4 {
            let mut reader = Reader::new();
            let mut source = source(&bytes);
            let mut got = Vec::new();
            loop {
                let mut out = vec![0xaa; piece + offset];
                let count = reader.read(&mut out[offset..], &mut source);
                assert!(out[..offset].iter().all(|byte| *byte == 0xaa));
                got.extend_from_slice(&out[offset..offset + count]);
                if count < piece {
                    break;
                }
            }
            assert_eq!(got, bytes, "in pieces of {piece} at {offset}");
            assert_eq!(reader.read(&mut [0; 4], &mut source), 0);
        }
    }
}

#[test]
fn the_rest_after_a_piece() {
    let bytes = sample(1000);
    let mut reader = Reader::new();
    let mut source = source(&bytes);
    let mut first = [0; 5];
    assert_eq!(reader.read(&mut first, &mut source), 5);
    assert_eq!(reader.remaining(&mut source), 995);
    assert_eq!(reader.read_all(&mut source), &bytes[5..]);
}

#[test]
fn answers_one_after_the_other() {
    let answers: [&[u8]; 5] = [b"", b"a", b"four", b"eight by", &sample(5000)];
    let stream: Vec<u8> = answers.iter().flat_map(|answer| frame_hint(answer)).collect();
    let mut source = source(&stream);
    let mut reader = Reader::new();
    for answer in answers {
        reader.expect_more();
        assert_eq!(reader.read_answer(&mut source), answer);
    }
    assert_eq!(reader.read_answer(&mut source), b"");
}

#[test]
fn an_answer_may_come_after_the_end() {
    let mut reader = Reader::new();
    assert_eq!(reader.read_answer(source(&[])), b"");
    reader.expect_more();
    assert_eq!(reader.read_answer(source(&frame_hint(b"late"))), b"late");
}

#[test]
fn a_length_that_is_too_long_ends_with_the_stream() {
    let mut stream = u32::MAX.to_le_bytes().to_vec();
    stream.extend_from_slice(b"short");
    assert_eq!(Reader::new().read_answer(source(&stream)), b"short");
    assert_eq!(Reader::new().read_answer(source(b"xyz")), b"");
}

/// The host may claim anything about what is left.
#[test]
fn false_claims_stay_within_the_slice() {
    for claims in [vec![5, 0], vec![4096, 3, 9, 0], vec![1, 1 << 31, 1 << 31, 2], vec![8, 7, 100]] {
        let mut claim = claims.into_iter();
        let mut source = |words: &mut [u32]| {
            words.fill(u32::MAX);
            claim.next().unwrap_or(0)
        };
        let mut out = [0; 64];
        let count = Reader::new().read(&mut out[..33], &mut source);
        assert!(count <= 33);
        assert!(out[33..].iter().all(|byte| *byte == 0));
    }
}

#[test]
fn answers_into_room_that_is_there() {
    let long = sample(700);
    for room in [0, 1, 3, 4, 5, 63, 64, 699, 700, 701] {
        let stream = [frame_hint(b""), frame_hint(&long), frame_hint(b"end")].concat();
        let mut source = source(&stream);
        let mut reader = Reader::new();
        let mut out = vec![0xaa; room];
        assert_eq!(reader.read_answer_into(&mut out, &mut source), 0);
        assert_eq!(reader.read_answer_into(&mut out, &mut source), 700);
        let fits = room.min(700);
        assert_eq!(out[..fits], long[..fits]);
        assert!(out[fits..].iter().all(|byte| *byte == 0xaa));
        let mut end = [0; 5];
        assert_eq!(reader.read_answer_into(&mut end, &mut source), 3);
        assert_eq!(end, *b"end\0\0");
        assert_eq!(reader.read_answer_into(&mut end, &mut source), 0);
    }
    // A stream that ends inside an answer.
    let mut source = source(&frame_hint(&long)[..100]);
    let mut out = [0; 200];
    assert_eq!(Reader::new().read_answer_into(&mut out, &mut source), 96);
    assert_eq!(out[..96], long[..96]);
}
