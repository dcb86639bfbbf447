use alloy_eips::eip2718::Encodable2718;
use alloy_primitives::{Address, B256, Bytes, Log};
use op_alloy_consensus::{OpReceiptEnvelope, OpTxType};

use super::*;

fn log(byte: u8) -> Log {
    Log::new_unchecked(
        Address::repeat_byte(byte),
        vec![B256::repeat_byte(byte), B256::repeat_byte(byte ^ 1)],
        Bytes::from(vec![byte; usize::from(byte)]),
    )
}

#[test]
fn encodes_as_the_op_stack_does() {
    let types = [
        OpTxType::Legacy,
        OpTxType::Eip2930,
        OpTxType::Eip1559,
        OpTxType::Eip7702,
        OpTxType::Deposit,
    ];
    for ty in types {
        for logs in [vec![], vec![log(1)], vec![log(7), log(200)]] {
            for success in [true, false] {
                let nonce = (ty == OpTxType::Deposit).then_some(77);
                let version = nonce.map(|_| DEPOSIT_RECEIPT_VERSION);
                let reference =
                    OpReceiptEnvelope::from_parts(success, 123_456, &logs, ty, nonce, version);
                let ours = Receipt::new(ty as u8, success, 123_456, logs.clone(), nonce);
                assert_eq!(ours.encoded_2718(), reference.encoded_2718(), "{ty:?}");
                assert_eq!(ours.encode_2718_len(), reference.encode_2718_len(), "{ty:?}");
            }
        }
    }
}

#[test]
fn empty_lists_have_the_empty_root() {
    assert_eq!(transactions_root(&[]), alloy_trie::EMPTY_ROOT_HASH);
    assert_eq!(receipts_root(&[]), alloy_trie::EMPTY_ROOT_HASH);
}
