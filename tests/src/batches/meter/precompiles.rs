//! Calls of precompiles, with inputs that they take and that make them work.

use alloy_primitives::{Bytes, U256, keccak256, uint};

use super::super::scenarios::precompiles::{Answer, cases as known};
use super::{Case, loops::VAST};

/// The base, exponent and modulus of a power, by their sizes; bytes that are all ones but a few.
fn power(base: usize, exponent: usize, modulus: usize, byte: u8, last: u8) -> Vec<u8> {
    let size = |size: usize| U256::from(size).to_be_bytes::<32>();
    let mut number = vec![0xf7; modulus];
    if let Some(byte) = number.last_mut() {
        *byte = last;
    }
    let sizes = [size(base), size(exponent), size(modulus)].concat();
    [sizes, vec![0xfb; base], vec![byte; exponent], number].concat()
}

/// Rounds and whether it is the last block, around a state, a message and counters.
fn blake2(rounds: u32) -> Vec<u8> {
    [&rounds.to_be_bytes()[..], &[0xa7; 208], &[1]].concat()
}

fn case(number: u16, name: &str, input: Vec<u8>, rounds: [u64; 2]) -> Case {
    let size = input.len();
    Case {
        name: format!("PRECOMPILE_{number:x}_{name}"),
        setup: format!("{size} 32 0 CALLDATACOPY"),
        body: format!("0 0 {size} 0 {number} GAS STATICCALL POP"),
        times: 1,
        rounds,
        input: Bytes::from(input),
        ..Case::default()
    }
}

/// The first input of a precompile that the scenarios have and that has this size.
fn input(number: u16, size: usize) -> Vec<u8> {
    let taken = |answer: &Answer| !matches!(answer, Answer::None);
    let mut cases = known().into_iter().filter(|case| case.number == number);
    let case = cases.find(|case| taken(&case.answer) && case.input.len() == size);
    case.unwrap_or_else(|| panic!("no input of {size} bytes for {number:#x}")).input
}

/// Every case.
pub fn cases() -> Vec<Case> {
    [hashes(), curves(), products(), numbers(), even(), mixes()].concat()
}

/// Hashes of different kinds by turns, for which no shape has as much room as for one of them.
fn mixes() -> Vec<Case> {
    let mix = |name: &str, size: usize, with: &str| {
        let both = format!("0 0 {size} 0 2 GAS STATICCALL POP {with}");
        Case { name: name.to_owned(), body: both, ..case(1, "", input(1, 128), [2, 22]) }
    };
    vec![
        mix("MIX_SHA256_ECRECOVER", 64, "0 0 128 0 1 GAS STATICCALL POP"),
        mix("MIX_LONG_SHA256_HASH", 2_048, "64 7 KECCAK256 POP"),
    ]
}

fn hashes() -> Vec<Case> {
    let mut cases = vec![case(1, "", input(1, 128), [1, 9])];
    for number in [2, 3, 4] {
        cases.push(case(number, "0", vec![], [10, 110]));
        cases.push(case(number, "2048", vec![0x9d; 2_048], [2, 22]));
    }
    // What comes out is copied, too, and neither place is a word of the machine.
    let far = (2 * VAST + 6).to_string();
    let mut vast = case(4, "VAST", vec![], [1, 5]);
    vast.setup = format!("0 {} MSTORE", 3 * VAST + 64);
    vast.body = format!("{VAST} {far} {VAST} 3 4 GAS STATICCALL POP");
    cases.push(vast);
    let mut returned = case(4, "2048_RETURNED", vec![0x9d; 2_048], [2, 22]);
    returned.body = "2048 6 2048 3 4 GAS STATICCALL POP".to_owned();
    cases.push(returned);
    for rounds in [0, 1, 12, 1_200] {
        cases.push(case(9, &rounds.to_string(), blake2(rounds), [1, 5]));
    }
    cases
}

fn curves() -> Vec<Case> {
    let pair = input(8, 384);
    let pair_bls = input(15, 768);
    let few = [1, 3];
    let bn = input(6, 128);
    let mut product = input(7, 96);
    product[64..].fill(0xff);
    product[64] = 0x1f;
    vec![
        case(6, "", bn, [2, 12]),
        case(7, "", product, few),
        case(8, "1", pair[..192].to_vec(), [1, 2]),
        case(8, "2", pair.clone(), [1, 2]),
        case(8, "4", pair.repeat(2), [1, 2]),
        case(10, "", input(10, 192), [1, 2]),
        case(11, "", input(11, 256), few),
        case(13, "", input(13, 512), few),
        case(15, "1", pair_bls[..384].to_vec(), [1, 2]),
        case(15, "2", pair_bls.clone(), [1, 2]),
        case(15, "4", pair_bls.repeat(2), [1, 2]),
        case(16, "", input(16, 64), few),
        case(17, "", input(17, 128), few),
        case(0x100, "", input(0x100, 160), few),
    ]
}

/// Sums of multiples on BLS12-381, by their points: one, which is multiplied bit by bit, and some
/// with numbers of each size that is summed by itself. The windows for the largest get wider from
/// 32 points of these on, so that a point costs most before.
pub const PRODUCTS: [(usize, &str); 3] = [(1, ""), (11, "_SIZES"), (41, "_SIZES")];

fn products() -> Vec<Case> {
    let groups = [(12, input(12, 160), input(11, 256)), (14, input(14, 288), input(13, 512))];
    let mut cases = Vec::new();
    for (number, product, sum) in groups {
        let size = sum.len() / 2;
        let points = [&product[..size], &sum[..size]];
        for (count, suffix) in PRODUCTS {
            let scalars: Vec<U256> = match count.checked_sub(SIZES.len()) {
                // Ones from end to end.
                None => vec![(U256::from(1) << 254) - U256::from(1)],
                Some(large) => {
                    let large = (0..large).map(without_zero_digits);
                    SIZES.map(sized).into_iter().chain(large).collect()
                }
            };
            let pairs = scalars
                .iter()
                .zip(points.iter().cycle())
                .map(|(scalar, point)| [point, &scalar.to_be_bytes::<32>()[..]].concat());
            let input = pairs.collect::<Vec<_>>().concat();
            cases.push(case(number, &format!("{count}{suffix}"), input, [1, 2]));
        }
    }
    cases
}

/// The order of the groups of BLS12-381.
const ORDER: U256 = uint!(0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001_U256);

/// Bits of numbers that are summed by themselves, and so are those that much below the order.
const SIZES: [(usize, bool); 10] = [
    (1, false),
    (1, true),
    (8, false),
    (8, true),
    (16, false),
    (16, true),
    (32, false),
    (32, true),
    (64, false),
    (64, true),
];

/// The largest number of so many bits, or what it lacks to the order.
fn sized((bits, is_negative): (usize, bool)) -> U256 {
    let number = (U256::from(1) << bits) - U256::from(1);
    if is_negative { ORDER - number } else { number }
}

/// A number below the order whose digits of three bits are 1, 2 or 3: in no window is it zero, and
/// no digit is carried into the next.
fn without_zero_digits(index: usize) -> U256 {
    let random = keccak256(index.to_be_bytes());
    let digit = |place: usize| U256::from(1 + random[place % 32] % 3) << (3 * place);
    (0..85).map(digit).fold(U256::ZERO, |sum, digit| sum | digit)
}

/// What a power takes of gas (EIP-7883), with an exponent of nothing but this byte.
fn power_gas(base: usize, exponent: usize, modulus: usize, byte: u8) -> f64 {
    let words = base.max(modulus).div_ceil(8) as u64;
    let complexity = if base.max(modulus) <= 32 { 16 } else { 2 * words * words };
    let zeros = u64::from(byte.leading_zeros());
    let bits = (8 * exponent.min(32) as u64).saturating_sub(zeros);
    let iterations = 16 * (exponent as u64).saturating_sub(32) + bits.saturating_sub(1);
    (complexity * iterations.max(1)).max(500) as f64
}

/// Bytes of a base and of a modulus whose first eight are ones, and the rest zeros.
pub const EVEN: [usize; 4] = [64, 120, 256, 1_024];

/// The inverse modulo a power of two is found a bit at a time. The work is the bits of that power,
/// for each limb of the modulus.
fn even() -> Vec<Case> {
    let case = |size: usize| {
        let mut input = power(size, 1, size, 1, 0);
        let modulus = input.len() - size;
        input[modulus..].fill(0);
        input[modulus..modulus + 8].fill(0xff);
        let work = (8 * (size - 8) * size.div_ceil(8)) as f64;
        Case { work, ..case(5, &format!("EVEN_{size}"), input, [1, 2]) }
    };
    EVEN.map(case).into()
}

fn numbers() -> Vec<Case> {
    // The sizes of base, exponent and modulus, the exponent's bytes, and the modulus's last byte.
    [
        (0, 0, 0, 0xff, 1),
        (1, 1, 1, 0xff, 0xfd),
        (1, 1, 32, 0xff, 0xfd),
        (32, 1, 32, 0xff, 0xfd),
        (32, 3, 32, 0xff, 0xfd),
        (32, 3, 32, 0xff, 0x80),
        (32, 4, 32, 0xff, 0xfd),
        (32, 32, 32, 0xff, 0xfd),
        (32, 32, 32, 0xff, 0x80),
        (16, 32, 16, 0xff, 0xfd),
        (40, 8, 40, 0xff, 0xfd),
        (64, 1, 64, 1, 0xfd),
        (64, 1, 64, 0xff, 0xfd),
        (64, 1, 64, 0xff, 0x80),
        (120, 1, 120, 1, 0xfd),
        (64, 64, 64, 0xff, 0xfd),
        (256, 1, 256, 1, 0xfd),
        (256, 1, 256, 3, 0xfd),
        (256, 1, 256, 0xff, 0xfd),
        (256, 1, 256, 0xff, 0x80),
        (256, 8, 256, 0xff, 0xfd),
        (1_024, 1, 1_024, 1, 0xfd),
        (1_024, 1, 1_024, 1, 0x80),
        (512, 1, 512, 3, 0xfd),
        (512, 1, 512, 3, 0x80),
        (1_024, 1, 1_024, 3, 0xfd),
        (1_024, 1, 1_024, 3, 0x80),
        (1_024, 1, 1_024, 0xff, 0xfd),
        (1_024, 1, 1_024, 0xff, 0x80),
        (1, 1, 1_024, 0xff, 0xfd),
        (1_024, 1, 1, 0xff, 0xfd),
        (1_024, 1, 32, 1, 0xfd),
        (1, 1_024, 1, 0xff, 0xfd),
        (1, 1_024, 32, 0xff, 0xfd),
    ]
    .map(|(base, exponent, modulus, byte, last)| {
        let name = format!("{base}_{exponent}_{modulus}_{byte}_{last}");
        let mut case = case(5, &name, power(base, exponent, modulus, byte, last), [1, 3]);
        case.work = power_gas(base, exponent, modulus, byte);
        case
    })
    .into()
}
