use super::run;

#[test]
fn first_permutations_of_zeros() {
    assert_eq!(run(b""), [0; 32]);
    // The Keccak team's test vectors.
    assert_eq!(run(&[1, 0, 0, 0])[..8], 0xf125_8f79_40e1_dde7_u64.to_le_bytes());
    assert_eq!(run(&[2])[..8], 0x2d5c_954d_f96e_cb3c_u64.to_le_bytes());
}
