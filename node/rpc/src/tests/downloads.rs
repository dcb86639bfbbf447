//! Proofs over real sockets.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{
    batches::{batched, prove},
    harness::Node,
};
use crate::{RpcConfig, RpcHandle, RpcServer};

/// More than sockets and channels hold.
const LARGE: usize = 64 << 20;

async fn serve(node: &Node, downloads_max: usize) -> RpcHandle {
    let listen = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 0);
    let config = RpcConfig { listen, downloads_max, cors: true, ..RpcConfig::default() };
    let batches = Some(node.batches().clone());
    RpcServer::start(config, node.sequencer().clone(), batches).await.unwrap()
}

/// A status, the lines of the head in lower case, and the body.
struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines();
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

async fn ask(server: &RpcHandle, method: &str, path: &str, headers: &str) -> Answer {
    let mut stream = TcpStream::connect(server.local_addr()).await.unwrap();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\n{headers}Connection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(answer[..end].to_vec()).unwrap().to_lowercase();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, head, body: answer[end + 4..].to_vec() }
}

async fn get(server: &RpcHandle, headers: &str) -> Answer {
    ask(server, "GET", "/batches/1/proof", headers).await
}

#[tokio::test(flavor = "multi_thread")]
async fn proofs_are_downloaded_whole_and_in_ranges() {
    let node = Node::start_batching();
    batched(&node).await;
    let proof: Vec<u8> = (0..300_000_u32).map(|index| (index % 251) as u8).collect();
    let server = serve(&node, 8).await;
    assert_eq!(get(&server, "").await.status, 404);
    prove(&node, &proof);

    let whole = get(&server, "").await;
    assert_eq!((whole.status, whole.header("content-length")), (200, Some("300000")));
    assert_eq!(whole.header("accept-ranges"), Some("bytes"));
    assert_eq!(whole.header("access-control-allow-origin"), Some("*"));
    assert!(whole.body == proof);
    let told = node.call("minster_getBatchProof", json!(["0x1"])).await;
    let tag = whole.header("etag").unwrap().to_owned();
    assert_eq!(tag, format!("{}", told["digest"]));

    let head = ask(&server, "HEAD", "/batches/1/proof", "Range: bytes=0-0\r\n").await;
    assert_eq!((head.status, head.header("content-length")), (200, Some("300000")));
    assert!(head.body.is_empty());

    let cases: [(&str, usize, usize); 4] = [
        ("0-0", 0, 1),
        ("299999-", 299_999, 300_000),
        ("-7", 299_993, 300_000),
        ("9-99999", 9, 100_000),
    ];
    for (range, start, end) in cases {
        let part = get(&server, &format!("Range: bytes={range}\r\n")).await;
        assert_eq!(part.status, 206, "{range}");
        let expected = format!("bytes {start}-{}/300000", end - 1);
        assert_eq!(part.header("content-range"), Some(expected.as_str()));
        assert!(part.body == proof[start..end], "{range}");
    }
    let beyond = get(&server, "Range: bytes=300000-\r\n").await;
    assert_eq!((beyond.status, beyond.header("content-range")), (416, Some("bytes */300000")));
    assert_eq!(get(&server, "Range: bytes=0-1,5-6\r\n").await.body.len(), proof.len());
    let current = format!("Range: bytes=1-1\r\nIf-Range: {tag}\r\n");
    assert_eq!(get(&server, &current).await.status, 206);
    let other = "Range: bytes=1-1\r\nIf-Range: \"another\"\r\n";
    assert_eq!(get(&server, other).await.status, 200);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_paths_and_methods_are_refused_and_json_rpc_goes_on() {
    let node = Node::start_batching();
    let server = serve(&node, 8).await;
    for path in
        ["/batches/", "/batches/1", "/batches/01/proof", "/batches/x/proof", "/batches/-1/proof"]
    {
        assert_eq!(ask(&server, "GET", path, "").await.status, 404, "{path}");
    }
    let answer = ask(&server, "DELETE", "/batches/1/proof", "").await;
    assert_eq!((answer.status, answer.header("allow")), (405, Some("get, head")));
    let body = r#"{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}"#;
    let headers = format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len());
    let mut stream = TcpStream::connect(server.local_addr()).await.unwrap();
    let request =
        format!("POST / HTTP/1.1\r\nHost: localhost\r\n{headers}Connection: close\r\n\r\n{body}");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.contains("0x539"), "{answer}");
    server.stop().await;

    let silent = Node::start();
    let listen = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 0);
    let config = RpcConfig { listen, ..RpcConfig::default() };
    let server = RpcServer::start(config, silent.sequencer().clone(), None).await.unwrap();
    let answer = get(&server, "").await;
    assert_eq!(answer.status, 404);
    assert!(String::from_utf8(answer.body).unwrap().contains("--proofs off"));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_too_many_is_told_to_wait() {
    let node = Node::start_batching();
    batched(&node).await;
    prove(&node, &vec![7; LARGE]);
    // Of two that all have together one address has one.
    let server = serve(&node, 2).await;
    let mut slow = TcpStream::connect(server.local_addr()).await.unwrap();
    slow.write_all(b"GET /batches/1/proof HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut start = [0; 15];
    slow.read_exact(&mut start).await.unwrap();
    assert_eq!(&start, b"HTTP/1.1 200 OK");
    let refused = get(&server, "").await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, Some("5")));
    // Its head alone is no download.
    assert_eq!(ask(&server, "HEAD", "/batches/1/proof", "").await.status, 200);
    drop(slow);
    for _ in 0..500 {
        let answer = get(&server, "").await;
        if answer.status == 200 {
            assert_eq!(answer.body.len(), LARGE);
            server.stop().await;
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("a client that is gone keeps the place");
}
