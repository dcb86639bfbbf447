use alloy_primitives::{Address, Bytes, LogData, U256};
use minster_os::block_context;
use minster_params::ChainConfig;
use minster_primitives::{
    Envelope, Log, TxKind,
    alloy_consensus::{SignableTransaction, TxEip1559},
    transactions_root,
};

use super::*;

/// Items of different lengths, with and without logs.
fn items(count: u64) -> Vec<Arc<Item>> {
    (0..count).map(|index| Arc::new(item(index))).collect()
}

fn item(index: u64) -> Item {
    let input: Bytes = vec![1; (index * 37 % 300) as usize].into();
    let transaction =
        TxEip1559 { nonce: index, to: TxKind::Create, input: input.clone(), ..Default::default() };
    let signature = Signature::new(U256::from(index + 1), U256::from(2), index.is_multiple_of(2));
    let envelope = Envelope::Eip1559(transaction.into_signed(signature));
    let data = LogData::new_unchecked(vec![B256::with_last_byte(index as u8)], input);
    let log = Log { address: Address::repeat_byte(index as u8), data };
    let logs = vec![log; (index % 3) as usize];
    Item {
        transaction: Arc::new(Transaction::from_trusted_parts(envelope, Address::ZERO)),
        receipt: Receipt::new(2, !index.is_multiple_of(5), 21_000 * (index + 1), logs, None),
        gas_used: 21_000,
        created: None,
        cycles: 1,
        first_log_index: 0,
    }
}

#[test]
fn the_header_is_the_one_of_the_rules() {
    let config = ChainConfig::new(1);
    let parent = Header { base_fee_per_gas: Some(7), ..Header::default() };
    let context = block_context(&config, &parent, B256::repeat_byte(1), 9, Default::default());
    let root = B256::repeat_byte(2);
    for count in [0, 1, 2, 127, 128, 129, 300] {
        let items = items(count);
        let transactions: Vec<_> = items.iter().map(|item| item.transaction.as_ref()).collect();
        let receipts: Vec<_> = items.iter().map(|item| &item.receipt).collect();
        let expected = seal(&context, transactions_root(&transactions), &receipts, root);
        assert_eq!(seal_items(&context, &items, root), expected);
    }
}

#[test]
fn the_hashes_of_a_slice_are_those_of_the_rules() {
    for count in [0, 1, 2, 70] {
        let items = items(count);
        let transactions = items.iter().map(|item| item.transaction.as_ref());
        let receipts = items.iter().map(|item| &item.receipt);
        let expected =
            [SliceHeader::hash_transactions(transactions), SliceHeader::hash_receipts(receipts)];
        assert_eq!(slice_hashes(&items), expected);
    }
}
