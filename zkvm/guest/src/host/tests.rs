use super::*;

#[test]
fn words_come_zero_padded_with_what_was_left() {
    let mut stream = vec![1, 2, 3, 4, 5].into_iter();
    let mut words = [u32::MAX; 3];
    assert_eq!(fill(&mut [], &mut stream), 5);
    assert_eq!(fill(&mut words[..1], &mut stream), 5);
    assert_eq!(fill(&mut words[1..], &mut stream), 1);
    assert_eq!(fill(&mut [0], &mut stream), 0);
    assert_eq!(words.map(u32::to_ne_bytes), [[1, 2, 3, 4], [5, 0, 0, 0], [0; 4]]);
}

#[test]
fn an_answer_is_framed_in_whole_words() {
    assert_eq!(frame_hint(b""), [0; 4]);
    assert_eq!(frame_hint(b"four"), *b"\x04\0\0\0four");
    assert_eq!(frame_hint(b"fives"), *b"\x05\0\0\0fives\0\0\0");
}

#[test]
fn a_handler_answers() {
    answer_hints(|request| request.iter().rev().copied().collect());
    assert_eq!(crate::hint(b"abc"), b"cba");
}
