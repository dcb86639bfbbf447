use alloy_primitives::{U256, uint};
use proptest::prelude::*;

use super::{
    super::wire::{Reader, Writer},
    Coded, Seen, Written,
};

/// Writes these one after the other, reads them back, and says how long each was.
fn lengths(magnitudes: &[U256]) -> Vec<(u8, u8)> {
    let (mut written, mut writer) = (Written::default(), Writer::default());
    let mut coded = Vec::new();
    for magnitude in magnitudes {
        let next = written.code(*magnitude);
        next.write(&mut writer);
        written.note(*magnitude, &next);
        coded.push(next);
    }
    let bytes = writer.finish();
    assert_eq!(bytes.len(), coded.iter().map(|coded| usize::from(coded.length)).sum::<usize>());
    let (mut seen, mut reader) = (Seen::default(), Reader::new(&bytes));
    for (magnitude, coded) in magnitudes.iter().zip(&coded) {
        assert_eq!(seen.read(coded.size, &mut reader), Ok(*magnitude));
    }
    coded.iter().map(|coded| (coded.size, coded.length)).collect()
}

fn one(magnitude: U256) -> (u8, u8) {
    lengths(&[magnitude])[0]
}

#[test]
fn size_codes_are_those_of_the_specification() {
    assert_eq!(one(U256::ZERO), (0, 0));
    for length in 1..=32_u8 {
        let largest = U256::MAX >> (256 - 8 * usize::from(length));
        let size = if length <= 9 { length } else { length + 14 };
        assert_eq!(one(largest), (size, length));
    }
    let (mega, ether) = (uint!(1_000_000_U256), uint!(1_000_000_000_000_000_000_U256));
    assert_eq!(one(mega), (12, 1));
    assert_eq!(one(mega * U256::from(0xffff_ffff_u32)), (15, 4));
    // 2^32 times the power has five bytes, and as a plain number eight.
    assert_eq!(one((mega + U256::ONE) * (U256::ONE << 36)), (7, 7));
    assert_eq!(one(ether / uint!(100_000_000_U256)), (16, 1));
    assert_eq!(one(ether), (21, 2));
    assert_eq!(one(ether * uint!(4_000_000_U256)), (23, 4));
    // One short of a multiple.
    assert_eq!(one(ether - U256::ONE), (8, 8));
}

#[test]
fn equal_magnitudes_are_named_by_number() {
    let a = uint!(0x010203_U256);
    let b = uint!(0x0102030405060708090a0b_U256);
    let small = uint!(0xffff_U256);
    assert_eq!(
        lengths(&[a, small, b, a, small, b]),
        [(3, 3), (2, 2), (25, 11), (10, 1), (2, 2), (10, 1)]
    );
    // 300 magnitudes: the numbers from 256 on have two bytes, and two bytes are never numbered.
    let mut many: Vec<U256> = (0..300).map(|i| a + U256::from(i)).collect();
    many.extend([a, a + U256::from(255), a + U256::from(256)]);
    assert_eq!(lengths(&many)[300..], [(10, 1), (10, 1), (11, 2)]);
}

#[test]
fn numbers_end_after_two_bytes() {
    let first = uint!(0x01000001_U256);
    let mut many: Vec<U256> = (0..=65_536).map(|i| first + U256::from(2 * i)).collect();
    many.extend([many[65_535], many[65_536]]);
    assert_eq!(lengths(&many)[65_536..], [(4, 4), (11, 2), (4, 4)]);
}

#[test]
fn reading_refuses_what_is_not_there() {
    for size in [10, 11, 47, 63, 255] {
        assert!(Seen::default().read(size, &mut Reader::new(&[0; 64])).is_err());
    }
    for size in [1, 9, 12, 23, 24, 46] {
        assert!(Seen::default().read(size, &mut Reader::new(&[])).is_err());
    }
}

fn magnitudes() -> impl Strategy<Value = U256> {
    let powers = proptest::sample::select(vec![0_u32, 5, 6, 9, 10, 14, 15, 18]);
    let decimal = (0_u64..1 << 33, powers)
        .prop_map(|(multiple, power)| U256::from(multiple) * U256::from(10_u64.pow(power)));
    let bits = (any::<[u8; 32]>(), 0_usize..256)
        .prop_map(|(bytes, shift)| U256::from_be_bytes(bytes) >> shift);
    prop_oneof![decimal, bits, (0_u32..20).prop_map(|i| U256::from(i << 20))]
}

proptest! {
    #[test]
    fn nothing_is_longer_than_plain(list in proptest::collection::vec(magnitudes(), 0..40)) {
        for (magnitude, (_, length)) in list.iter().zip(lengths(&list)) {
            prop_assert!(length <= Coded::plain(*magnitude).length);
        }
    }
}
