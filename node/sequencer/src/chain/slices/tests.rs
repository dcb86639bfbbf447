use alloy_primitives::{Address, B256, Sealed, Signature, U256};
use minster_primitives::{Envelope, Receipt, SliceHeader, Transaction, TxDeposit};

use super::*;
use crate::block::Item;

fn slice(sequence: u64, block_number: u64, transactions: usize) -> Arc<Slice> {
    let header = SliceHeader {
        chain_id: 1,
        sequence,
        parent: B256::ZERO,
        block_number,
        block_timestamp: 0,
        first_transaction_index: 0,
        transactions_hash: B256::ZERO,
        receipts_hash: B256::ZERO,
    };
    let envelope = Envelope::Deposit(Sealed::new(TxDeposit::default()));
    let item = Arc::new(Item {
        transaction: Arc::new(Transaction::from_trusted_parts(envelope, Address::ZERO)),
        receipt: Receipt::new(0, true, 0, Vec::new(), None),
        gas_used: 0,
        created: None,
        cycles: 0,
        first_log_index: 0,
    });
    let signature = Signature::new(U256::ONE, U256::ONE, false);
    let (hash, diff) = (B256::ZERO, Arc::default());
    Arc::new(Slice { header, hash, signature, items: vec![item; transactions], diff })
}

#[test]
fn slices_are_found_by_sequence_with_the_base_fee() {
    let mut slices = RecentSlices::default();
    assert!(slices.get(5).is_none());
    for sequence in 5..8 {
        slices.push(slice(sequence, 1, 0), sequence * 10);
    }
    let (found, base_fee) = slices.get(6).unwrap();
    assert_eq!((found.header.sequence, base_fee), (6, 60));
    assert!(slices.get(4).is_none() && slices.get(8).is_none());
}

#[test]
fn they_are_bounded_by_their_number_their_transactions_and_their_blocks() {
    let mut slices = RecentSlices::default();
    for sequence in 0..=SLICES_MAX as u64 {
        slices.push(slice(sequence, sequence, 1), 0);
    }
    assert!(slices.get(0).is_none() && slices.get(1).is_some());
    slices.forget_before(1_000);
    assert!(slices.get(999).is_none() && slices.get(1_000).is_some());
    slices.push(slice(1_025, 1_025, TRANSACTIONS_MAX), 0);
    assert!(slices.get(1_024).is_none() && slices.get(1_025).is_some());
}
