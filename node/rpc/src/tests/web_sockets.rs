//! What a WebSocket may hold, and how it ends.

use alloy_primitives::{B256, Bytes};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{
    harness::{Node, read_answer, transfer},
    transport::{ask, config, entry, post, serve, web_socket},
};
use crate::{RpcConfig, RpcHandle};

/// Kind and payload of the next frame.
async fn frame(stream: &mut TcpStream) -> (u8, Vec<u8>) {
    let kind = stream.read_u8().await.unwrap();
    let length = match stream.read_u8().await.unwrap() {
        126 => u64::from(stream.read_u16().await.unwrap()),
        127 => stream.read_u64().await.unwrap(),
        length => u64::from(length),
    };
    let mut payload = vec![0; usize::try_from(length).unwrap()];
    stream.read_exact(&mut payload).await.unwrap();
    (kind, payload)
}

/// Sends a transaction whose slice is long.
async fn send_long(node: &Node, nonce: u64) {
    let input = Bytes::from(vec![1; 20_000]);
    let tx = alloy_consensus::TxEip1559 { gas_limit: 1_000_000, input, ..transfer(nonce) };
    assert_eq!(node.send(tx).await["status"], "0x1");
}

#[tokio::test(flavor = "multi_thread")]
async fn slices_come_over_a_web_socket() {
    let node = Node::start();
    let server = serve(&node, config()).await;
    let mut stream = web_socket(&server).await;
    let subscription = ask(&mut stream, entry(1, "minster_subscribe", json!(["slices"]))).await;
    for nonce in 0..3 {
        send_long(&node, nonce).await;
    }
    let mut count = 0;
    while count < 3 {
        let (kind, payload) = frame(&mut stream).await;
        assert_eq!(kind, 0x81);
        let message: Value = serde_json::from_slice(&payload).unwrap();
        assert_eq!(message["params"]["subscription"], subscription["result"]);
        count += message["params"]["result"]["transactions"].as_array().unwrap().len();
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_misses_a_notification_is_told_by_the_end() {
    let node = Node::start();
    let server = serve(&node, RpcConfig { unsent_bytes_max: 1_000, ..config() }).await;
    let mut stream = web_socket(&server).await;
    ask(&mut stream, entry(1, "minster_subscribe", json!(["slices"]))).await;
    send_long(&node, 0).await;
    loop {
        let (kind, payload) = frame(&mut stream).await;
        if kind == 0x88 {
            assert_eq!(payload, 1_013_u16.to_be_bytes());
            break;
        }
    }
    // What is small goes on.
    let mut stream = web_socket(&server).await;
    assert_eq!(ask(&mut stream, entry(2, "eth_chainId", json!([]))).await["result"], "0x539");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pings_are_answered_and_asked() {
    let node = Node::start();
    let server = serve(&node, RpcConfig { ping_ms: 200, ..config() }).await;
    let mut stream = web_socket(&server).await;
    stream.write_all(&[0x89, 0x83, 0, 0, 0, 0, b'a', b'b', b'c']).await.unwrap();
    assert_eq!(frame(&mut stream).await, (0x8a, b"abc".to_vec()));
    for _ in 0..3 {
        assert_eq!(frame(&mut stream).await, (0x89, Vec::new()));
        stream.write_all(&[0x8a, 0x80, 0, 0, 0, 0]).await.unwrap();
    }
    assert_eq!(frame(&mut stream).await, (0x89, Vec::new()));
    // Now there is no answer.
    let mut byte = [0];
    let ended = tokio::time::timeout(std::time::Duration::from_secs(5), stream.read(&mut byte));
    assert_eq!(ended.await.expect("the server waits for ever").unwrap_or(0), 0);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_close_is_answered_and_nonsense_closes() {
    let node = Node::start();
    let server = serve(&node, RpcConfig { body_bytes_max: 1_000, ..config() }).await;
    let normal = 1_000_u16.to_be_bytes();
    let mut stream = web_socket(&server).await;
    let close = [&[0x88, 0x82, 0, 0, 0, 0], &normal[..]].concat();
    stream.write_all(&close).await.unwrap();
    assert_eq!(frame(&mut stream).await, (0x88, normal.to_vec()));
    let mut stream = web_socket(&server).await;
    // Not masked.
    stream.write_all(&[0x81, 0x01, b'a']).await.unwrap();
    assert_eq!(frame(&mut stream).await, (0x88, 1_002_u16.to_be_bytes().to_vec()));
    let mut stream = web_socket(&server).await;
    stream.write_all(&[0x81, 0x80 | 126, 0x03, 0xe9, 0, 0, 0, 0]).await.unwrap();
    let (kind, payload) = frame(&mut stream).await;
    let refusal: Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!((kind, &refusal["error"]["code"]), (0x81, &json!(-32_007)));
    assert_eq!(frame(&mut stream).await, (0x88, 1_009_u16.to_be_bytes().to_vec()));
    // What it was about to send is no reason to forget what it was told.
    stream.write_all(&[0; 100_000]).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.unwrap();
    assert!(rest.is_empty());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_subscribes_to_nothing() {
    let node = Node::start();
    let server = serve(&node, config()).await;
    let mut stream = web_socket(&server).await;
    let answers = ask(&mut stream, json!([entry(1, "eth_subscribe", json!(["newHeads"]))])).await;
    assert_eq!(answers[0]["error"]["message"], "notifications not supported", "{answers}");
    server.stop().await;
}

/// The answer to a subscription comes another way than others.
#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_has_any_id() {
    let node = Node::start();
    let server = serve(&node, config()).await;
    let mut stream = web_socket(&server).await;
    for id in [json!(-7), json!(0.5), json!("seven"), json!(7)] {
        let mut asked = entry(1, "eth_subscribe", json!(["newHeads"]));
        asked["id"] = id.clone();
        let answer = ask(&mut stream, asked).await;
        assert!(answer["id"] == id && answer["result"].is_string(), "{answer}");
    }
    server.stop().await;
}

/// The first line of the answer to the wish for a WebSocket.
async fn open(server: &RpcHandle, host: &str, origin: &str) -> String {
    let mut stream = TcpStream::connect(server.local_addr()).await.unwrap();
    let upgrade = format!(
        "GET / HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Origin: {origin}\r\n\r\n"
    );
    stream.write_all(upgrade.as_bytes()).await.unwrap();
    let mut line = Vec::new();
    while !line.ends_with(b"\r\n") {
        line.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(line).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_open_web_sockets_only_where_configured() {
    let node = Node::start();
    for cors in [false, true] {
        let server = serve(&node, RpcConfig { cors, ..config() }).await;
        let own = server.local_addr().to_string();
        let page = format!("http://{own}");
        let others = if cors { "101" } else { "403" };
        for (host, origin, status) in [
            (own.as_str(), page.as_str(), "101"),
            (&own, "http://example.org", others),
            // A name that was given this address afterwards.
            ("example.org", "http://example.org", others),
        ] {
            let answer = open(&server, host, origin).await;
            assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{host} {origin}: {answer}");
        }
        server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_cannot_be_heard_is_waited_for() {
    let node = Node::start();
    let limited = RpcConfig { ping_ms: 100, requests_per_connection_max: 1, ..config() };
    let server = serve(&node, limited).await;
    let mut stream = web_socket(&server).await;
    // Ten pings long the only place is taken, and no pong is read.
    let raw = node.sign(transfer(5));
    let late = ask(&mut stream, entry(1, "eth_sendRawTransactionSync", json!([raw, 1_000]))).await;
    assert_eq!(late["error"]["code"], 4, "{late}");
    assert_eq!(ask(&mut stream, entry(2, "eth_chainId", json!([]))).await["result"], "0x539");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_was_subscribed_to_can_be_ended() {
    let node = Node::start();
    let server = serve(&node, config()).await;
    let mut stream = web_socket(&server).await;
    for namespace in ["eth", "minster"] {
        let method = format!("{namespace}_unsubscribe");
        for (params, code, words) in [
            (json!([]), -32_602, "missing value for required argument 0"),
            (json!([{"a": 1}]), -32_602, "invalid argument 0: json: cannot unmarshal object"),
            (json!(["0x1"]), -32_000, "subscription not found"),
        ] {
            let answer = ask(&mut stream, entry(1, &method, params)).await;
            let error = read_answer(answer).unwrap_err();
            assert_eq!(error.code, code, "{error:?}");
            assert!(error.message.starts_with(words), "{error:?}");
        }
    }
    let id = ask(&mut stream, entry(2, "eth_subscribe", json!(["syncing"]))).await["result"].take();
    assert!(id.is_string(), "{id}");
    let ended = ask(&mut stream, entry(3, "eth_unsubscribe", json!([id]))).await;
    assert_eq!(ended["result"], true, "{ended}");
    // In a batch, too, which has no room for what a subscription says.
    let id = ask(&mut stream, entry(4, "eth_subscribe", json!(["syncing"]))).await["result"].take();
    let batch = json!([entry(5, "eth_unsubscribe", json!([id]))]);
    assert_eq!(ask(&mut stream, batch).await[0]["result"], true);
    // Over HTTP there are none.
    let body = entry(6, "eth_unsubscribe", json!([id])).to_string();
    let answer = post(&server, "", &body).await.1;
    assert!(answer.contains("subscription not found"), "{answer}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn subscriptions_name_so_many_values() {
    let node = Node::start();
    // Of which one client has half.
    let server = serve(&node, RpcConfig { filter_values_max: 4, ..config() }).await;
    let mut stream = web_socket(&server).await;
    let logs = json!(["logs", {"topics": [[B256::ZERO, B256::with_last_byte(1)]]}]);
    let first = ask(&mut stream, entry(1, "eth_subscribe", logs.clone())).await;
    assert!(first["result"].is_string(), "{first}");
    let refused = read_answer(ask(&mut stream, entry(2, "eth_subscribe", logs.clone())).await);
    let refused = refused.unwrap_err();
    assert!(
        refused.code == -32_005 && refused.message.contains("filter_values_max"),
        "{refused:?}"
    );
    ask(&mut stream, entry(3, "eth_unsubscribe", json!([first["result"]]))).await;
    for _ in 0..500 {
        if ask(&mut stream, entry(4, "eth_subscribe", logs.clone())).await["result"].is_string() {
            server.stop().await;
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("a subscription that ended keeps its values");
}
