//! Clients that stop, or nearly.

use std::time::{Duration, Instant};

use minster_rpc::RpcConfig;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::{
    client::{WebSocket, connect, frame, frame_head, head, is_ended},
    node::{Node, config, request, zeros},
};

const MIB: u32 = 1 << 20;

/// A second is long for a client on the same machine.
fn impatient() -> RpcConfig {
    RpcConfig { send_stall_ms: 1_000, body_stall_ms: 1_000, idle_ms: 1_000, ..config() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_web_socket_that_asks_and_never_reads() {
    let node = Node::start(impatient()).await;
    let mut client = WebSocket::connect(node.address()).await;
    client.send(&request("eth_subscribe", json!(["newHeads"]))).await;
    // Two gigabytes of answers, if they were made.
    let questions = frame(zeros(MIB).as_bytes()).repeat(1_000);
    client.0.write_all(&questions).await.unwrap();
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(is_ended(&mut client.0).await, "the server waits for ever");
    println!("{} MiB at the peak", node.survived(400).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_of_a_byte_a_second() {
    let node = Node::start(impatient()).await;
    let calls: Vec<Value> = (0..16).map(|_| serde_json::from_str(&zeros(MIB)).unwrap()).collect();
    let batch = json!(calls).to_string();
    let mut client = connect(node.address()).await;
    client.write_all(format!("{}\r\n{batch}", head(batch.len())).as_bytes()).await.unwrap();
    for _ in 0..5 {
        let _ = client.read_u8().await;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let started = Instant::now();
    let mut rest = 0;
    let mut piece = vec![0; 1 << 20];
    while let Ok(count @ 1..) = client.read(&mut piece).await {
        rest += count;
    }
    assert!(started.elapsed() < Duration::from_secs(5));
    // What the system had of it is all that came.
    assert!(rest < 32 << 20, "{rest}");
    println!("{} MiB at the peak", node.survived(400).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_and_bodies_that_do_not_come() {
    let node = Node::start(impatient()).await;
    let mut silent = connect(node.address()).await;
    let mut slow_head = connect(node.address()).await;
    slow_head.write_all(b"POST / HTTP/1.1\r\nHost: local").await.unwrap();
    let mut slow_body = connect(node.address()).await;
    slow_body.write_all(format!("{}\r\n{{", head(100)).as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    slow_body.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 408");
    for stream in [&mut silent, &mut slow_head, &mut slow_body] {
        assert!(is_ended(stream).await);
    }
    // A byte now and then is no message either.
    let mut trickle = connect(node.address()).await;
    trickle.write_all(format!("{}\r\n{{", head(100)).as_bytes()).await.unwrap();
    let started = Instant::now();
    while trickle.write_all(b" ").await.is_ok() && started.elapsed() < Duration::from_secs(5) {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert!(is_ended(&mut trickle).await);
    assert!(started.elapsed() < Duration::from_secs(4), "{:?}", started.elapsed());
    println!("{} MiB at the peak", node.survived(50).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_that_are_announced_and_do_not_come() {
    let node = Node::start(impatient()).await;
    let mut clients = Vec::new();
    for _ in 0..100 {
        let mut client = WebSocket::connect(node.address()).await;
        client.0.write_all(&frame_head(16 << 20)).await.unwrap();
        client.0.write_all(b"{").await.unwrap();
        clients.push(client);
    }
    for mut client in clients {
        assert_eq!(client.receive().await, Err(1_008));
    }
    println!("{} MiB at the peak", node.survived(50).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn large_requests_that_wait_do_not_keep_small_ones_out() {
    let quota = 64 << 20;
    let node = Node::start(RpcConfig { requests_bytes_max: quota, ..config() }).await;
    // One address has half of it: two such messages, and no more.
    let part = vec![b' '; 15 << 20];
    let mut clients = Vec::new();
    for _ in 0..4 {
        let mut client = WebSocket::connect(node.address()).await;
        client.0.write_all(&frame_head(16 << 20)).await.unwrap();
        // Fails when the server has ended the connection.
        let _ = client.0.write_all(&part).await;
        tokio::time::sleep(Duration::from_millis(200)).await;
        clients.push(client);
    }
    for mut client in clients.drain(2..) {
        assert!(is_ended(&mut client.0).await);
    }
    for client in &mut clients {
        client.0.write_all(&part[..1 << 20]).await.unwrap();
        assert!(client.receive().await.unwrap().contains("parse error"));
    }
    println!("{} MiB at the peak", node.survived(200).await);
}
