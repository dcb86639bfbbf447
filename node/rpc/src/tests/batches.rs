use std::time::Duration;

use minster_batcher::{Job, ProofRecord};
use serde_json::{Value, json};

use super::harness::{GWEI, Node, transfer};

const RECORD: ProofRecord = ProofRecord {
    verified_at_ms: 1_700_000_123_456,
    proving_ms: 12_500,
    guest_key: alloy_primitives::B256::repeat_byte(0xab),
};

/// Sends a transfer, and waits until it is in a batch. Returns its hash.
pub(super) async fn batched(node: &Node) -> Value {
    let hash = node.send(transfer(0)).await["transactionHash"].clone();
    for _ in 0..3_000 {
        let finality = node.call("minster_getFinality", json!([hash])).await;
        if finality["proof"] != "none" {
            return hash;
        }
        assert_eq!(finality["batch"], Value::Null);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("no batch");
}

/// Gives the first batch a proof of these bytes.
pub(super) fn prove(node: &Node, bytes: &[u8]) {
    let Job { batch, .. } = node.batches().next_job(Duration::from_secs(3)).unwrap().unwrap();
    let mut draft = node.batches().proof_draft(batch).unwrap();
    draft.append(bytes).unwrap();
    node.batches().verified(batch, draft, &RECORD).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_followed_to_its_proof() {
    let node = Node::start_batching();
    let hash = batched(&node).await;
    let finality = async || node.call("minster_getFinality", json!([hash])).await;
    let batch = async |which: &str| node.call("minster_getBatch", json!([which])).await;
    let queued = finality().await;
    assert_eq!((&queued["status"], &queued["proof"]), (&json!("confirmed"), &json!("queued")));
    assert_eq!(queued["batch"], "0x1");
    assert!(queued["times"]["batched"].is_string(), "{queued}");
    assert_eq!(queued["times"]["proofVerified"], Value::Null);
    let latest = batch("latest").await;
    assert_eq!(latest["proof"], json!({"status": "queued"}));
    assert_eq!(latest["transactions"], "0x1");
    assert_eq!(latest["reason"], "age");
    assert_eq!(batch("proven").await, Value::Null);
    assert_eq!(batch("0x0").await, Value::Null);
    assert_eq!(batch("0x2").await, Value::Null);

    let job = node.batches().next_job(Duration::ZERO).unwrap().unwrap();
    node.batches().progress(30, 100);
    assert_eq!(finality().await["proof"], "proving");
    let proving = batch("0x1").await["proof"]["proving"].clone();
    assert_eq!((&proving["cycles"], &proving["cyclesTotal"]), (&json!("0x1e"), &json!("0x64")));
    let summary = node.call("minster_getProving", json!([])).await;
    assert_eq!((&summary["sealed"], &summary["proven"]), (&json!("0x1"), &json!("0x0")));
    assert_eq!(summary["proving"]["batch"], "0x1");
    assert_eq!(summary["failing"], Value::Null);
    assert_eq!(node.call("minster_getBatchProof", json!(["0x1"])).await, Value::Null);

    node.batches().failed(1, "the prover was in a mood".into());
    let failed = finality().await;
    assert_eq!((&failed["proof"], &failed["batch"]), (&json!("queued"), &json!("0x1")));
    assert_eq!(failed["proofError"], "the prover was in a mood");
    assert_eq!(batch("0x1").await["proof"]["failure"]["attempts"], 1);
    let summary = node.call("minster_getProving", json!([])).await;
    assert_eq!(summary["failing"]["error"], "the prover was in a mood");

    prove(&node, b"a proof");
    let verified = finality().await;
    assert_eq!(
        (&verified["status"], &verified["proof"]),
        (&json!("confirmed"), &json!("verified"))
    );
    assert_eq!(verified["times"]["proofVerified"], "0x6553f17b");
    let proven = batch("proven").await;
    assert_eq!(proven["proof"]["seconds"], 12.5);
    let proof = node.call("minster_getBatchProof", json!([1])).await;
    let (before, after) = (&proof["claim"]["before"], &proof["claim"]["after"]);
    assert_eq!(*before, json!(job.claim.before));
    assert_eq!(*after, json!(job.claim.after));
    assert_eq!((&proven["commitment"]["parent"], &proven["hash"]), (before, after));
    assert_eq!((&proof["bytes"], &proof["url"]), (&json!("0x7"), &json!("/batches/1/proof")));
    assert_eq!(proof["guestKey"], json!(RECORD.guest_key));
    assert_eq!(proof["digest"], proven["proof"]["digest"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_does_not_prove_says_so() {
    let node = Node::start();
    let hash = node.send(transfer(0)).await["transactionHash"].clone();
    node.sealed(1).await;
    let finality = node.call("minster_getFinality", json!([hash])).await;
    assert_eq!((&finality["proof"], &finality["batch"]), (&json!("none"), &Value::Null));
    let cases = [
        ("minster_getBatch", json!(["latest"])),
        ("minster_getBatchProof", json!([1])),
        ("minster_getProving", json!([])),
    ];
    for (method, params) in cases {
        let error = node.fail(method, params).await;
        assert_eq!(error.message, "this node neither batches nor proves (--proofs off)");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_batches_are_batches() {
    let node = Node::start_batching();
    for which in [json!("finalized"), json!(""), json!("0x"), json!({}), json!(-1)] {
        assert_eq!(node.fail("minster_getBatch", json!([which])).await.code, -32_602, "{which}");
    }
    assert_eq!(node.fail("minster_getBatchProof", json!(["latest"])).await.code, -32_602);
    assert_eq!(node.fail("minster_getBatch", json!([])).await.code, -32_602);
    for none in [json!("latest"), json!("proven"), json!(0), json!(u64::MAX)] {
        assert_eq!(node.call("minster_getBatch", json!([none])).await, Value::Null, "{none}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn users_hear_that_the_prover_is_behind() {
    let node = Node::start();
    let hours = |hours: u64| Duration::from_secs(hours * 3_600);
    let usual = node.call("eth_maxPriorityFeePerGas", json!([])).await;
    node.sequencer().set_proof_backlog(hours(5));
    let raised = node.call("eth_maxPriorityFeePerGas", json!([])).await;
    assert_ne!(raised, usual);
    let tip = u128::from_str_radix(&raised.as_str().unwrap()[2..], 16).unwrap();
    let paying = |max_priority_fee_per_gas| {
        let tx = transfer(0);
        node.sign(alloy_consensus::TxEip1559 {
            max_priority_fee_per_gas,
            max_fee_per_gas: 100 * GWEI,
            ..tx
        })
    };
    let error = node.fail("eth_sendRawTransaction", json!([paying(tip - 1)])).await;
    assert!(error.message.contains("gas tip cap"), "{error:?}");
    node.sequencer().set_proof_backlog(hours(6));
    let error = node.fail("eth_sendRawTransaction", json!([paying(tip * 1_000)])).await;
    assert_eq!(error.code, -32_005);
    let expected = "the chain has 6.0 h of unproven work, more than the 6.0 h that this node \
                    allows; try again later";
    assert_eq!(error.message, expected);
    node.sequencer().set_proof_backlog(hours(5));
    node.call("eth_sendRawTransaction", json!([paying(tip)])).await;
    node.sequencer().set_proof_backlog(hours(0));
    assert_eq!(node.call("eth_maxPriorityFeePerGas", json!([])).await, usual);
}
