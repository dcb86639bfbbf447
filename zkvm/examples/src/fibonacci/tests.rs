use super::run;

fn check(input: &[u8], expected: u32) {
    assert_eq!(run(input), expected.to_le_bytes());
}

#[test]
fn known_numbers() {
    check(b"", 0);
    check(&[1], 1);
    check(&[2], 1);
    check(&[10, 0, 0, 0], 55);
    check(&47u32.to_le_bytes(), 2_971_215_073);
    check(&48u32.to_le_bytes(), (4_807_526_976u64 % (1 << 32)) as u32);
    check(&[10, 0, 0, 0, 99], 55);
}
