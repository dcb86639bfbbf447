//! Keccak-256 as Ethereum uses it (padding 0x01, not SHA-3's 0x06), in software.

use alloc::vec::Vec;

#[cfg(test)]
mod tests;

const LANES: usize = 25;
const RATE_BYTES: usize = 136;

/// What each round adds to the first lane.
const ROUND: [u64; 24] = [
    0x0000_0000_0000_0001,
    0x0000_0000_0000_8082,
    0x8000_0000_0000_808a,
    0x8000_0000_8000_8000,
    0x0000_0000_0000_808b,
    0x0000_0000_8000_0001,
    0x8000_0000_8000_8081,
    0x8000_0000_0000_8009,
    0x0000_0000_0000_008a,
    0x0000_0000_0000_0088,
    0x0000_0000_8000_8009,
    0x0000_0000_8000_000a,
    0x0000_0000_8000_808b,
    0x8000_0000_0000_008b,
    0x8000_0000_0000_8089,
    0x8000_0000_0000_8003,
    0x8000_0000_0000_8002,
    0x8000_0000_0000_0080,
    0x0000_0000_0000_800a,
    0x8000_0000_8000_000a,
    0x8000_0000_8000_8081,
    0x8000_0000_0000_8080,
    0x0000_0000_8000_0001,
    0x8000_0000_8000_8008,
];

/// The hash of the input.
pub fn run(input: &[u8]) -> Vec<u8> {
    hash(input).to_vec()
}

/// The hash of the bytes.
pub fn hash(bytes: &[u8]) -> [u8; 32] {
    let mut state = [0; LANES];
    let (blocks, rest) = bytes.as_chunks::<RATE_BYTES>();
    for block in blocks {
        absorb(&mut state, block);
    }
    let mut last = [0; RATE_BYTES];
    last[..rest.len()].copy_from_slice(rest);
    last[rest.len()] ^= 0x01;
    last[RATE_BYTES - 1] ^= 0x80;
    absorb(&mut state, &last);
    let mut digest = [0; 32];
    for (to, lane) in digest.as_chunks_mut().0.iter_mut().zip(state) {
        *to = lane.to_le_bytes();
    }
    digest
}

fn absorb(state: &mut [u64; LANES], block: &[u8; RATE_BYTES]) {
    for (lane, bytes) in state.iter_mut().zip(block.as_chunks().0) {
        *lane ^= u64::from_le_bytes(*bytes);
    }
    permute(state);
}

/// Keccak-f\[1600\].
fn permute(state: &mut [u64; LANES]) {
    for constant in ROUND {
        theta(state);
        rho_pi(state);
        for plane in state.as_chunks_mut::<5>().0 {
            let [a, b, c, d, e] = *plane;
            *plane = [a ^ (!b & c), b ^ (!c & d), c ^ (!d & e), d ^ (!e & a), e ^ (!a & b)];
        }
        state[0] ^= constant;
    }
}

/// A walk through all lanes but the first: the lane that is written in each step, and by how much
/// what goes there is rotated. Written out, because the machine rotates 64 bits in four
/// instructions by a known amount, and in many by an unknown one.
fn rho_pi(state: &mut [u64; LANES]) {
    let mut moving = state[1];
    macro_rules! walk {
        ($($lane:literal << $rotation:literal),* $(,)?) => {
            $((moving, state[$lane]) = (state[$lane], moving.rotate_left($rotation));)*
        };
    }
    walk![
        10 << 1,
        7 << 3,
        11 << 6,
        17 << 10,
        18 << 15,
        3 << 21,
        5 << 28,
        16 << 36,
        8 << 45,
        21 << 55,
        24 << 2,
        4 << 14,
        15 << 27,
        23 << 41,
        19 << 56,
        13 << 8,
        12 << 25,
        2 << 43,
        20 << 62,
        14 << 18,
        22 << 39,
        9 << 61,
        6 << 20,
        1 << 44,
    ];
    let _ = moving; // back at the start of the walk
}

fn theta(state: &mut [u64; LANES]) {
    let mut parity = [0; 5];
    for (index, lane) in state.iter().enumerate() {
        parity[index % 5] ^= lane;
    }
    let [a, b, c, d, e] = parity;
    let change = [(e, b), (a, c), (b, d), (c, e), (d, a)]
        .map(|(before, after)| before ^ after.rotate_left(1));
    for plane in state.as_chunks_mut::<5>().0 {
        for (lane, change) in plane.iter_mut().zip(change) {
            *lane ^= change;
        }
    }
}
