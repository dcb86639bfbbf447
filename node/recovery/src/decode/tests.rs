use minster_primitives::{
    Address, Encodable2718, TxDeposit, TxKind, U256,
    alloy_consensus::{TxEip1559, TxEip2930, TxEip7702, TxLegacy},
    alloy_eips::{
        eip2930::{AccessList, AccessListItem},
        eip7702::SignedAuthorization,
    },
};
use proptest::prelude::*;
use secp256k1::{Message, SecretKey, ecdsa::RecoverableSignature, ecdsa::RecoveryId};

use super::*;
use crate::Libsecp;

fn sign<T: SignableTransaction<Signature>>(transaction: T) -> Signed<T> {
    let key = SecretKey::from_secret_bytes([7; 32]).unwrap();
    let message = Message::from_digest(transaction.signature_hash().0);
    let signed = RecoverableSignature::sign_ecdsa_recoverable(message, &key);
    let (parity, compact) = signed.serialize_compact();
    let number = |bytes| U256::from_be_slice(bytes);
    let odd = matches!(parity, RecoveryId::One | RecoveryId::Three);
    transaction.into_signed(Signature::new(number(&compact[..32]), number(&compact[32..]), odd))
}

/// One of every kind, with input of this length.
fn of_every_kind(seed: u64, length: usize) -> Vec<Vec<u8>> {
    let (to, input) = (Address::repeat_byte(3), vec![5; length]);
    let kind = TxKind::Call(to);
    let item = AccessListItem { address: to, storage_keys: vec![B256::repeat_byte(1)] };
    let access = AccessList::from(vec![item]);
    let authorization = sign_authorization(seed);
    let legacy = |chain_id| TxLegacy {
        chain_id,
        nonce: seed,
        to: kind,
        input: input.clone().into(),
        ..Default::default()
    };
    let eip2930 = TxEip2930 {
        chain_id: seed,
        to: TxKind::Create,
        access_list: access.clone(),
        input: input.clone().into(),
        ..Default::default()
    };
    let eip1559 =
        TxEip1559 { nonce: seed, to: kind, input: input.clone().into(), ..Default::default() };
    let eip7702 = TxEip7702 {
        chain_id: seed,
        to,
        access_list: access,
        authorization_list: vec![authorization],
        input: input.clone().into(),
        ..Default::default()
    };
    let deposit = TxDeposit { from: to, ..Default::default() };
    vec![
        Envelope::Legacy(sign(legacy(None))).encoded_2718(),
        Envelope::Legacy(sign(legacy(Some(seed)))).encoded_2718(),
        Envelope::Eip2930(sign(eip2930)).encoded_2718(),
        Envelope::Eip1559(sign(eip1559)).encoded_2718(),
        Envelope::Eip7702(sign(eip7702)).encoded_2718(),
        deposit.encoded_2718(),
    ]
}

fn sign_authorization(seed: u64) -> SignedAuthorization {
    let authorization = minster_primitives::alloy_eips::eip7702::Authorization {
        chain_id: U256::from(seed),
        address: Address::repeat_byte(9),
        nonce: seed,
    };
    let one = U256::from(1);
    SignedAuthorization::new_unchecked(authorization, 1, one, one)
}

/// What is said of each alone.
fn one_by_one(bytes: &[u8]) -> Result<Transaction, TransactionError> {
    let transaction = Transaction::decode(bytes, &Libsecp)?;
    if transaction.is_deposit() {
        return Err(TransactionError::UnsupportedType { type_id: DEPOSIT_TYPE });
    }
    Ok(transaction)
}

fn check(list: &[Vec<u8>]) {
    let borrowed: Vec<&[u8]> = list.iter().map(Vec::as_slice).collect();
    let together = decode_all(&borrowed);
    assert_eq!(together.len(), list.len());
    for (found, bytes) in together.iter().zip(list) {
        let alone = one_by_one(bytes);
        assert_eq!(*found, alone);
        if let (Ok(found), Ok(alone)) = (found, &alone) {
            assert_eq!(found.hash(), alone.hash());
            assert_eq!(found.encoded(), *bytes);
        }
    }
}

#[test]
fn every_kind_is_what_it_is_alone() {
    for count in [0, 1, 2, 3, 9] {
        let list = (0..count).flat_map(|seed| of_every_kind(seed, 100 * seed as usize));
        check(&list.collect::<Vec<_>>());
    }
}

#[test]
fn what_is_refused_does_not_move_the_others() {
    let mut list = of_every_kind(1, 40);
    list.insert(0, Vec::new());
    list.insert(3, vec![2]);
    list.insert(5, vec![3, 0xc0]);
    let mut longer = list[4].clone();
    longer.push(0);
    list.insert(2, longer);
    let mut high_s =
        TxEip1559::default().into_signed(Signature::new(U256::from(1), U256::MAX >> 1, true));
    list.push(Envelope::Eip1559(high_s.clone()).encoded_2718());
    // One more than the largest that is low.
    let half =
        U256::from_limbs([0xdfe9_2f46_681b_20a0, 0x5d57_6e73_57a4_501d, u64::MAX, u64::MAX >> 1]);
    for s in [half, half + U256::from(1), U256::ZERO] {
        high_s = TxEip1559::default().into_signed(Signature::new(U256::from(1), s, true));
        list.push(Envelope::Eip1559(high_s.clone()).encoded_2718());
    }
    check(&list);
    let found = decode_all(&list.iter().map(Vec::as_slice).collect::<Vec<_>>());
    assert_eq!(found.iter().filter(|found| **found == Err(TransactionError::HighS)).count(), 2);
    assert!(found.iter().filter(|found| found.is_ok()).count() >= 5);
}

proptest! {
    #[test]
    fn edited_bytes_are_judged_alike(
        edits in prop::collection::vec((0_usize..6, 0_usize..200, any::<u8>()), 1..20),
    ) {
        let list = edits.into_iter().map(|(kind, at, byte)| {
            let mut bytes = of_every_kind(5, 30).swap_remove(kind);
            let at = at % bytes.len();
            bytes[at] = byte;
            bytes
        });
        check(&list.collect::<Vec<_>>());
    }
}
