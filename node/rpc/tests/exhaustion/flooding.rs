//! Clients that ask for much.

use std::time::{Duration, Instant};

use minster_rpc::RpcConfig;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use crate::{
    client::{WebSocket, connect, frame, is_ended, post},
    node::{Node, config, request, zeros},
};

fn code(answer: &Value) -> i64 {
    answer["error"]["code"].as_i64().unwrap_or_else(|| panic!("{answer:.200}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_of_five_thousand_ends_at_the_size_of_an_answer() {
    let limits = RpcConfig { batch_max: 5_000, response_bytes_max: 16 << 20, ..config() };
    let node = Node::start(limits).await;
    let call: Value = serde_json::from_str(&zeros(1 << 18)).unwrap();
    // 2.5 GB, if all were answered.
    let batch = json!(vec![call; 5_000]).to_string();
    let started = Instant::now();
    let answer: Value =
        serde_json::from_str(&post(connect(node.address()).await, &batch).await).unwrap();
    // What fits is answered, and the rest refused.
    assert_eq!((code(&answer[4_999]), answer.as_array().unwrap().len()), (-32_003, 5_000));
    assert!(answer[0]["result"].is_string(), "{:.200}", answer[0]);
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    println!("{} MiB at the peak", node.survived(300).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_that_would_become_gigabytes() {
    let node = Node::start(config()).await;
    let repeated = |text: &str| text.repeat((15 << 20) / text.len());
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    let empty = repeated("{},");
    let calls = format!(r#"[{{"blockStateCalls":[{{"calls":[{empty}{{}}]}}]}},"latest"]"#);
    let blocks = format!(r#"[{{"blockStateCalls":[{empty}{{}}]}},"latest"]"#);
    let ones = format!("[{}1]", repeated("1,"));
    let config = format!(r#"[{{}},"latest",{{"tracerConfig":{ones}}}]"#);
    let proof = format!(r#"["0x00000000000000000000000000000000000000aa",{ones},"latest"]"#);
    let cases = [
        ("eth_simulateV1", calls, -32_005),
        ("eth_simulateV1", blocks, -32_005),
        ("debug_traceCall", config, -32_005),
        ("eth_getProof", proof, -32_005),
        ("eth_chainId", ones, -32_005),
        ("eth_call", format!("[{deep}]"), -32_005),
        ("eth_call", format!("[{}]", "[".repeat(9_000) + &"]".repeat(9_000)), -32_602),
    ];
    let mut client = WebSocket::connect(node.address()).await;
    for (method, params, expected) in cases {
        let text = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{params}}}"#);
        let answer: Value =
            serde_json::from_str(&post(connect(node.address()).await, &text).await).unwrap();
        assert_eq!(code(&answer), expected, "{method}: {answer:.200}");
        assert_eq!(code(&client.ask(&text).await), expected, "{method}");
    }
    // A batch of nothing much.
    let batch = format!("[{}1]", repeated("1,"));
    assert_eq!(code(&client.ask(&batch).await[0]), -32_600);
    assert_eq!(client.ask(&request("eth_chainId", json!([]))).await["result"], "0x539");
    println!("{} MiB at the peak", node.survived(300).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_subscriptions() {
    let node = Node::start(RpcConfig { send_stall_ms: 1_000, ..config() }).await;
    let mut clients = Vec::new();
    let (mut accepted, mut codes) = (0, std::collections::BTreeMap::<i64, u32>::new());
    let subscribe = request("eth_subscribe", json!(["newHeads"]));
    for _ in 0..40 {
        let mut client = WebSocket::connect(node.address()).await;
        for _ in 0..250 {
            let answer = client.ask(&subscribe).await;
            match answer["error"]["code"].as_i64() {
                None => accepted += 1,
                Some(code) => *codes.entry(code).or_default() += 1,
            }
        }
        clients.push(client);
    }
    // One address has half of all.
    assert_eq!((accepted, codes), (2_048, [(-32_005, 10_000 - 2_048)].into()));
    // A place is free when its connection is gone.
    clients.clear();
    let mut client = WebSocket::connect(node.address()).await;
    for _ in 0..100 {
        if client.ask(&subscribe).await["result"].is_string() {
            println!("{} MiB at the peak", node.survived(200).await);
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("no place is ever free again");
}

#[tokio::test(flavor = "multi_thread")]
async fn nonsense_without_end_and_without_reading() {
    let node = Node::start(RpcConfig { send_stall_ms: 1_000, ..config() }).await;
    let mut client = WebSocket::connect(node.address()).await;
    let nonsense = frame(b"?").repeat(1 << 14);
    let mut sent = 0_usize;
    let flood = async {
        while client.0.write_all(&nonsense).await.is_ok() {
            sent += 1;
        }
    };
    let _ = tokio::time::timeout(Duration::from_secs(5), flood).await;
    println!("{} messages", sent << 14);
    assert!(is_ended(&mut client.0).await);
    println!("{} MiB at the peak", node.survived(150).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn loops_without_end_with_all_gas_there_is() {
    let node = Node::start(config()).await;
    let to = "0x00000000000000000000000000000000000000aa";
    let call = json!({"to": to, "gas": "0x1000000000000"});
    let endless = json!({to: {"code": "0x5b600056"}});
    let asking: Vec<_> = (0..32)
        .map(|index| {
            let text = match index % 2 {
                0 => request("eth_call", json!([call, "latest", endless])),
                _ => {
                    let options = json!({"tracer": "callTracer", "stateOverrides": endless});
                    request("debug_traceCall", json!([call, "latest", options]))
                }
            };
            let address = node.address();
            tokio::spawn(async move { post(connect(address).await, &text).await })
        })
        .collect();
    for asked in asking {
        let answer = tokio::time::timeout(Duration::from_secs(30), asked).await;
        let answer = answer.expect("an answer in time").unwrap();
        assert!(answer.contains("error"), "{answer:.200}");
    }
    println!("{} MiB at the peak", node.survived(300).await);
}
