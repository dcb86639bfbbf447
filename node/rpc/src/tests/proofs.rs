use alloy_primitives::{Address, B256, Bytes, U256};
use minster_state::{
    SoftwareBlake3,
    proof::{verify_account, verify_slot},
};
use serde_json::{Value, json};

use super::harness::{LOGGER_ADDRESS, NOBODY, Node, contract_call, transfer};

fn read<T: serde::de::DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap()
}

/// Asks for a proof, and checks all of it against the header's state root.
async fn checked(node: &Node, address: Address, block: &str) -> Value {
    let keys = json!(["0x0", B256::with_last_byte(1), "0xff00"]);
    let answer = node.call("eth_getProof", json!([address, keys, block])).await;
    let header = node.call("eth_getBlockByNumber", json!([block, false])).await;
    let root: B256 = read(&header["stateRoot"]);
    let nodes: Vec<Bytes> = read(&answer["accountProof"]);
    let account = verify_account::<SoftwareBlake3>(root, address, &nodes).unwrap();
    let account = account.map_or((0, 0, alloy_primitives::KECCAK256_EMPTY), |account| {
        (account.nonce, account.balance, account.code_hash)
    });
    assert_eq!(answer["nonce"], json!(format!("{:#x}", account.0)));
    assert_eq!(answer["balance"], json!(format!("{:#x}", account.1)));
    assert_eq!(answer["codeHash"], json!(account.2));
    assert_eq!(answer["storageHash"], json!(B256::ZERO));
    for (slot, key) in [0_u64, 1, 0xff00].into_iter().zip(keys.as_array().unwrap()) {
        let proof = answer["storageProof"].as_array().unwrap();
        let proof = proof.iter().find(|proof| proof["key"] == *key).unwrap();
        let nodes: Vec<Bytes> = read(&proof["proof"]);
        let slot = U256::from(slot);
        let value = verify_slot::<SoftwareBlake3>(root, address, slot, &nodes).unwrap();
        assert_eq!(proof["value"], json!(value));
    }
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn proofs_verify_at_every_recent_block() {
    let node = Node::start();
    node.send(contract_call(0, LOGGER_ADDRESS)).await;
    node.sealed(1).await;
    node.send(transfer(1)).await;
    node.sealed(2).await;
    for block in ["0x0", "0x1", "0x2", "latest", "earliest"] {
        for address in [LOGGER_ADDRESS, NOBODY, node.signer.address(), Address::ZERO] {
            checked(&node, address, block).await;
        }
    }
    let value = |answer: Value| answer["storageProof"][0]["value"].clone();
    assert_eq!(value(checked(&node, LOGGER_ADDRESS, "0x0").await), "0x0");
    assert_eq!(value(checked(&node, LOGGER_ADDRESS, "0x1").await), "0x7");
    let balance = |answer: Value| answer["balance"].clone();
    assert_eq!(balance(checked(&node, NOBODY, "0x1").await), "0x0");
    assert_eq!(balance(checked(&node, NOBODY, "0x2").await), "0x1");
}

/// A key is written out as geth does it, however it came.
#[tokio::test(flavor = "multi_thread")]
async fn keys_are_hashes_or_quantities() {
    let node = Node::start();
    let whole = B256::with_last_byte(0x1f).to_string();
    let keys = ["0x", "0x00", "0x001F", "1", &whole, &whole[2..].to_uppercase()];
    let answer = node.call("eth_getProof", json!([NOBODY, keys])).await;
    let proofs = answer["storageProof"].as_array().unwrap().iter();
    let echoed: Vec<_> = proofs.map(|proof| proof["key"].as_str().unwrap()).collect();
    assert_eq!(echoed, ["0x0", "0x0", "0x1f", "0x1", &whole, &whole]);
}

#[tokio::test(flavor = "multi_thread")]
async fn proofs_that_are_not_to_be_had_say_why() {
    let node = Node::start();
    let error = node.fail("eth_getProof", json!([NOBODY, [], "0x63"])).await;
    assert_eq!((error.code, error.message.as_str()), (-32_000, "header not found"));
    let error = node.fail("eth_getProof", json!([NOBODY, ["0x0", "0xzz"]])).await;
    let words = "invalid hex in storage key: \"0xzz\"";
    assert_eq!((error.code, error.message.as_str()), (-32_602, words));
    let error = node.fail("eth_getProof", json!([NOBODY, [0]])).await;
    assert_eq!(error.code, -32_602);
    let error = node.fail("eth_getProof", json!([NOBODY, vec!["0x0"; 1_025]])).await;
    assert_eq!(error.code, -32_005);
}
