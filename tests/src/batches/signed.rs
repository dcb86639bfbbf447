//! Signed transactions of the types beside the usual one.

use alloy_eips::eip2930::{AccessList, AccessListItem};
use alloy_eips::eip7702::{Authorization, SignedAuthorization};
use alloy_primitives::{Address, B256, Bytes, TxKind, U256};
use alloy_signer::SignerSync;
use minster_primitives::alloy_consensus::{
    SignableTransaction, Signed, TxEip2930, TxEip7702, TxLegacy,
};
use minster_primitives::{Encodable2718, Envelope, Signature};

use super::{CHAIN_ID, FEE_MAX, GAS, signer};

/// The transaction under the signature of the account with this key.
fn sign<T: SignableTransaction<Signature>>(key: u64, transaction: T) -> Signed<T> {
    let signature = signer(key).sign_hash_sync(&transaction.signature_hash()).expect("a key signs");
    transaction.into_signed(signature)
}

/// A legacy transaction, with or without the chain's id in its signature (EIP-155).
#[must_use]
pub fn legacy(key: u64, nonce: u64, to: Address, value: u64, is_bound: bool) -> Bytes {
    let transaction = TxLegacy {
        chain_id: is_bound.then_some(CHAIN_ID),
        nonce,
        gas_price: FEE_MAX,
        gas_limit: 100_000,
        to: TxKind::Call(to),
        value: U256::from(value),
        input: Bytes::new(),
    };
    Envelope::Legacy(sign(key, transaction)).encoded_2718().into()
}

/// A list that names slots 0 to `slots` of an account.
#[must_use]
pub fn access(address: Address, slots: u64) -> AccessList {
    let storage_keys = (0..slots).map(|slot| B256::from(U256::from(slot))).collect();
    AccessList(vec![AccessListItem { address, storage_keys }])
}

/// A call with an access list (EIP-2930).
#[must_use]
pub fn with_access(
    key: u64,
    nonce: u64,
    to: Address,
    input: Bytes,
    access_list: AccessList,
) -> Bytes {
    let transaction = TxEip2930 {
        chain_id: CHAIN_ID,
        nonce,
        gas_price: FEE_MAX,
        gas_limit: GAS,
        to: TxKind::Call(to),
        value: U256::ZERO,
        access_list,
        input,
    };
    Envelope::Eip2930(sign(key, transaction)).encoded_2718().into()
}

/// What the account with this key allows (EIP-7702).
#[must_use]
pub fn authorize(key: u64, chain_id: u64, nonce: u64, address: Address) -> SignedAuthorization {
    let authorization = Authorization { chain_id: U256::from(chain_id), address, nonce };
    let signature = signer(key).sign_hash_sync(&authorization.signature_hash());
    authorization.into_signed(signature.expect("a key signs"))
}

/// A call with authorizations (EIP-7702).
#[must_use]
pub fn with_authorizations(
    key: u64,
    nonce: u64,
    to: Address,
    input: Bytes,
    authorization_list: Vec<SignedAuthorization>,
) -> Bytes {
    let transaction = TxEip7702 {
        chain_id: CHAIN_ID,
        nonce,
        gas_limit: GAS,
        max_fee_per_gas: FEE_MAX,
        max_priority_fee_per_gas: 1,
        to,
        value: U256::ZERO,
        access_list: AccessList::default(),
        authorization_list,
        input,
    };
    Envelope::Eip7702(sign(key, transaction)).encoded_2718().into()
}
