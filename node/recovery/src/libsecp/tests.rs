use minster_primitives::{U256, alloy_primitives::uint};
use secp256k1::SecretKey;

use super::*;

const GROUP_ORDER: U256 =
    uint!(0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141_U256);

/// x of the generator.
const GENERATOR_X: U256 =
    uint!(0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798_U256);

/// Both back ends must agree, and on `expected` where it is given.
fn check(prehash: B256, signature: &Signature) -> Option<Address> {
    let ours = Libsecp.recover(prehash, signature);
    assert_eq!(ours, signature.recover_address_from_prehash(&prehash).ok(), "{signature:?}");
    ours
}

fn signed(index: u64) -> (B256, Signature, Address) {
    let key = SecretKey::from_secret_bytes(keccak256(index.to_be_bytes()).0).unwrap();
    let prehash = keccak256(U256::from(index).to_be_bytes::<32>());
    let (parity, compact) =
        RecoverableSignature::sign_ecdsa_recoverable(Message::from_digest(prehash.0), &key)
            .serialize_compact();
    let signature = Signature::new(
        U256::from_be_slice(&compact[..32]),
        U256::from_be_slice(&compact[32..]),
        parity == RecoveryId::One,
    );
    let point = key.public_key().serialize_uncompressed();
    (prehash, signature, Address::from_slice(&keccak256(&point[1..])[12..]))
}

#[test]
fn signatures_name_their_key() {
    for index in 0..300 {
        let (prehash, signature, address) = signed(index);
        assert_eq!(check(prehash, &signature), Some(address));
        // The other parity and another message give another key, but the same in both back ends.
        let flipped = Signature::new(signature.r(), signature.s(), !signature.v());
        assert_ne!(check(prehash, &flipped), Some(address));
        assert_ne!(check(keccak256(prehash), &signature), Some(address));
    }
}

#[test]
fn random_scalars_agree_with_the_reference() {
    let mut recovered = 0;
    for index in 0_u64..600 {
        let r = U256::from_be_bytes(keccak256([b"r".as_slice(), &index.to_be_bytes()].concat()).0);
        // Below half the order: the reference flips the parity of a high s.
        let s = r.reverse_bits() >> 1;
        let prehash = keccak256(index.to_be_bytes());
        recovered += usize::from(check(prehash, &Signature::new(r, s, index % 2 == 0)).is_some());
    }
    // About half of all x are on the curve.
    assert!((200..400).contains(&recovered), "{recovered}");
}

#[test]
fn scalars_out_of_range_name_nobody() {
    let (prehash, signature, _) = signed(1);
    let (r, s) = (signature.r(), signature.s());
    let out_of_range = [
        U256::ZERO,
        GROUP_ORDER,
        GROUP_ORDER + U256::from(1),
        U256::MAX - U256::from(1),
        U256::MAX,
    ];
    for bad in out_of_range {
        for parity in [false, true] {
            assert_eq!(check(prehash, &Signature::new(bad, s, parity)), None);
            assert_eq!(check(prehash, &Signature::new(r, bad, parity)), None);
            assert_eq!(check(prehash, &Signature::new(bad, bad, parity)), None);
        }
    }
}

#[test]
fn an_r_off_the_curve_names_nobody() {
    // 5^3 + 7 = 132 is no square modulo the field's prime.
    let (prehash, signature, _) = signed(2);
    assert_eq!(check(prehash, &Signature::new(U256::from(5), signature.s(), false)), None);
    assert_eq!(check(prehash, &Signature::new(U256::from(5), signature.s(), true)), None);
}

#[test]
fn a_key_at_infinity_names_nobody() {
    // With R = G the key is (s·G − z·G) / r: the point at infinity where s equals the message.
    let z = U256::from(12_345);
    let signature = Signature::new(GENERATOR_X, z, false);
    assert_eq!(check(B256::from(z), &signature), None);
    assert!(check(B256::from(z + U256::from(1)), &signature).is_some());
}

#[test]
fn extreme_messages_agree_with_the_reference() {
    let (_, signature, _) = signed(3);
    for prehash in [U256::ZERO, U256::from(1), GROUP_ORDER - U256::from(1), GROUP_ORDER, U256::MAX]
    {
        assert!(check(B256::from(prehash), &signature).is_some());
    }
}
