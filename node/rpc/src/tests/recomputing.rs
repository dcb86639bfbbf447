//! What a client can compute from the answers comes out as the header says.

use std::collections::BTreeSet;

use alloy_consensus::{
    EMPTY_OMMER_ROOT_HASH, Header, Receipt, ReceiptEnvelope, ReceiptWithBloom, SignableTransaction,
    Signed, TxEip2930, TxEip7702, TxLegacy, TxReceipt,
    proofs::{calculate_receipt_root, ordered_trie_root_with_encoder},
};
use alloy_eips::{Encodable2718, eip2930::AccessList, eip7702::Authorization};
use alloy_primitives::{Address, B256, Bloom, Bytes, Log, Signature, TxKind, U256, keccak256};
use alloy_signer::SignerSync;
use alloy_signer_local::PrivateKeySigner;
use minster_primitives::Envelope;
use serde_json::{Value, json};

use super::harness::{
    CHAIN_ID, GWEI, LOGGER_ADDRESS, Node, REVERTER_ADDRESS, contract_call, creation, transfer,
};

/// What all transactions name: as a price, or as the most that they pay.
const FEE: u128 = 10 * GWEI;

fn signed<T: SignableTransaction<Signature>>(node: &Node, tx: T) -> Signed<T> {
    let signature = node.signer.sign_hash_sync(&tx.signature_hash()).unwrap();
    tx.into_signed(signature)
}

/// A call of the contract that logs, of each type that names a price or does more than call.
fn other_types(node: &Node, nonce: u64) -> [Envelope; 3] {
    let (chain_id, to, input) = (CHAIN_ID, TxKind::Call(LOGGER_ADDRESS), Bytes::new());
    let (gas_price, gas_limit, value) = (FEE, 100_000, U256::ZERO);
    let access_list: AccessList =
        read(&json!([{"address": LOGGER_ADDRESS, "storageKeys": [B256::ZERO]}]));
    let legacy = TxLegacy {
        chain_id: Some(chain_id),
        nonce,
        gas_price,
        gas_limit,
        to,
        value,
        input: input.clone(),
    };
    let listing = TxEip2930 {
        chain_id,
        nonce: nonce + 1,
        gas_price,
        gas_limit,
        to,
        value,
        access_list: access_list.clone(),
        input: input.clone(),
    };
    let authority = PrivateKeySigner::from_bytes(&B256::repeat_byte(0x02)).unwrap();
    let authorization =
        Authorization { chain_id: U256::from(chain_id), address: LOGGER_ADDRESS, nonce: 0 };
    let signature = authority.sign_hash_sync(&authorization.signature_hash()).unwrap();
    let authorizing = TxEip7702 {
        chain_id,
        nonce: nonce + 2,
        gas_limit,
        max_fee_per_gas: FEE,
        max_priority_fee_per_gas: GWEI,
        to: LOGGER_ADDRESS,
        value,
        access_list,
        authorization_list: vec![authorization.into_signed(signature)],
        input,
    };
    [
        Envelope::Legacy(signed(node, legacy)),
        Envelope::Eip2930(signed(node, listing)),
        Envelope::Eip7702(signed(node, authorizing)),
    ]
}

fn read<T: serde::de::DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap_or_else(|error| panic!("{error}: {value}"))
}

fn number(value: &Value) -> u64 {
    read::<U256>(value).to()
}

/// The receipt as consensus has it, from its JSON.
fn receipt(json: &Value) -> ReceiptEnvelope {
    let logs: Vec<Log> = json["logs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|log| {
            let (address, topics): (Address, Vec<B256>) =
                (read(&log["address"]), read(&log["topics"]));
            Log::new_unchecked(address, topics, read::<Bytes>(&log["data"]))
        })
        .collect();
    let receipt = Receipt {
        status: (json["status"] == "0x1").into(),
        cumulative_gas_used: number(&json["cumulativeGasUsed"]),
        logs,
    };
    let bloom: Bloom = read(&json["logsBloom"]);
    assert_eq!(receipt.bloom_slow(), bloom);
    let receipt = ReceiptWithBloom { receipt, logs_bloom: bloom };
    match number(&json["type"]) {
        0 => ReceiptEnvelope::Legacy(receipt),
        1 => ReceiptEnvelope::Eip2930(receipt),
        2 => ReceiptEnvelope::Eip1559(receipt),
        4 => ReceiptEnvelope::Eip7702(receipt),
        other => panic!("type {other}"),
    }
}

/// The price that a transaction pays, which its sender can compute.
fn check_price(transaction: &Value, receipt: &Value, base_fee: u64) {
    let price = match number(&transaction["type"]) {
        0 | 1 => FEE,
        _ => {
            assert_eq!(u128::from(number(&transaction["maxFeePerGas"])), FEE);
            let tip = number(&transaction["maxPriorityFeePerGas"]);
            FEE.min(u128::from(base_fee + tip))
        }
    };
    assert_eq!(u128::from(number(&receipt["effectiveGasPrice"])), price, "{transaction}");
    assert_eq!(u128::from(number(&transaction["gasPrice"])), price, "{transaction}");
    assert_eq!(receipt["type"], transaction["type"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_roots_and_prices() {
    let node = Node::start();
    for tx in [
        transfer(0),
        contract_call(1, LOGGER_ADDRESS),
        contract_call(2, REVERTER_ADDRESS),
        creation(3),
    ] {
        node.send(tx).await;
    }
    let mut last = 0;
    for envelope in other_types(&node, 4) {
        let raw = json!([Bytes::from(envelope.encoded_2718())]);
        let receipt = node.call("eth_sendRawTransactionSync", raw).await;
        assert_eq!(receipt["status"], "0x1", "{receipt}");
        last = number(&receipt["blockNumber"]);
    }
    node.sealed(last).await;
    let mut types = BTreeSet::new();
    let head = number(&node.call("eth_blockNumber", json!([])).await);
    for block_number in 0..=head {
        let tag = json!(format!("{block_number:#x}"));
        let block = node.call("eth_getBlockByNumber", json!([tag, true])).await;
        let header: Header = read(&block);
        assert_eq!(json!(header.hash_slow()), block["hash"]);
        assert_eq!(header.ommers_hash, EMPTY_OMMER_ROOT_HASH);
        let mut raw = Vec::new();
        for transaction in block["transactions"].as_array().unwrap() {
            let bytes =
                node.call("eth_getRawTransactionByHash", json!([transaction["hash"]])).await;
            let bytes: Bytes = read(&bytes);
            assert_eq!(json!(keccak256(&bytes)), transaction["hash"]);
            raw.push(bytes);
        }
        let root = ordered_trie_root_with_encoder(&raw, |bytes, out| out.extend_from_slice(bytes));
        assert_eq!(root, header.transactions_root);
        let json = node.call("eth_getBlockReceipts", json!([tag])).await;
        let json = json.as_array().unwrap();
        let receipts: Vec<_> = json.iter().map(receipt).collect();
        assert_eq!(calculate_receipt_root(&receipts), header.receipts_root);
        let bloom = receipts.iter().fold(Bloom::ZERO, |bloom, receipt| bloom | receipt.bloom());
        assert_eq!(bloom, header.logs_bloom);
        let gas: u64 = json.iter().map(|receipt| number(&receipt["gasUsed"])).sum();
        assert_eq!(gas, header.gas_used);
        for (receipt, transaction) in json.iter().zip(block["transactions"].as_array().unwrap()) {
            check_price(transaction, receipt, header.base_fee_per_gas.unwrap());
            types.insert(number(&transaction["type"]));
        }
        let raw_receipts = node.call("debug_getRawReceipts", json!([tag])).await;
        let encoded: Vec<Bytes> = receipts.iter().map(|each| each.encoded_2718().into()).collect();
        assert_eq!(raw_receipts, json!(encoded));
    }
    assert_eq!(types, BTreeSet::from([0, 1, 2, 4]));
}
