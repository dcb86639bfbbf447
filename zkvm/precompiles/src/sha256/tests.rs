//! Against FIPS 180-4: the constants by their definition, the function by the standard's steps and
//! by the examples that NIST publishes with it.

use super::{ROUND_CONSTANTS, compress};
use crate::Block;

/// Section 5.3.3.
const START: Block = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

fn primes() -> impl Iterator<Item = u128> {
    (2..).filter(|n| (2..*n).all(|divisor| n % divisor != 0))
}

/// Section 4.2.2: the first 32 bits of the fraction of a cube root.
#[test]
fn constants_are_fractions_of_cube_roots() {
    for (constant, prime) in ROUND_CONSTANTS.into_iter().zip(primes()) {
        // The root times 2^32 is below 2^35, rounded down.
        let scaled = prime << 96;
        let root = (0..35).rev().fold(0_u128, |root, bit| {
            let next = root | 1 << bit;
            if next.pow(3) <= scaled { next } else { root }
        });
        assert_eq!(u128::from(constant), root & 0xffff_ffff, "{prime}");
    }
}

/// Section 6.2.2, a step at a time.
fn standard(hash: &mut Block, block: [&Block; 2]) {
    let rotate =
        |x: u32, [a, b, c]: [u32; 3]| x.rotate_right(a) ^ x.rotate_right(b) ^ x.rotate_right(c);
    let shift = |x: u32, [a, b, c]: [u32; 3]| x.rotate_right(a) ^ x.rotate_right(b) ^ x >> c;
    let sum = |terms: &[u32]| terms.iter().fold(0, |sum: u32, term| sum.wrapping_add(*term));
    let mut w: Vec<u32> = block.into_iter().flatten().map(|word| word.swap_bytes()).collect();
    for t in 16..64 {
        let (old, new) = (shift(w[t - 15], [7, 18, 3]), shift(w[t - 2], [17, 19, 10]));
        w.push(sum(&[new, w[t - 7], old, w[t - 16]]));
    }
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *hash;
    for (constant, word) in ROUND_CONSTANTS.into_iter().zip(w) {
        let choice = (e & f) ^ (!e & g);
        let first = sum(&[h, rotate(e, [6, 11, 25]), choice, constant, word]);
        let majority = (a & b) ^ (a & c) ^ (b & c);
        let second = sum(&[rotate(a, [2, 13, 22]), majority]);
        (h, g, f, e) = (g, f, e, sum(&[d, first]));
        (d, c, b, a) = (c, b, a, sum(&[first, second]));
    }
    for (old, new) in hash.iter_mut().zip([a, b, c, d, e, f, g, h]) {
        *old = old.wrapping_add(new);
    }
}

#[test]
fn the_standards_steps_give_the_same() {
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut word = || {
        seed = seed.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        (seed >> 32) as u32
    };
    let mut random = || core::array::from_fn::<u32, 8, _>(|_| word());
    for _ in 0..1_000 {
        let (mut state, first, second) = (random(), random(), random());
        let mut expected = state;
        standard(&mut expected, [&first, &second]);
        compress(&mut state, [&first, &second]);
        assert_eq!(state, expected);
    }
}

/// The hash of a message, padded as section 5.1.1 says.
fn hash(message: &[u8]) -> Block {
    let mut bytes = message.to_vec();
    bytes.push(0x80);
    bytes.resize((bytes.len() + 8).next_multiple_of(64) - 8, 0);
    bytes.extend((8 * message.len() as u64).to_be_bytes());
    let mut state = START;
    for block in bytes.chunks(64) {
        let words: Vec<u32> =
            block.as_chunks().0.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect();
        let (halves, _) = words.as_chunks();
        compress(&mut state, [&halves[0], &halves[1]]);
    }
    state
}

#[test]
fn examples_of_nist() {
    let check = |message: &[u8], digest: &str| {
        let hex: String = hash(message).iter().map(|word| format!("{word:08x}")).collect();
        assert_eq!(hex, digest);
    };
    check(b"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    check(b"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    check(
        b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
    );
    check(&[b'a'; 1_000_000], "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}
