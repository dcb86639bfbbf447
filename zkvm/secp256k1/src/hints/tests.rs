use super::answer;
use crate::advice::{NAME, NO_ROOT, Request};
use crate::number::{FIELD, ORDER};

#[test]
fn only_requests_of_this_crate_are_answered() {
    let request = Request { x: [5, 0, 0, 0, 0, 0, 0, 0], y_is_odd: true, z: [1; 8], s: [2; 8] };
    let words = request.to_words();
    assert_eq!(Request::from_words(&words), Some(request));
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    let no_point = answer(&bytes).unwrap();
    assert_eq!((no_point.len(), no_point[0]), (36, NO_ROOT as u8));
    assert_eq!(answer(b""), None);
    assert_eq!(answer(&bytes[..bytes.len() - 1]), None);
    assert_eq!(answer(&[&bytes[..], &[0; 4]].concat()), None);
    for word in 0..NAME.len() {
        let mut other = bytes.clone();
        other[4 * word] ^= 1;
        assert_eq!(answer(&other), None);
    }
}

#[test]
fn numbers_out_of_range_are_no_panic() {
    // A host answers whatever program it runs.
    let words = |x, z, s| Request { x, y_is_odd: true, z, s }.to_words();
    let mut largest = ORDER;
    largest[0] -= 1;
    let zero = [0; 8];
    let cases = [
        (words([!0; 8], zero, zero), false),
        (words(FIELD, zero, zero), false),
        (words(zero, zero, ORDER), false),
        (words(zero, zero, zero), true),
        (words(ORDER, [!0; 8], largest), true),
        (words(largest, [!0; 8], largest), true),
    ];
    for (words, is_answered) in cases {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        assert_eq!(answer(&bytes).is_some(), is_answered);
    }
}
