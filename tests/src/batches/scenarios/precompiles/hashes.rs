//! SHA-256, RIPEMD-160, the identity and BLAKE2b's compression.

use alloy_primitives::hex;

use super::Case;

/// Around the sizes of words and of blocks.
const SIZES: [usize; 14] = [0, 1, 31, 32, 33, 55, 56, 63, 64, 65, 119, 120, 128, 1_000];

/// "abc" under BLAKE2b (EIP-152): state, block, offset and flag, after the number of rounds.
fn blake2(rounds: u32, flag: u8) -> Vec<u8> {
    let state = hex!(
        "48c9bdf267e6096a3ba7ca8485ae67bb2bf894fe72f36e3cf1361d5f3af54fa5"
        "d182e6ad7f520e511f6c3e2b8c68059b6bbd41fbabd9831f79217e1319cde05b"
    );
    let mut block = [0; 128];
    block[..3].copy_from_slice(b"abc");
    let mut offset = [0; 16];
    offset[0] = 3;
    [&rounds.to_be_bytes()[..], &state, &block, &offset, &[flag]].concat()
}

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for size in SIZES {
        let input: Vec<u8> = (0..=u8::MAX).cycle().take(size).collect();
        cases.push(Case::some(2, input.clone()));
        cases.push(Case::some(3, input.clone()));
        cases.push(Case::is(4, input.clone(), input));
    }
    // FIPS 180-4 and the RIPEMD-160 paper's first vectors.
    let sha = hex!("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    let ripemd = hex!("0000000000000000000000008eb208f7e05d987a9b044a8e98c6b087f15a0bfc");
    cases.extend([Case::is(2, *b"abc", sha), Case::is(3, *b"abc", ripemd)]);

    let digest = hex!(
        "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
        "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923"
    );
    let (mut short, mut long) = (blake2(12, 1), blake2(12, 1));
    short.pop();
    long.push(0);
    cases.extend([
        Case::is(9, blake2(12, 1), digest),
        Case::some(9, blake2(0, 1)),
        Case::some(9, blake2(1, 0)),
        Case::some(9, blake2(20_000, 0)),
        Case::none(9, blake2(u32::MAX, 1)),
        Case::none(9, blake2(12, 2)),
        Case::none(9, short),
        Case::none(9, long),
        Case::none(9, []),
    ]);
    cases
}
