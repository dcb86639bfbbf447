use alloy_primitives::{hex, keccak256};
use minster_batch::{
    BLOB_BYTES, BLOB_ELEMENTS, Elements, FIELD_MODULUS, Software, evaluate, openings,
};
use serde_json::Value;

use super::*;
use crate::blobs_of;
use crate::testing::noise;

fn elements(words: &[u8]) -> Elements {
    let word = |word: &[u8]| U256::from_be_slice(word).reduce_mod(FIELD_MODULUS);
    Elements::new(words.chunks(32).map(word).collect()).unwrap()
}

/// The root of unity of element `index`, as EIP-4844 defines it.
fn root(index: usize) -> U256 {
    let exponent = (FIELD_MODULUS - U256::ONE) / U256::from(BLOB_ELEMENTS);
    let principal = U256::from(7).pow_mod(exponent, FIELD_MODULUS);
    principal.pow_mod(U256::from((index as u64).reverse_bits() >> 52), FIELD_MODULUS)
}

fn compare(elements: &Elements, points: impl IntoIterator<Item = U256>) {
    let blob = Blob::from(elements);
    for point in points {
        let value = evaluate::<Software>(elements.clone(), &point);
        assert_eq!(open(&blob, &point).unwrap().value, value, "at {point}");
    }
}

fn points(seed: u8, count: u8) -> impl Iterator<Item = U256> {
    let point = move |i| U256::from_be_bytes(keccak256([seed, i]).0).reduce_mod(FIELD_MODULUS);
    (0..count).map(point)
}

fn special_points() -> impl Iterator<Item = U256> {
    let roots = [0, 1, 2, 3, 5, 2048, 4095].map(root);
    roots.into_iter().chain([U256::ZERO, U256::from(2), FIELD_MODULUS - U256::from(2)])
}

#[test]
fn the_library_finds_the_same_value_of_one_element() {
    for first in [U256::ZERO, U256::ONE, FIELD_MODULUS - U256::ONE] {
        let elements = Elements::new(vec![first]).unwrap();
        compare(&elements, special_points().chain(points(1, 2)));
    }
}

#[test]
fn the_library_finds_the_same_value_of_a_full_blob() {
    compare(&elements(&noise(BLOB_BYTES)), special_points().chain(points(2, 4)));
    let largest = Elements::new(vec![FIELD_MODULUS - U256::ONE; BLOB_ELEMENTS]).unwrap();
    compare(&largest, special_points().chain(points(3, 2)));
}

#[test]
fn the_library_finds_the_same_value_of_part_of_a_blob() {
    for size in [2, 3, 4, 7, 8, 9, 1000, 2047, 2048, 2049, 4095] {
        let roots = [size - 1, size].map(root);
        let elements = elements(&noise(size * 32));
        compare(&elements, roots.into_iter().chain(points(4, 2)));
    }
}

#[test]
fn what_is_not_below_the_modulus_is_an_error() {
    let blob = &blobs_of(&[1]).unwrap()[0];
    assert!(matches!(open(blob, &FIELD_MODULUS), Err(KzgError::NotElement)));
    let blob = Blob::from_bytes(&[255; BLOB_BYTES]).unwrap();
    assert!(matches!(open(&blob, &U256::ONE), Err(KzgError::NotElement)));
    assert!(matches!(commit(&blob), Err(KzgError::NotElement)));
    assert!(matches!(versioned_hash(&blob), Err(KzgError::NotElement)));
}

fn fixed<const N: usize>(value: &Value) -> FixedBytes<N> {
    value.as_str().unwrap().parse().unwrap()
}

fn pubdata_of(case: &Value) -> Vec<u8> {
    let length = case["length"].as_u64().unwrap() as usize;
    match case["fill"].as_str().unwrap() {
        "noise" => noise(length),
        fill => vec![hex::decode(fill).unwrap()[0]; length],
    }
}

/// What the proof says of the pubdata, and what L1 is shown of the blobs, is what another
/// implementation computed.
#[test]
fn commitments_and_proofs_match_the_vectors() {
    let text = include_str!("../../../../spec/vectors/blobs/openings.json");
    let cases: Vec<Value> = serde_json::from_str(text).unwrap();
    assert_eq!(cases.len(), 11);
    for case in &cases {
        let pubdata = pubdata_of(case);
        let blobs = blobs_of(&pubdata).unwrap();
        let expected = case["blobs"].as_array().unwrap();
        assert_eq!(blobs.len(), expected.len());
        let commitments: Vec<KzgCommitment> =
            blobs.iter().map(|blob| commit(blob).unwrap()).collect();
        let hashes: Vec<B256> = commitments.iter().map(KzgCommitment::versioned_hash).collect();
        let openings = openings::<Software>(&pubdata, keccak256(&pubdata), &hashes).unwrap();
        for (index, expected) in expected.iter().enumerate() {
            assert_eq!(commitments[index].0, fixed(&expected["commitment"]));
            assert_eq!(hashes[index], fixed(&expected["versioned_hash"]));
            let opening = openings[index];
            assert_eq!(B256::from(opening.value), fixed(&expected["value"]));
            let found = open(&blobs[index], &opening.point).unwrap();
            assert_eq!(found.value, opening.value);
            assert_eq!(found.proof.0, fixed(&expected["proof"]));
            assert!(verify_opening(&commitments[index], &opening, &found.proof).unwrap());
        }
    }
}

#[test]
fn an_opening_of_anything_else_is_not_accepted() {
    let pubdata = noise(200);
    let blob = &blobs_of(&pubdata).unwrap()[0];
    let commitment = commit(blob).unwrap();
    let hash = keccak256(&pubdata);
    let opening = openings::<Software>(&pubdata, hash, &[commitment.versioned_hash()]).unwrap()[0];
    let proof = open(blob, &opening.point).unwrap().proof;
    let verify = |opening: BlobOpening| verify_opening(&commitment, &opening, &proof).unwrap();
    assert!(verify(opening));
    assert!(!verify(BlobOpening { versioned_hash: B256::ZERO, ..opening }));
    assert!(!verify(BlobOpening { point: opening.point + U256::ONE, ..opening }));
    assert!(!verify(BlobOpening { value: opening.value ^ U256::ONE, ..opening }));
    let (point, value) = (opening.point + FIELD_MODULUS, opening.value + FIELD_MODULUS);
    assert!(!verify(BlobOpening { point, ..opening }));
    assert!(!verify(BlobOpening { value, ..opening }));
    let other_proof = KzgProof(FixedBytes([255; 48]));
    assert!(!verify_opening(&commitment, &opening, &other_proof).unwrap());
    // One byte of pubdata is another value: the proof of the zkVM cannot be of other data.
    let mut other = pubdata;
    other[100] ^= 1;
    let hashes = [opening.versioned_hash];
    let other = openings::<Software>(&other, hash, &hashes).unwrap()[0];
    assert_eq!(other.point, opening.point);
    assert!(!verify(other));
}
