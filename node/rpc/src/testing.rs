//! Blocks made by hand, for tests.

use std::sync::Arc;

use alloy_consensus::{
    Sealed, SignableTransaction, Signed, TxEip1559, TxEip2930, TxEip7702, TxLegacy,
};
use alloy_eips::{
    eip2930::{AccessList, AccessListItem},
    eip7702::{Authorization, SignedAuthorization},
};
use alloy_primitives::{Address, B256, Bytes, Signature, TxKind, U256};
use minster_primitives::{Envelope, Header, Log, Receipt, Transaction, TxDeposit};
use minster_sequencer::{Block, Item};

/// Sender of everything.
pub(crate) const SENDER: Address = Address::repeat_byte(0x11);

/// Base fee of the blocks.
pub(crate) const BASE_FEE: u64 = 100;

/// An EIP-1559 transaction with this tip.
pub(crate) fn dynamic(nonce: u64, tip: u128) -> Envelope {
    signed(
        Envelope::Eip1559,
        TxEip1559 {
            chain_id: 1_337,
            nonce,
            gas_limit: 50_000,
            max_fee_per_gas: 10_000,
            max_priority_fee_per_gas: tip,
            to: TxKind::Call(Address::repeat_byte(0x22)),
            ..Default::default()
        },
    )
}

/// One transaction of every type.
pub(crate) fn all_types() -> Vec<Envelope> {
    let access_list = AccessList(vec![AccessListItem {
        address: Address::repeat_byte(0x33),
        storage_keys: vec![B256::repeat_byte(0x44)],
    }]);
    let authorization = Authorization {
        chain_id: U256::from(1_337),
        address: Address::repeat_byte(0x55),
        nonce: 1,
    };
    let r = U256::from(1);
    let authorization = SignedAuthorization::new_unchecked(authorization, 1, r, r);
    let deposit = TxDeposit {
        source_hash: B256::repeat_byte(0x66),
        from: SENDER,
        to: TxKind::Create,
        mint: 5,
        gas_limit: 50_000,
        ..Default::default()
    };
    vec![
        signed(
            Envelope::Legacy,
            TxLegacy { chain_id: Some(1_337), gas_price: 200, ..Default::default() },
        ),
        signed(
            Envelope::Eip2930,
            TxEip2930 {
                chain_id: 1_337,
                gas_price: 200,
                access_list: access_list.clone(),
                ..Default::default()
            },
        ),
        dynamic(0, 7),
        signed(
            Envelope::Eip7702,
            TxEip7702 {
                chain_id: 1_337,
                max_fee_per_gas: 1_000,
                access_list,
                authorization_list: vec![authorization],
                ..Default::default()
            },
        ),
        Envelope::Deposit(Sealed::new(deposit)),
    ]
}

fn signed<T: SignableTransaction<Signature>>(wrap: fn(Signed<T>) -> Envelope, tx: T) -> Envelope {
    wrap(tx.into_signed(Signature::new(U256::from(2), U256::from(3), true)))
}

/// A log with this address and topic.
pub(crate) fn log(address: Address, topic: B256) -> Log {
    Log::new_unchecked(address, vec![topic], Bytes::from_static(&[1, 2]))
}

/// A sealed block of transactions, each with its gas used and its logs.
pub(crate) fn block(contents: Vec<(Envelope, u64, Vec<Log>)>) -> Block {
    let mut gas_used_so_far = 0;
    let mut first_log_index = 0;
    let mut header = Header {
        number: 7,
        timestamp: 1_700_000_000,
        gas_limit: 1_000_000,
        base_fee_per_gas: Some(BASE_FEE),
        ..Default::default()
    };
    let mut items = Vec::new();
    for (envelope, gas_used, logs) in contents {
        gas_used_so_far += gas_used;
        let tx_type = minster_primitives::Typed2718::ty(&envelope);
        let deposit_nonce = (tx_type == minster_primitives::DEPOSIT_TYPE).then_some(4);
        let log_count = logs.len() as u64;
        let receipt = Receipt::new(tx_type, true, gas_used_so_far, logs, deposit_nonce);
        header.logs_bloom.accrue_bloom(receipt.bloom());
        items.push(Arc::new(Item {
            transaction: Arc::new(Transaction::from_trusted_parts(envelope, SENDER)),
            receipt,
            gas_used,
            created: None,
            cycles: 0,
            first_log_index,
        }));
        first_log_index += log_count;
    }
    header.gas_used = gas_used_so_far;
    let hash = header.hash_slow();
    Block { header, hash, is_open: false, items, slice_hashes: Vec::new(), state_version: 1 }
}
