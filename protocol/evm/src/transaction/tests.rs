//! Authorities are those that the machine would find.

use alloy_primitives::U256;
use alloy_signer::SignerSync;
use alloy_signer_local::PrivateKeySigner;
use minster_primitives::alloy_eips::eip7702::Authorization;
use proptest::prelude::*;

use super::*;

/// The order of secp256k1 (SEC 2, 2.4.1).
const ORDER: U256 = U256::from_limbs([
    0xbfd2_5e8c_d036_4141,
    0xbaae_dce6_af48_a03b,
    0xffff_ffff_ffff_fffe,
    0xffff_ffff_ffff_ffff,
]);

fn check(inner: Authorization, parity: u8, r: U256, s: U256) -> Option<Address> {
    let signed = SignedAuthorization::new_unchecked(inner, parity, r, s);
    let found = authority(&signed);
    assert_eq!(found, signed.recover_authority().ok(), "{parity} {r} {s}");
    found
}

fn word() -> impl Strategy<Value = U256> {
    let edges = [U256::ZERO, U256::from(1), SECP256K1N_HALF, ORDER, U256::MAX];
    let near = (proptest::sample::select(edges.to_vec()), 0_u64..3, any::<bool>()).prop_map(
        |(edge, by, up)| {
            let by = U256::from(by);
            if up { edge.wrapping_add(by) } else { edge.wrapping_sub(by) }
        },
    );
    prop_oneof![near, any::<[u8; 32]>().prop_map(U256::from_be_bytes)]
}

proptest! {
    #[test]
    fn of_any_numbers(parity in 0_u8..4, r in word(), s in word(), nonce in any::<u64>()) {
        let address = Address::repeat_byte(7);
        check(Authorization { chain_id: U256::from(1), address, nonce }, parity, r, s);
    }

    #[test]
    fn of_signatures(key in 1_u64..1000, nonce in any::<u64>(), flip in any::<bool>()) {
        let key = PrivateKeySigner::from_bytes(&B256::from(U256::from(key))).unwrap();
        let address = Address::repeat_byte(7);
        let inner = Authorization { chain_id: U256::ZERO, address, nonce };
        let signature = key.sign_hash_sync(&inner.signature_hash()).unwrap();
        let parity = u8::from(signature.v() ^ flip);
        let found = check(inner.clone(), parity, signature.r(), signature.s());
        prop_assert_eq!(found == Some(key.address()), !flip);
        // The other signature of the same key, which EIP-2 refuses.
        prop_assert_eq!(check(inner, parity ^ 1, signature.r(), ORDER - signature.s()), None);
    }
}
