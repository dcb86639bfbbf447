//! From a transaction to the machine's form of it.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, Bytes, TxKind};
use minster_primitives::{
    Envelope, Transaction, TransactionFields, TxDeposit, Typed2718,
    alloy_eips::eip7702::{
        RecoveredAuthority, RecoveredAuthorization, SignedAuthorization, constants::SECP256K1N_HALF,
    },
};
use revm::{context::TxEnv, context_interface::either::Either, precompile::crypto};

use crate::cost::{NEW_CODE, table};

/// The machine's form of a signed transaction.
pub fn tx_env(transaction: &Transaction) -> TxEnv {
    let envelope = transaction.envelope();
    let mut env = TxEnv {
        tx_type: envelope.ty(),
        caller: transaction.sender(),
        gas_limit: envelope.gas_limit(),
        gas_price: envelope.max_fee_per_gas(),
        kind: envelope.kind(),
        value: envelope.value(),
        data: envelope.input().clone(),
        nonce: envelope.nonce(),
        chain_id: envelope.chain_id(),
        access_list: envelope.access_list().cloned().unwrap_or_default(),
        gas_priority_fee: envelope.max_priority_fee_per_gas(),
        blob_hashes: Vec::new(),
        max_fee_per_blob_gas: 0,
        authorization_list: Vec::new(),
    };
    if let Envelope::Eip7702(signed) = envelope {
        env.authorization_list =
            signed.tx().authorization_list.iter().cloned().map(Either::Left).collect();
    }
    env
}

/// Finds who signed each authorization (EIP-7702), as `ecrecover` does: the machine by itself takes
/// another way, which no precompile of a zkVM makes short.
pub fn recover_authorities(env: &mut TxEnv) {
    for authorization in &mut env.authorization_list {
        if let Either::Left(signed) = authorization {
            let authority =
                authority(signed).map_or(RecoveredAuthority::Invalid, RecoveredAuthority::Valid);
            let recovered =
                RecoveredAuthorization::new_unchecked(signed.inner().clone(), authority);
            *authorization = Either::Right(recovered);
        }
    }
}

fn authority(signed: &SignedAuthorization) -> Option<Address> {
    let signature = signed.signature().ok()?;
    if signature.s() > SECP256K1N_HALF {
        return None;
    }
    let mut numbers = [0; 64];
    let (r, s) = numbers.split_at_mut(32);
    r.copy_from_slice(&signature.r().to_be_bytes::<32>());
    s.copy_from_slice(&signature.s().to_be_bytes::<32>());
    let hash = signed.inner().signature_hash();
    let word = crypto().secp256k1_ecrecover(&numbers, signature.v().into(), &hash.0).ok()?;
    Some(Address::from_word(B256::new(word)))
}

/// The machine's form of a deposit: a call without fees by a sender that L1 vouches for.
pub fn deposit_env(deposit: &TxDeposit, nonce: u64) -> TxEnv {
    TxEnv {
        tx_type: 0,
        caller: deposit.from,
        gas_limit: deposit.gas_limit,
        gas_price: 0,
        kind: deposit.to,
        value: deposit.value,
        data: deposit.input.clone(),
        nonce,
        chain_id: None,
        access_list: Default::default(),
        gas_priority_fee: None,
        blob_hashes: Vec::new(),
        max_fee_per_blob_gas: 0,
        authorization_list: Vec::new(),
    }
}

/// What a transaction costs to prove before its first instruction, in cycle-equivalents.
pub fn intrinsic_cycles(env: &TxEnv) -> u64 {
    let count = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
    let list_entries: usize = env
        .access_list
        .iter()
        .map(|item| item.storage_keys.len().saturating_add(1))
        .fold(0, usize::saturating_add);
    let per_byte = table::TRANSACTION_BYTE;
    let (creation, per_byte) = match env.kind {
        TxKind::Call(_) => (0, per_byte),
        TxKind::Create => (table::CHANGED_ACCOUNT, per_byte.saturating_add(table::CREATION_BYTE)),
    };
    // A delegation is a code.
    let authorization = table::AUTHORIZATION.saturating_add(NEW_CODE);
    table::TRANSACTION
        .saturating_add(creation)
        .saturating_add(per_byte.saturating_mul(bytes(&env.data)))
        .saturating_add(authorization.saturating_mul(count(env.authorization_list.len())))
        .saturating_add(table::ACCESS_LIST_ENTRY.saturating_mul(count(list_entries)))
}

fn bytes(data: &Bytes) -> u64 {
    u64::try_from(data.len()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
