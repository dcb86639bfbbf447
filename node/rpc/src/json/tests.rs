use alloy_primitives::{Address, U256};
use minster_batch::{BlobOpening, Commitment};
use serde_json::{Value, json};

use super::*;
use crate::{
    testing::{self, SENDER},
    tests::schema::check_shape,
};

fn all_types() -> Block {
    testing::block(testing::all_types().into_iter().map(|tx| (tx, 21_000, Vec::new())).collect())
}

#[test]
fn every_type_of_transaction_has_its_shape() {
    let block = all_types();
    let place = Place::from(&block);
    for (item, index) in block.items.iter().zip(0..) {
        let found = json!(mined(item, &place, index));
        assert_eq!(found["from"], json!(SENDER));
        assert_eq!(found["hash"], json!(item.transaction.hash()));
        assert_eq!(found["blockTimestamp"], "0x6553f100");
        assert_eq!(
            found["gasPrice"],
            json!(format!("{:#x}", item.transaction.effective_gas_price(place.base_fee)))
        );
        if !item.transaction.is_deposit() {
            check_shape("TransactionInfo", &found);
            let waiting = json!(pooled(&item.transaction));
            check_shape("PendingTransactionInfo", &waiting);
        }
    }
}

#[test]
fn deposits_are_the_op_stacks() {
    let block = all_types();
    let deposit = json!(mined(&block.items[4], &Place::from(&block), 4));
    let expected = [
        ("type", json!("0x7e")),
        ("sourceHash", json!(B256::repeat_byte(0x66))),
        ("mint", json!("0x5")),
        ("to", Value::Null),
        ("value", json!("0x0")),
        ("gas", json!("0xc350")),
        ("gasPrice", json!("0x0")),
        ("nonce", json!("0x4")),
        ("depositReceiptVersion", json!("0x1")),
        ("input", json!("0x")),
    ];
    for (field, value) in expected {
        assert_eq!(deposit.get(field), Some(&value), "{field} in {deposit:#}");
    }
    let receipt = json!(receipts(&block)[4]);
    assert_eq!(receipt["depositNonce"], "0x4");
    assert_eq!(receipt["depositReceiptVersion"], "0x1");
    assert_eq!(receipt["contractAddress"], json!(SENDER.create(4)));
}

#[test]
fn receipts_and_logs_have_their_shape() {
    let address = alloy_primitives::Address::repeat_byte(0x77);
    let log = || testing::log(address, B256::repeat_byte(0x88));
    let block = testing::block(vec![
        (testing::dynamic(0, 1), 30_000, vec![log(), log()]),
        (testing::dynamic(1, 2), 40_000, vec![log()]),
    ]);
    let receipts = receipts(&block);
    for receipt in &receipts {
        check_shape("ReceiptInfo", &json!(receipt));
    }
    let second = json!(receipts[1]);
    assert_eq!(second["cumulativeGasUsed"], "0x11170");
    assert_eq!(second["gasUsed"], "0x9c40");
    assert_eq!(second["effectiveGasPrice"], "0x66");
    assert_eq!(second["logs"][0]["logIndex"], "0x2");
    assert_eq!(second["logs"][0]["transactionIndex"], "0x1");
    assert_eq!(second["logs"][0]["removed"], false);
    assert_eq!(second["contractAddress"], Value::Null);
}

#[test]
fn blocks_have_their_shape_and_size() {
    // The specification has no deposits.
    let mut envelopes = testing::all_types();
    envelopes.pop();
    let block = testing::block(envelopes.into_iter().map(|tx| (tx, 1, Vec::new())).collect());
    for is_full in [false, true] {
        let found = json!(super::block(&block, is_full));
        check_shape("Block", &found);
        assert_eq!(found["withdrawals"], json!([]));
        assert_eq!(found["uncles"], json!([]));
        assert_eq!(found.get("totalDifficulty"), None);
        assert_eq!(found["size"], json!(format!("{:#x}", block_rlp(&block).len())));
    }
    let alloy_block = alloy_consensus::Block {
        header: block.header.clone(),
        body: alloy_consensus::BlockBody {
            transactions: block
                .items
                .iter()
                .map(|item| item.transaction.envelope().clone())
                .collect::<Vec<_>>(),
            ommers: Vec::<alloy_consensus::Header>::new(),
            withdrawals: Some(Default::default()),
        },
    };
    assert_eq!(block_rlp(&block), alloy_rlp::encode(alloy_block));
}

#[test]
fn a_commitment_in_json_has_the_hash_that_is_proven() {
    let commitment = Commitment {
        version: 1,
        parent: B256::repeat_byte(2),
        chain_id: 1_337,
        last_block: u64::MAX,
        blobs: vec![BlobOpening {
            versioned_hash: B256::repeat_byte(4),
            point: U256::from(7),
            value: U256::MAX,
        }],
        fee_recipient: Address::repeat_byte(6),
        ..Commitment::default()
    };
    let mut json = serde_json::to_value(CommitmentJson::from(commitment.clone())).unwrap();
    let read = |json: &Value| serde_json::from_value::<CommitmentJson>(json.clone());
    assert_eq!(Commitment::from(read(&json).unwrap()), commitment);
    json["lastBlock"] = json!("0x6");
    assert_ne!(Commitment::from(read(&json).unwrap()).hash(), commitment.hash());
    json["parent"] = Value::Null;
    assert!(read(&json).is_err());
}
