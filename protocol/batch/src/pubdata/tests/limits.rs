//! Any one transaction fits an empty batch: the most that its gas can change, as pubdata.

use minster_params::constants::TRANSACTION_GAS_LIMIT_MAX;

use super::*;
use crate::pubdata::{MESSAGE_GAS_PER_BYTE_MIN, transaction_size_max};

/// Largest code of a contract (EIP-170).
const CODE_SIZE_MAX: u64 = 24_576;
/// What a transaction costs before it does anything.
const BASE_GAS: u64 = 21_000;
/// Of the six blobs, what they hold at 31 whole bytes in a field element.
const WHOLE_BYTES_MAX: u64 = 6 * 4096 * 31;

/// How often a transaction can do what costs this much.
fn times(gas: u64) -> u64 {
    (TRANSACTION_GAS_LIMIT_MAX - BASE_GAS) / gas
}

/// Bytes that no pattern shortens.
fn noise(seed: u64) -> B256 {
    keccak256(seed.to_be_bytes())
}

/// A stem whose first bits are noise.
fn noise_stem(seed: u64) -> Stem {
    TreeKey::from(noise(seed)).stem()
}

/// The stem with one bit turned over.
fn flipped(stem: Stem, bit: usize) -> Stem {
    let mut bytes = *stem.as_bytes();
    bytes[bit / 8] ^= 0x80 >> (bit % 8);
    Stem::new(bytes)
}

/// A number of 16 bytes whose first is neither zero nor in the upper half.
fn noise_balance(seed: u64) -> u128 {
    U256::from_be_bytes(noise(seed).0).wrapping_to::<u128>() >> 1 | 1 << 126
}

fn fits(what: &str, old: &Leaves, updates: Leaves, codes: Vec<Bytes>) -> u64 {
    let tree = tree_of(old);
    let mut updates = updates;
    let codes = sorted(codes);
    updates.extend(codes.iter().map(|code| mark(code)));
    let header = Bytes::from(vec![0xff; 1_024]);
    let pubdata = Pubdata { updates, codes, messages: Vec::new(), header };
    let size = u64::try_from(round_trip(&tree, &pubdata).len()).unwrap();
    println!("{what}: {size} bytes");
    assert!(size <= transaction_size_max(TRANSACTION_GAS_LIMIT_MAX), "{what}");
    size
}

#[test]
fn the_bound_is_below_what_blobs_hold() {
    let bound = transaction_size_max(TRANSACTION_GAS_LIMIT_MAX);
    // As the specification says.
    assert_eq!((bound, MESSAGE_GAS_PER_BYTE_MIN), (232_056, 73));
    assert!(bound <= WHOLE_BYTES_MAX);
    assert!(WHOLE_BYTES_MAX <= u64::try_from(PUBDATA_BYTES_MAX).unwrap());
    // Alone, messages at the least price make no more than slots do.
    let messages = TRANSACTION_GAS_LIMIT_MAX / MESSAGE_GAS_PER_BYTE_MIN;
    assert!(messages <= bound);
}

/// Slots in the access list (1,900) that are set to another value (2,900).
#[test]
fn changed_slots_fit() {
    let (mut old, mut new) = (Leaves::new(), Leaves::new());
    for seed in 0..times(4_800) {
        let key = noise_stem(seed).with_sub_index(200);
        old.insert(key, noise(seed << 20));
        old.insert(noise_stem(!seed).with_sub_index(0), word(1));
        new.insert(key, noise(seed << 20 | 1));
    }
    fits("slots changed", &old, new, Vec::new());
}

/// The same where a stem parts from another at each of its bits: none can take more to name. The
/// tree would be too large for a test with as many slots as gas changes, so it has fewer.
#[test]
fn no_stem_takes_more_than_its_size_to_name() {
    let (mut old, mut new) = (Leaves::new(), Leaves::new());
    let count = 300;
    for seed in 0..count {
        let stem = noise_stem(seed);
        old.insert(stem.with_sub_index(200), noise(seed << 20));
        old.extend((0..248).map(|bit| (flipped(stem, bit).with_sub_index(0), word(1))));
        new.insert(stem.with_sub_index(200), noise(seed << 20 | 1));
    }
    let size = fits("slots changed in the deepest tree", &old, new, Vec::new());
    let fixed = fits("none changed", &old, Leaves::new(), Vec::new());
    assert!((size - fixed).abs_diff(count * (31 + 35)) < count, "{size}");
    assert!(size <= transaction_size_max(count * 4_800));
}

/// In the access list (1,900), from zero (20,000).
#[test]
fn new_slots_fit() {
    let slots = 0..times(21_900);
    let new = slots.map(|seed| (noise_stem(seed).with_sub_index(200), noise(!seed))).collect();
    fits("new slots", &Leaves::new(), new, Vec::new());
}

/// A value transfer (9,000 of which 2,300 come back) to an address in the access list (2,400) that
/// is warm (100), and where no account was (25,000).
#[test]
fn accounts_fit() {
    let key = |seed: u64| noise_stem(seed).with_sub_index(0);
    let paid = 0..times(6_700 + 2_400 + 100);
    let before = paid.clone().map(|seed| (key(seed), basic(0, noise_balance(seed) >> 3)));
    let after = paid.map(|seed| (key(seed), basic(0, noise_balance(!seed))));
    fits("accounts paid", &before.collect(), after.collect(), Vec::new());
    let made = 0..times(6_700 + 2_400 + 100 + 25_000);
    let new = made.map(|seed| (key(seed), basic(0, noise_balance(seed))));
    fits("accounts made", &Leaves::new(), new.collect(), Vec::new());
}

/// Each destroys itself (5,000, called for 2,500) in favour of another account (2,400).
#[test]
fn destructions_fit() {
    let count = times(5_000 + 2_500 + 2_400);
    let key = |seed| noise_stem(seed).with_sub_index(0);
    let old = (0..2 * count).map(|seed| (key(seed), basic(1, noise_balance(seed) >> 3)));
    let paid = |seed: u64| if seed < count { 0 } else { noise_balance(!seed) };
    let new = (0..2 * count).map(|seed| (key(seed), basic(1, paid(seed))));
    fits("contracts destroyed", &old.collect(), new.collect(), Vec::new());
}

/// Contracts with codes of this size: 32,000 for each and 200 for each byte.
fn creations(code_size: u64) -> (Leaves, Vec<Bytes>) {
    let (mut updates, mut codes) = (Leaves::new(), Vec::new());
    for seed in 0..times(32_000 + 200 * code_size) {
        let code: Vec<u8> =
            (0..code_size.div_ceil(32)).flat_map(|i| noise(seed << 32 | i)).collect();
        let code = Bytes::from(code[..usize::try_from(code_size).unwrap()].to_vec());
        let size = u32::try_from(code_size).unwrap();
        let data = BasicData { code_size: size, nonce: 1, balance: noise_balance(seed) };
        updates.insert(noise_stem(seed).with_sub_index(0), data.encode().unwrap());
        updates.insert(noise_stem(seed).with_sub_index(1), keccak256(&code));
        codes.push(code);
    }
    (updates, codes)
}

#[test]
fn codes_fit() {
    for code_size in [3, 32, 100, 1_000, CODE_SIZE_MAX] {
        let (updates, codes) = creations(code_size);
        fits(&format!("codes of {code_size} bytes"), &Leaves::new(), updates, codes);
    }
    // The last of the gas: as many of the largest codes as there are, and one for what is left.
    let (mut updates, mut codes) = creations(CODE_SIZE_MAX);
    let used = BASE_GAS + 3 * (32_000 + 200 * CODE_SIZE_MAX);
    let rest = (TRANSACTION_GAS_LIMIT_MAX - used - 32_000) / 200;
    assert_eq!(codes.len(), 3);
    let code = Bytes::from(vec![0x5b; usize::try_from(rest).unwrap()]);
    updates.insert(noise_stem(99).with_sub_index(1), keccak256(&code));
    codes.push(code);
    fits("all gas in code", &Leaves::new(), updates, codes);
}

/// Accounts that delegate (EIP-7702: 25,000), each to another contract.
#[test]
fn delegations_fit() {
    let (mut updates, mut codes) = (Leaves::new(), Vec::new());
    for seed in 0..times(25_000) {
        let code = [&[0xef, 1, 0], &noise(seed)[..20]].concat();
        let data = BasicData { code_size: 23, nonce: 1, balance: 0 };
        updates.insert(noise_stem(seed).with_sub_index(0), data.encode().unwrap());
        updates.insert(noise_stem(seed).with_sub_index(1), keccak256(&code));
        codes.push(code.into());
    }
    fits("delegations", &Leaves::new(), updates, codes);
}
