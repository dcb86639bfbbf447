use std::cell::Cell;

use alloy_primitives::hex;
use proptest::prelude::*;
use serde_json::Value;

use super::*;

/// Bytes without a pattern: keccak256 of 0, 1, … as words, one after the other.
fn noise(length: usize) -> Vec<u8> {
    let words = (0_u64..).map(|i| keccak256(B256::from(U256::from(i))).0);
    words.flatten().take(length).collect()
}

fn blobs_of(pubdata: &[u8]) -> Vec<Box<Blob>> {
    let blob = |elements: Elements| {
        let mut blob = Box::new([1; BLOB_BYTES]);
        elements.write_to(&mut blob);
        blob
    };
    pack(pubdata).map(blob).collect()
}

fn unpacked(blobs: &[Box<Blob>], length: usize) -> Result<Vec<u8>, BlobError> {
    let blobs: Vec<&Blob> = blobs.iter().map(|blob| &**blob).collect();
    unpack(&blobs, length as u64)
}

#[test]
fn what_is_packed_is_unpacked() {
    let lengths = [0, 1, 2, 3, 4, 34, 126, 127, 128, 254, 130_047, 130_048, 130_049, 780_288];
    for length in lengths {
        for pubdata in [noise(length), vec![0; length], vec![255; length]] {
            let blobs = blobs_of(&pubdata);
            assert_eq!(blobs.len(), length.div_ceil(BLOB_PUBDATA_BYTES));
            assert_eq!(blob_count(length as u64), Ok(blobs.len()));
            assert!(unpacked(&blobs, length).unwrap() == pubdata, "{length}");
            let elements: usize = pack(&pubdata).map(|elements| elements.0.len()).sum();
            assert_eq!(elements, length.div_ceil(127) * 4);
            assert!(pack(&pubdata).all(|elements| Elements::new(elements.0).is_ok()));
        }
    }
}

#[test]
fn the_seventh_blob_is_refused() {
    let length = PUBDATA_BYTES_MAX as u64 + 1;
    assert_eq!(blob_count(length - 1), Ok(BLOBS_MAX));
    assert_eq!(blob_count(length), Err(BlobError::TooLong { length }));
    assert_eq!(blob_count(u64::MAX), Err(BlobError::TooLong { length: u64::MAX }));
    let pubdata = vec![0; PUBDATA_BYTES_MAX + 1];
    let result = openings::<Software>(&pubdata, B256::ZERO, &[B256::ZERO; 7]);
    assert_eq!(result, Err(BlobError::TooLong { length }));
}

#[test]
fn a_blob_too_few_or_too_many_is_refused() {
    let pubdata = noise(BLOB_PUBDATA_BYTES + 1);
    for found in [0, 1, 3] {
        let error = BlobError::WrongCount { expected: 2, found };
        let hashes = vec![B256::ZERO; found];
        assert_eq!(openings::<Software>(&pubdata, B256::ZERO, &hashes), Err(error));
        let blobs = vec![Box::new([0; BLOB_BYTES]); found];
        assert_eq!(unpacked(&blobs, pubdata.len()), Err(error));
    }
    assert_eq!(openings::<Software>(&[], B256::ZERO, &[]), Ok(vec![]));
    assert_eq!(unpacked(&[], 0), Ok(vec![]));
}

/// Each bit of the last group, and some behind it: another pubdata or a refusal, and the refusal
/// is for exactly the bits that hold none.
#[test]
fn each_bit_counts() {
    for length in [1, 3, 4, 60, 127, 200] {
        let pubdata = noise(length);
        let blobs = blobs_of(&pubdata);
        let end = length.div_ceil(127) * 128 * 8;
        let mut others = 0;
        for bit in (0..end + 16).chain([BLOB_BYTES * 8 - 256, BLOB_BYTES * 8 - 1]) {
            let mut blobs = blobs.clone();
            blobs[0][bit / 8] ^= 128 >> (bit % 8);
            match unpacked(&blobs, length) {
                Ok(other) => {
                    assert_ne!(other, pubdata);
                    others += 1;
                }
                Err(error) => assert_eq!(error, BlobError::NotCanonical { index: 0 }),
            }
        }
        assert_eq!(others, length * 8);
    }
}

#[test]
fn the_length_decides_what_is_padding() {
    let blobs = blobs_of(&[1, 2, 0, 0]);
    assert_eq!(unpacked(&blobs, 2), Ok(vec![1, 2]));
    assert_eq!(unpacked(&blobs, 4), Ok(vec![1, 2, 0, 0]));
    assert_eq!(unpacked(&blobs, 1), Err(BlobError::NotCanonical { index: 0 }));
    let mut blobs = blobs_of(&noise(BLOB_PUBDATA_BYTES + 5));
    blobs[1][BLOB_BYTES - 1] = 1;
    let error = BlobError::NotCanonical { index: 1 };
    assert_eq!(unpacked(&blobs, BLOB_PUBDATA_BYTES + 5), Err(error));
}

#[test]
fn elements_are_canonical() {
    let largest = FIELD_MODULUS - U256::ONE;
    assert!(Elements::new(vec![largest; BLOB_ELEMENTS]).is_ok());
    let error = Err(BlobError::NotElements);
    assert_eq!(Elements::new(vec![U256::ZERO; BLOB_ELEMENTS + 1]), error);
    assert_eq!(Elements::new(vec![largest, FIELD_MODULUS]), error);
}

fn power(base: U256, exponent: u64) -> U256 {
    base.pow_mod(U256::from(exponent), FIELD_MODULUS)
}

/// The root of unity that element `index` belongs to, as EIP-4844 defines it.
fn root(index: usize) -> U256 {
    let exponent = (FIELD_MODULUS - U256::ONE) / U256::from(BLOB_ELEMENTS);
    let principal = U256::from(7).pow_mod(exponent, FIELD_MODULUS);
    power(principal, (index as u64).reverse_bits() >> 52)
}

/// The barycentric formula, as EIP-4844 evaluates, for points that are no root.
fn by_formula(elements: &[U256], z: U256) -> U256 {
    let m = FIELD_MODULUS;
    let mut sum = U256::ZERO;
    for (index, element) in elements.iter().enumerate() {
        let root = root(index);
        let inverse = z.add_mod(m - root, m).inv_mod(m).unwrap();
        sum = sum.add_mod(element.mul_mod(root, m).mul_mod(inverse, m), m);
    }
    let count = U256::from(BLOB_ELEMENTS);
    let vanishing = power(z, BLOB_ELEMENTS as u64).add_mod(m - U256::ONE, m);
    sum.mul_mod(vanishing, m).mul_mod(count.inv_mod(m).unwrap(), m)
}

#[test]
fn at_a_root_the_value_is_the_element() {
    let sizes = [1, 2, 3, 5, 31, 64, 1000, 4095, 4096];
    for size in sizes {
        let elements = Elements(noise(size * 32).chunks(32).map(reduced).collect());
        let near = [size - 1, size.min(4095), 4095];
        for index in [0, 1, 2, 3, 2048, 4094].into_iter().chain(near) {
            let expected = elements.0.get(index).copied().unwrap_or_default();
            assert_eq!(evaluate::<Software>(elements.clone(), &root(index)), expected);
        }
    }
}

#[test]
fn no_elements_are_the_zero_polynomial() {
    assert_eq!(evaluate::<Software>(Elements::default(), &U256::from(5)), U256::ZERO);
    let zeros = Elements(vec![U256::ZERO; 7]);
    assert_eq!(evaluate::<Software>(zeros, &U256::from(5)), U256::ZERO);
}

#[test]
fn a_constant_blob_is_a_constant() {
    let elements = Elements(vec![U256::from(42); BLOB_ELEMENTS]);
    for point in [U256::ZERO, U256::ONE, U256::from(5), FIELD_MODULUS - U256::ONE] {
        assert_eq!(evaluate::<Software>(elements.clone(), &point), U256::from(42));
    }
}

fn reduced(word: &[u8]) -> U256 {
    U256::from_be_slice(word).reduce_mod(FIELD_MODULUS)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn values_are_those_of_the_formula(
        words in prop::collection::vec(any::<[u8; 32]>(), 0..80),
        point in any::<[u8; 32]>(),
    ) {
        let elements: Vec<U256> = words.iter().map(|word| reduced(word)).collect();
        let point = reduced(&point);
        let expected = by_formula(&elements, point);
        prop_assert_eq!(evaluate::<Software>(Elements(elements), &point), expected);
    }
}

#[test]
fn a_full_blob_has_the_value_of_the_formula() {
    let elements: Vec<U256> = noise(BLOB_BYTES).chunks(32).map(reduced).collect();
    let point = U256::from(0xabcd);
    let expected = by_formula(&elements, point);
    assert_eq!(evaluate::<Software>(Elements(elements), &point), expected);
}

thread_local! {
    static PRODUCTS: Cell<usize> = const { Cell::new(0) };
    static SUMS: Cell<usize> = const { Cell::new(0) };
}

/// Counts, and holds the caller to what the trait asks of operands.
struct Counting;

impl ModularArithmetic for Counting {
    fn mul_mod(a: &U256, b: &U256, m: &U256) -> U256 {
        assert!(b < m);
        PRODUCTS.set(PRODUCTS.get() + 1);
        Software::mul_mod(a, b, m)
    }

    fn add_mod(a: &U256, b: &U256, m: &U256) -> U256 {
        assert!(b < m);
        SUMS.set(SUMS.get() + 1);
        Software::add_mod(a, b, m)
    }

    fn sub_mod(a: &U256, b: &U256, m: &U256) -> U256 {
        assert!(a < m && b < m);
        SUMS.set(SUMS.get() + 1);
        Software::sub_mod(a, b, m)
    }
}

/// The cost of a blob is that of its used elements: two products and three sums each.
#[test]
fn cost_follows_the_used_elements() {
    for size in [1, 4, 100, 1024, 4096] {
        PRODUCTS.set(0);
        SUMS.set(0);
        let elements = Elements(vec![FIELD_MODULUS - U256::ONE; size]);
        let point = FIELD_MODULUS - U256::from(2);
        assert_ne!(evaluate::<Counting>(elements, &point), U256::ZERO);
        assert!(PRODUCTS.get() <= 2 * size + 24, "{size}: {}", PRODUCTS.get());
        assert!(SUMS.get() <= 3 * size + 36, "{size}: {}", SUMS.get());
    }
}

#[test]
fn the_point_depends_on_blob_and_pubdata() {
    let one = B256::with_last_byte(1);
    let points = [(one, one), (one, B256::ZERO), (B256::ZERO, one), (B256::ZERO, B256::ZERO)];
    let mut points = points.map(|(blob, pubdata)| evaluation_point(blob, pubdata));
    points.sort();
    assert!(points.windows(2).all(|pair| pair[0] < pair[1]));
    assert!(points.iter().all(|point| *point < FIELD_MODULUS));
}

/// Values computed by an implementation in another language, with commitments by its KZG library.
#[test]
fn openings_match_the_vectors() {
    let text = include_str!("../../../../spec/vectors/blobs/openings.json");
    let cases: Vec<Value> = serde_json::from_str(text).unwrap();
    assert_eq!(cases.len(), 11);
    for case in &cases {
        let length = case["length"].as_u64().unwrap() as usize;
        let pubdata = match case["fill"].as_str().unwrap() {
            "noise" => noise(length),
            fill => vec![hex::decode(fill).unwrap()[0]; length],
        };
        let word = |value: &Value| value.as_str().unwrap().parse::<B256>().unwrap();
        let blobs = case["blobs"].as_array().unwrap();
        let hashes: Vec<B256> = blobs.iter().map(|blob| word(&blob["versioned_hash"])).collect();
        let hash = keccak256(&pubdata);
        assert_eq!(hash, word(&case["pubdata_hash"]));
        let openings = openings::<Software>(&pubdata, hash, &hashes).unwrap();
        assert_eq!(openings.len(), blobs.len());
        for ((opening, bytes), blob) in openings.iter().zip(blobs_of(&pubdata)).zip(blobs) {
            let words = blob["first_words"].as_array().unwrap();
            for (found, expected) in bytes.as_chunks::<32>().0.iter().zip(words) {
                assert_eq!(found[..], word(expected)[..], "{case}");
            }
            assert_eq!(keccak256(bytes.as_slice()), word(&blob["blob_hash"]));
            assert_eq!(B256::from(opening.point), word(&blob["point"]));
            assert_eq!(B256::from(opening.value), word(&blob["value"]));
        }
    }
}
