//! Against FIPS 202, bit by bit: each step as its algorithm says, the constants by their register.

use core::array::from_fn;

use super::{ROUND_CONSTANTS, permute};
use crate::{BLOCKS_MAX, Block};

type State = [Block; BLOCKS_MAX];
/// By x, y and z.
type Bits = [[[bool; 64]; 5]; 5];

/// Algorithm 5: a bit of a round constant.
fn rc(t: usize) -> bool {
    let mut register = [true, false, false, false, false, false, false, false];
    for _ in 0..t % 255 {
        let out = register[7];
        register.rotate_right(1);
        register[0] = out;
        for tap in [4, 5, 6] {
            register[tap] ^= out;
        }
    }
    register[0]
}

/// Algorithms 1 to 6: a round.
fn round(a: &Bits, index: usize) -> Bits {
    let parity = |x: usize, z: usize| (0..5).fold(false, |sum, y| sum ^ a[x % 5][y][z % 64]);
    let mut theta = *a;
    for (x, sheet) in theta.iter_mut().enumerate() {
        for bit in sheet.iter_mut().flat_map(|lane| lane.iter_mut().enumerate()) {
            let (z, bit) = bit;
            *bit ^= parity(x + 4, z) ^ parity(x + 1, z + 63);
        }
    }
    let mut rho = theta;
    let (mut x, mut y) = (1, 0);
    for t in 0..24 {
        rho[x][y].rotate_right((t + 1) * (t + 2) / 2 % 64);
        (x, y) = (y, (2 * x + 3 * y) % 5);
    }
    let pi = |x: usize, y: usize| rho[(x + 3 * y) % 5][x];
    let mut chi: Bits = from_fn(|x| {
        from_fn(|y| {
            let [a, b, c] = from_fn(|ahead| pi((x + ahead) % 5, y));
            from_fn(|z| a[z] ^ (!b[z] & c[z]))
        })
    });
    for j in 0..=6 {
        chi[0][0][(1 << j) - 1] ^= rc(j + 7 * index);
    }
    chi
}

fn by_bits(state: &mut State) {
    let words = state.as_flattened_mut();
    let place = |x: usize, y: usize, z: usize| (2 * (x + 5 * y) + z / 32, z % 32);
    let mut bits: Bits = [[[false; 64]; 5]; 5];
    for (index, bit) in bits.as_flattened_mut().as_flattened_mut().iter_mut().enumerate() {
        let (word, at) = place(index / 320, index / 64 % 5, index % 64);
        *bit = words[word] >> at & 1 == 1;
    }
    let permuted = (0..24).fold(bits, |bits, index| round(&bits, index));
    for (index, bit) in permuted.as_flattened().as_flattened().iter().enumerate() {
        let (word, at) = place(index / 320, index / 64 % 5, index % 64);
        words[word] = words[word] & !(1 << at) | u32::from(*bit) << at;
    }
}

#[test]
fn the_constants_are_those_of_the_register() {
    for (index, constant) in ROUND_CONSTANTS.into_iter().enumerate() {
        let bits = (0..=6).map(|j| u64::from(rc(j + 7 * index)) << ((1_u32 << j) - 1));
        assert_eq!(constant, bits.sum::<u64>(), "round {index}");
    }
}

/// The permutation of zeros, from the intermediate values of the Keccak Team.
#[test]
fn zeros_permute_to_the_published_state() {
    let mut state = [[0; 8]; BLOCKS_MAX];
    permute(&mut state);
    let words: Vec<u32> = state.into_iter().flatten().collect();
    let lane = |index: usize| u64::from(words[2 * index]) | u64::from(words[2 * index + 1]) << 32;
    let expected = [
        (0, 0xf125_8f79_40e1_dde7),
        (1, 0x84d5_ccf9_33c0_478a),
        (2, 0xd598_261e_a65a_a9ee),
        (3, 0xbd15_4730_6f80_494d),
        (4, 0x8b28_4e05_6253_d057),
        (24, 0xeaf1_ff7b_5cec_a249),
    ];
    assert_eq!(expected.map(|(index, _)| (index, lane(index))), expected);
    assert_eq!(words[50..], [0; 6]);
}

#[test]
fn states_permute_as_by_bits() {
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut states = vec![[[0; 8]; BLOCKS_MAX], [[u32::MAX; 8]; BLOCKS_MAX]];
    for _ in 0..30 {
        states.push([[(); 8]; BLOCKS_MAX].map(|block| {
            block.map(|()| {
                seed = seed.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
                (seed >> 32) as u32
            })
        }));
    }
    for state in states {
        let (mut ours, mut bits) = (state, state);
        permute(&mut ours);
        by_bits(&mut bits);
        assert_eq!(ours, bits);
        assert_eq!(ours.as_flattened()[50..], state.as_flattened()[50..], "the last words stay");
    }
}
