//! What a client can compute from the answers comes out as the header says.

use alloy_consensus::{
    EMPTY_OMMER_ROOT_HASH, Header, Receipt, ReceiptWithBloom, TxReceipt,
    proofs::{calculate_receipt_root, ordered_trie_root_with_encoder},
};
use alloy_eips::Encodable2718;
use alloy_primitives::{Address, B256, Bloom, Bytes, Log, U256, keccak256};
use serde_json::{Value, json};

use super::harness::{LOGGER_ADDRESS, Node, REVERTER_ADDRESS, contract_call, creation, transfer};

fn read<T: serde::de::DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap_or_else(|error| panic!("{error}: {value}"))
}

fn number(value: &Value) -> u64 {
    read::<U256>(value).to()
}

/// The receipt as consensus has it, from its JSON.
fn receipt(json: &Value) -> alloy_consensus::ReceiptEnvelope {
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
        0 => alloy_consensus::ReceiptEnvelope::Legacy(receipt),
        2 => alloy_consensus::ReceiptEnvelope::Eip1559(receipt),
        other => panic!("type {other}"),
    }
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
    node.sealed(1).await;
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
            let base_fee = header.base_fee_per_gas.unwrap();
            let tip = number(&transaction["maxPriorityFeePerGas"]);
            let fee_max = number(&transaction["maxFeePerGas"]);
            let price = fee_max.min(base_fee + tip);
            assert_eq!(number(&receipt["effectiveGasPrice"]), price);
            assert_eq!(number(&transaction["gasPrice"]), price);
        }
        let raw_receipts = node.call("debug_getRawReceipts", json!([tag])).await;
        let encoded: Vec<Bytes> = receipts.iter().map(|each| each.encoded_2718().into()).collect();
        assert_eq!(raw_receipts, json!(encoded));
    }
}
