use alloy_consensus::{SignableTransaction, TxEip1559, TxEip2930, TxEip7702, TxLegacy};
use alloy_eips::{
    eip2930::{AccessList, AccessListItem},
    eip7702::Authorization,
};
use alloy_primitives::{Signature, TxKind, U256, address};
use alloy_signer::SignerSync;
use alloy_signer_local::PrivateKeySigner;

use super::*;
use crate::{Encodable2718, TxDeposit};

/// The reference: alloy's own recovery.
struct Reference;

impl SenderRecovery for Reference {
    fn recover(&self, prehash: B256, signature: &Signature) -> Option<Address> {
        signature.recover_address_from_prehash(&prehash).ok()
    }
}

fn transfer() -> TxEip1559 {
    TxEip1559 {
        chain_id: 1337,
        nonce: 7,
        gas_limit: 21_000,
        max_fee_per_gas: 10,
        max_priority_fee_per_gas: 1,
        to: TxKind::Call(address!("70997970C51812dc3A010C7d01b50e0d17dc79C8")),
        value: U256::from(5),
        ..Default::default()
    }
}

fn signed() -> (PrivateKeySigner, Vec<u8>) {
    let key = PrivateKeySigner::random();
    let tx = transfer();
    let signature = key.sign_hash_sync(&tx.signature_hash()).unwrap();
    (key, Envelope::Eip1559(tx.into_signed(signature)).encoded_2718())
}

#[test]
fn a_signed_transaction_names_its_sender() {
    let (key, bytes) = signed();
    let tx = Transaction::decode(&bytes, &Reference).unwrap();
    assert_eq!(tx.sender(), key.address());
    assert_eq!(tx.hash(), alloy_primitives::keccak256(&bytes));
    assert_eq!(tx.encoded(), bytes);
    assert_eq!(tx.encoded_size(), bytes.len());
    assert_eq!(Transaction::from_trusted_parts(tx.envelope().clone(), tx.sender()), tx);
    assert_eq!(tx.effective_gas_price(3), 4);
}

#[test]
fn legacy_without_replay_protection_decodes() {
    let key = PrivateKeySigner::random();
    let tx = TxLegacy { gas_limit: 21_000, gas_price: 1, ..Default::default() };
    let signature = key.sign_hash_sync(&tx.signature_hash()).unwrap();
    let bytes = Envelope::Legacy(tx.into_signed(signature)).encoded_2718();
    let tx = Transaction::decode(&bytes, &Reference).unwrap();
    assert_eq!(tx.sender(), key.address());
}

fn sign<T: SignableTransaction<Signature>>(key: &PrivateKeySigner, tx: T) -> Signed<T> {
    let signature = key.sign_hash_sync(&tx.signature_hash()).unwrap();
    tx.into_signed(signature)
}

/// Every type, with lists and data of lengths whose headers differ.
#[test]
fn what_was_signed_is_found_in_the_network_form() {
    let key = PrivateKeySigner::random();
    for size in [0, 1, 20, 54, 55, 56, 200, 255, 256, 300, 65_400, 65_536, 130_000] {
        let input: Bytes = vec![0xc3; size].into();
        let keys = vec![B256::repeat_byte(7); size.min(40)];
        let item = AccessListItem { address: Address::repeat_byte(4), storage_keys: keys };
        let access_list = AccessList(vec![item; usize::from(size > 1)]);
        let authorization =
            Authorization { chain_id: U256::ZERO, address: Address::ZERO, nonce: size as u64 };
        let authorization = authorization.into_signed(Signature::test_signature());
        let legacy = TxLegacy { chain_id: Some(1337), input: input.clone(), ..Default::default() };
        let listed = TxEip2930 {
            gas_price: u128::MAX,
            input: input.clone(),
            access_list: access_list.clone(),
            ..Default::default()
        };
        let code = TxEip7702 {
            nonce: u64::MAX,
            value: U256::MAX,
            access_list,
            authorization_list: vec![authorization; size.min(3)],
            ..Default::default()
        };
        for envelope in [
            Envelope::Legacy(sign(&key, legacy)),
            Envelope::Eip2930(sign(&key, listed)),
            Envelope::Eip1559(sign(&key, TxEip1559 { input, ..transfer() })),
            Envelope::Eip7702(sign(&key, code)),
        ] {
            let bytes = envelope.encoded_2718();
            let tx = Transaction::decode(&bytes, &Reference).unwrap();
            assert_eq!(tx.sender(), key.address(), "{size} bytes, type {}", envelope.ty());
            assert_eq!(tx.hash(), keccak256(&bytes));
        }
    }
}

#[test]
fn a_deposit_needs_no_signature() {
    let deposit = TxDeposit { from: Address::repeat_byte(3), mint: 9, ..Default::default() };
    let bytes = deposit.encoded_2718();
    let tx = Transaction::decode(&bytes, &Reference).unwrap();
    assert!(tx.is_deposit());
    assert_eq!(tx.sender(), Address::repeat_byte(3));
    assert_eq!(tx.effective_gas_price(100), 0);
}

/// The library tries every type on a bare list, and knows a deposit by its fields.
#[test]
fn a_deposit_without_its_type_byte_is_refused() {
    let deposit = TxDeposit { from: Address::repeat_byte(3), mint: 9, ..Default::default() };
    let bytes = deposit.encoded_2718();
    let list = &bytes[1..];
    assert!(list[0] >= 0xc0, "a list");
    let error = Transaction::decode(list, &Reference).unwrap_err();
    assert!(matches!(error, TransactionError::Rlp { .. }), "{error:?}");
    assert!(Transaction::decode_trusted(list, Address::ZERO).is_err());
}

#[test]
fn refuses_what_is_not_a_transaction() {
    let (_, bytes) = signed();
    let decode = |bytes: &[u8]| Transaction::decode(bytes, &Reference).unwrap_err();
    assert_eq!(decode(&[]), TransactionError::Empty);
    for type_id in [3, 5, 0x7d, 0x7f, 0x80, 0xbf] {
        let mut other = bytes.clone();
        other[0] = type_id;
        assert_eq!(decode(&other), TransactionError::UnsupportedType { type_id });
    }
    for list in [&[0xc0][..], &[0xc1, 0x80], &[0xf8, 0x40, 1, 2]] {
        assert!(matches!(decode(list), TransactionError::Rlp { .. }));
    }
    let mut trailing = bytes.clone();
    trailing.push(0);
    assert_eq!(decode(&trailing), TransactionError::TrailingBytes { count: 1 });
    for end in 1..bytes.len() {
        decode(&bytes[..end]);
    }
}

#[test]
fn refuses_a_high_s() {
    let key = PrivateKeySigner::random();
    let tx = transfer();
    let signature = key.sign_hash_sync(&tx.signature_hash()).unwrap();
    let order = SIGNATURE_S_MAX * U256::from(2) + U256::from(1);
    let flipped = Signature::new(signature.r(), order - signature.s(), !signature.v());
    let bytes = Envelope::Eip1559(tx.into_signed(flipped)).encoded_2718();
    assert_eq!(Transaction::decode(&bytes, &Reference).unwrap_err(), TransactionError::HighS);
}

proptest::proptest! {
    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(0u8.., 0..300)) {
        let _ = Transaction::decode(&bytes, &Reference);
    }

    #[test]
    fn whatever_decodes_encodes_to_the_same_bytes(position in 0usize..110, value in 0u8..) {
        let (_, mut bytes) = signed();
        let position = position % bytes.len();
        bytes[position] = value;
        if let Ok(tx) = Transaction::decode(&bytes, &Reference) {
            proptest::prop_assert_eq!(tx.encoded(), bytes);
        }
    }
}
