use super::run;

fn bytes(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

#[test]
fn known_orders() {
    assert_eq!(run(b""), b"");
    assert_eq!(run(b"abc"), b"");
    assert_eq!(run(&bytes(&[3, u32::MAX, 0, 256, 3])), bytes(&[0, 3, 3, 256, u32::MAX]));
    assert_eq!(run(b"\x02\0\0\0\x01\0\0\0xyz"), b"\x01\0\0\0\x02\0\0\0");
}

#[test]
fn a_long_list_is_a_permutation_in_order() {
    let mut words: Vec<u32> = (0..5000u32).map(|index| index.wrapping_mul(2_654_435_761)).collect();
    let sorted = run(&bytes(&words));
    words.sort();
    assert_eq!(sorted, bytes(&words));
}
