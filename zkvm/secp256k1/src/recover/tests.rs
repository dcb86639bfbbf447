//! Against libsecp256k1 and k256, and advice that is wrong.

use ::secp256k1::ecdsa::{RecoverableSignature, RecoveryId};
use ::secp256k1::{Keypair, Message};
use proptest::prelude::*;

use super::*;
use crate::advice::ANSWER_WORDS_MAX;

const ORDER_BYTES: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe,
    0xba, 0xae, 0xdc, 0xe6, 0xaf, 0x48, 0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41,
];

fn small(number: u8) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[31] = number;
    bytes
}

fn bytes(number: &Block) -> [u8; 32] {
    let mut bytes = [0; 32];
    write_bytes(number, &mut bytes);
    bytes
}

/// What this crate says with the advice of its own handler.
fn ours(digest: &[u8; 32], signature: &Signature) -> Result<[u8; 64], RecoverError> {
    let request = request(digest, signature)?;
    let advice = hints::advise(&request);
    assert!(advice.len() <= ANSWER_WORDS_MAX);
    check(&request, &advice).expect("good advice").map(|key| to_bytes(&key))
}

fn recovery_id(signature: &Signature) -> u8 {
    u8::from(signature.y_is_odd) | u8::from(signature.x_is_reduced) << 1
}

fn libsecp256k1(digest: &[u8; 32], signature: &Signature) -> Option<[u8; 64]> {
    let id = RecoveryId::try_from(i32::from(recovery_id(signature))).unwrap();
    let compact = [signature.r, signature.s].concat();
    let signature = RecoverableSignature::from_compact(&compact, id).ok()?;
    let key = signature.recover_ecdsa(Message::from_digest(*digest)).ok()?;
    Some(key.serialize_uncompressed()[1..].try_into().unwrap())
}

fn k256(digest: &[u8; 32], signature: &Signature) -> Option<[u8; 64]> {
    use ::k256::ecdsa::{RecoveryId, VerifyingKey};
    let id = RecoveryId::from_byte(recovery_id(signature)).unwrap();
    let signature = ::k256::ecdsa::Signature::from_scalars(signature.r, signature.s).ok()?;
    let key = VerifyingKey::recover_from_prehash(digest, &signature, id).ok()?;
    Some(key.to_encoded_point(false).as_bytes()[1..].try_into().unwrap())
}

fn compare(digest: &[u8; 32], signature: &Signature) -> Option<[u8; 64]> {
    let found = ours(digest, signature).ok();
    assert_eq!(found, libsecp256k1(digest, signature), "{digest:?} {signature:?}");
    found
}

fn ids(r: [u8; 32], s: [u8; 32]) -> impl Iterator<Item = Signature> {
    let ids = [(false, false), (true, false), (false, true), (true, true)];
    ids.into_iter().map(move |(y_is_odd, x_is_reduced)| Signature { r, s, y_is_odd, x_is_reduced })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn signatures(secret: [u8; 31], digest: [u8; 32]) {
        let mut bytes = [1; 32];
        bytes[1..].copy_from_slice(&secret);
        let pair = Keypair::from_secret_bytes(bytes).unwrap();
        let message = Message::from_digest(digest);
        let made = RecoverableSignature::sign_ecdsa_recoverable(message, &pair.secret_key());
        let (id, compact) = made.serialize_compact();
        let (r, s) = compact.split_at(32);
        let signature = Signature {
            r: r.try_into().unwrap(),
            s: s.try_into().unwrap(),
            y_is_odd: id.to_u8() & 1 == 1,
            x_is_reduced: id.to_u8() & 2 == 2,
        };
        let expected = pair.public_key().serialize_uncompressed();
        prop_assert_eq!(&ours(&digest, &signature).unwrap()[..], &expected[1..]);
        // The other of both parities is the signature of another key.
        let other = Signature { y_is_odd: !signature.y_is_odd, ..signature };
        prop_assert_eq!(compare(&digest, &other), k256(&digest, &other));
    }

    #[test]
    fn noise(r: [u8; 32], s: [u8; 32], digest: [u8; 32]) {
        for signature in ids(r, s) {
            compare(&digest, &signature);
        }
        // An x that is r + n is below p only for small r.
        let mut r = r;
        r[..16].fill(0);
        for signature in ids(r, s) {
            compare(&digest, &signature);
        }
    }
}

#[test]
fn edges_of_scalars() {
    let mut below = ORDER_BYTES;
    below[31] -= 1;
    let mut above = ORDER_BYTES;
    above[31] += 1;
    let edge = bytes(&FIELD_MINUS_ORDER);
    let mut edge_below = edge;
    edge_below[31] -= 1;
    let numbers = [
        [0; 32],
        small(1),
        small(2),
        small(3),
        small(4),
        small(5),
        small(6),
        below,
        ORDER_BYTES,
        above,
        [0xff; 32],
        edge,
        edge_below,
        bytes(&FIELD),
    ];
    let mut found = 0;
    for (r, s) in numbers.iter().flat_map(|r| numbers.map(|s| (*r, s))) {
        for digest in numbers {
            found += ids(r, s).filter_map(|signature| compare(&digest, &signature)).count();
        }
    }
    assert!(found > 1000, "{found}");
    let error = |r, s| ours(&[7; 32], &Signature { r, s, y_is_odd: false, x_is_reduced: true });
    assert_eq!(error([0; 32], small(1)), Err(RecoverError::Scalar));
    assert_eq!(error(small(1), ORDER_BYTES), Err(RecoverError::Scalar));
    assert_eq!(error(edge, small(1)), Err(RecoverError::X));
    let five = Signature { r: small(5), s: small(1), y_is_odd: false, x_is_reduced: false };
    assert_eq!(ours(&[7; 32], &five), Err(RecoverError::NoPoint));
}

/// A signature whose R is a known multiple of G, so that sums on the way meet points added.
fn crafted(multiple: &Block, u1: &Block, u2: &Block) -> ([u8; 32], Signature) {
    let pair = Keypair::from_secret_bytes(bytes(multiple)).unwrap();
    let point = pair.public_key().serialize_uncompressed();
    let x = from_bytes(point[1..33].try_into().unwrap());
    let r = reduced(&x);
    let s = mod_mul(&r, u2, &ORDER);
    let z = mod_mul(&r, u1, &ORDER);
    let [r_bytes, s_bytes] = [bytes(&r), bytes(&s)];
    let y_is_odd = point[64] & 1 == 1;
    (bytes(&z), Signature { r: r_bytes, s: s_bytes, y_is_odd, x_is_reduced: x != r })
}

#[test]
fn sums_that_meet_the_points_added() {
    let one = crate::number::ONE;
    let small = |number: u32| [number, 0, 0, 0, 0, 0, 0, 0];
    let minus = |number: &Block| mod_sub(&ZERO, number, &ORDER);
    let high = [0, 0, 0, 0, 1, 0, 0, 0];
    let lambda = crate::number::LAMBDA;
    let square = mod_mul(&lambda, &lambda, &ORDER);
    let mut bases = vec![one, small(2), small(3), small(7), small(255), high, lambda, square];
    bases.push(mod_mul(&high, &lambda, &ORDER));
    bases.extend(bases.clone().iter().map(minus));
    let mut scalars = bases.clone();
    scalars.extend([small(8), small(256), small(257), small(0x0101_0101), small(15)]);
    let mut infinities = 0;
    for (multiple, u2) in bases.iter().flat_map(|base| scalars.iter().map(move |u2| (base, u2))) {
        // Halves of the sum that are equal, opposite, or off by one of each other.
        let product = mod_mul(multiple, u2, &ORDER);
        let equal = minus(&product);
        let near = mod_add(&product, &one, &ORDER);
        for u1 in [ZERO, one, small(2), product, equal, near, high] {
            let (digest, signature) = crafted(multiple, &u1, u2);
            let found = compare(&digest, &signature);
            if u1 == product {
                assert_eq!(ours(&digest, &signature), Err(RecoverError::Infinity));
                infinities += 1;
            } else {
                assert!(found.is_some());
            }
        }
    }
    assert!(infinities > 100);
}

#[test]
fn a_key_that_is_recovered_by_the_program_itself() {
    let (digest, signature) = crafted(&[5; 8], &[6; 8], &[7; 8]);
    // Without a handler for hints the host has none.
    assert_eq!(recover(&digest, &signature), ours(&digest, &signature));
}

fn valid() -> (Request, Vec<u32>) {
    let (digest, signature) = crafted(&[5; 8], &[6; 8], &[7; 8]);
    let request = request(&digest, &signature).unwrap();
    let advice = hints::advise(&request);
    (request, advice)
}

/// Wrong advice is refused, or harmless: it never changes the result.
fn assert_harmless(request: &Request, expected: &Result<Point, RecoverError>, advice: &[u32]) {
    match check(request, advice) {
        Err(WrongAdvice) => {}
        Ok(found) => assert_eq!(found, *expected, "{advice:?}"),
    }
}

#[test]
fn every_bit_of_advice_counts() {
    let (request, advice) = valid();
    let expected = check(&request, &advice).unwrap();
    assert!(expected.is_ok());
    let digits_end = 4 * advice.len();
    for bit in 0..32 * advice.len() {
        let mut wrong = advice.clone();
        wrong[bit / 32] ^= 1 << (bit % 32);
        assert_harmless(&request, &expected, &wrong);
        if bit / 32 < DIGITS_START {
            assert_eq!(check(&request, &wrong), Err(WrongAdvice), "bit {bit} of {digits_end}");
        }
    }
    for end in 0..advice.len() {
        assert_harmless(&request, &expected, &advice[..end]);
    }
    assert_eq!(check(&request, &advice[..DIGITS_START]), Err(WrongAdvice));
    assert_eq!(check(&request, &[]), Err(WrongAdvice));
}

#[test]
fn wrong_roots() {
    let (request, advice) = valid();
    let with_root = |kind: u32, root: &Block| {
        let mut words = advice.clone();
        words[0] = kind;
        words[1..9].copy_from_slice(root);
        check(&request, &words)
    };
    let root: Block = advice[1..9].try_into().unwrap();
    let opposite = mod_sub(&ZERO, &root, &FIELD);
    let beyond: Block = [!0; 8];
    assert!(with_root(ROOT, &root).is_ok());
    for wrong in [opposite, ZERO, FIELD, beyond, crate::number::ONE] {
        assert_eq!(with_root(ROOT, &wrong), Err(WrongAdvice));
    }
    for wrong in [root, opposite, ZERO, FIELD, beyond] {
        assert_eq!(with_root(NO_ROOT, &wrong), Err(WrongAdvice));
    }
    for kind in [0, 3, u32::MAX] {
        assert_eq!(with_root(kind, &root), Err(WrongAdvice));
    }
}

#[test]
fn a_root_where_there_is_none() {
    let five = Signature { r: small(5), s: small(1), y_is_odd: false, x_is_reduced: false };
    let request = request(&[7; 32], &five).unwrap();
    let advice = hints::advise(&request);
    assert_eq!(check(&request, &advice), Ok(Err(RecoverError::NoPoint)));
    let (_, other) = valid();
    assert_eq!(check(&request, &other), Err(WrongAdvice));
    for bit in 0..32 * advice.len() {
        let mut wrong = advice.clone();
        wrong[bit / 32] ^= 1 << (bit % 32);
        assert_eq!(check(&request, &wrong), Err(WrongAdvice));
    }
}

#[test]
fn scalars_of_other_signatures() {
    let (request, advice) = valid();
    let expected = check(&request, &advice).unwrap();
    let other = Request { z: [9; 8], s: [8; 8], ..request };
    let foreign = hints::advise(&other);
    assert_eq!(check(&request, &foreign), Err(WrongAdvice));
    // u1 of one and digits of the other.
    for (first, second) in [(&advice, &foreign), (&foreign, &advice)] {
        let mixed = [&first[..DIGITS_START], &second[DIGITS_START..]].concat();
        assert_eq!(check(&request, &mixed), Err(WrongAdvice));
    }
    // The same u1 in another form stands for the same number, and gives the same key.
    let (digest, signature) = crafted(&[5; 8], &[6, 0, 0, 0, 0, 0, 0, 0], &[7; 8]);
    let request = super::request(&digest, &signature).unwrap();
    let advice = hints::advise(&request);
    let mut larger = advice.clone();
    let (word, over) = ORDER[0].overflowing_add(6);
    assert!(!over);
    larger[9..17].copy_from_slice(&ORDER);
    larger[9] = word;
    assert_eq!(check(&request, &larger), check(&request, &advice));
    assert!(expected.is_ok());
}

proptest! {
    #[test]
    fn digits_of_noise(noise in proptest::collection::vec(any::<u8>(), 0..90), at in 0_usize..16) {
        let (request, advice) = valid();
        let expected = check(&request, &advice).unwrap();
        let mut words = advice[..DIGITS_START].to_vec();
        let mut bytes = as_bytes(&advice[DIGITS_START..]).to_vec();
        bytes.splice(at.., noise);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        words.extend(bytes.as_chunks().0.iter().map(|four| u32::from_le_bytes(*four)));
        assert_harmless(&request, &expected, &words);
    }
}
