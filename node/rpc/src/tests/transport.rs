//! The server over real sockets.

use std::{
    net::{Ipv4Addr, SocketAddr},
    num::NonZeroU32,
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::harness::{NOBODY, Node, read_answer, transfer};
use crate::{RpcConfig, RpcError, RpcHandle, RpcServer};

pub(super) fn config() -> RpcConfig {
    RpcConfig { listen: SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 0), ..RpcConfig::default() }
}

pub(super) async fn serve(node: &Node, config: RpcConfig) -> RpcHandle {
    RpcServer::start(config, node.sequencer().clone(), None).await.unwrap()
}

/// Head and body of the answer to one HTTP request.
pub(super) async fn post(server: &RpcHandle, headers: &str, body: &str) -> (String, String) {
    let mut stream = TcpStream::connect(server.local_addr()).await.unwrap();
    let length = body.len();
    let request = format!(
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{headers}\
         Connection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_lowercase(), body.to_owned())
}

async fn request(server: &RpcHandle, body: &str) -> Value {
    serde_json::from_str(&post(server, "", body).await.1).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_of_the_protocol_itself() {
    let node = Node::start();
    let server = serve(&node, config()).await;
    let cases = [
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"eth_nonsense","params":[]}"#,
            -32_601,
            "the method eth_nonsense does not exist/is not available",
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"eth_subscribe","params":["newHeads"]}"#,
            -32_601,
            "notifications not supported",
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"eth_getBalance","params":[]}"#,
            -32_602,
            "missing value for required argument 0",
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[1]}"#,
            -32_602,
            "too many arguments, want at most 0",
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"eth_getBalance","params":{"a":1}}"#,
            -32_602,
            "non-array args",
        ),
        ("{", -32_700, "parse error"),
        (r#"{"id":1}"#, -32_600, "invalid request"),
    ];
    for (body, code, message) in cases {
        let error = read_answer(request(&server, body).await).unwrap_err();
        assert_eq!((error.code, error.message.as_str()), (code, message), "{body}");
    }
    server.stop().await;
}

pub(super) fn entry(id: u64, method: &str, params: Value) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params})
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_keep_their_order_and_do_not_wait_for_each_other() {
    let node = Node::start();
    let server = serve(&node, RpcConfig { batch_max: 4, ..config() }).await;
    // The first can only run after the second.
    let batch = json!([
        entry(1, "eth_sendRawTransactionSync", json!([node.sign(transfer(1))])),
        entry(2, "eth_sendRawTransactionSync", json!([node.sign(transfer(0))])),
        entry(3, "eth_nonsense", json!([])),
        entry(4, "eth_chainId", json!([])),
    ]);
    let answers = request(&server, &batch.to_string()).await;
    assert_eq!(answers[0]["result"]["status"], "0x1", "{answers}");
    assert_eq!(answers[1]["result"]["status"], "0x1");
    assert_eq!(answers[2]["error"]["code"], -32_601);
    assert_eq!(answers[3]["result"], "0x539");
    let ids: Vec<_> = answers.as_array().unwrap().iter().map(|answer| &answer["id"]).collect();
    assert_eq!(ids, [1, 2, 3, 4]);
    // Too many: geth answers a list of one error, which names the first call.
    let chain_id = entry(7, "eth_chainId", json!([]));
    for (first, id) in [(json!(1), json!(7)), (entry(6, "net_version", json!([])), json!(6))] {
        let large = json!([first, chain_id, chain_id, chain_id, 5]).to_string();
        let refused = request(&server, &large).await;
        assert_eq!((refused.as_array().unwrap().len(), &refused[0]["id"]), (1, &id), "{refused}");
        assert_eq!(read_answer(refused[0].clone()).unwrap_err().code, -32_600);
    }
    assert_eq!(read_answer(request(&server, "[]").await).unwrap_err().code, -32_600);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn notifications_have_no_answer() {
    let node = Node::start();
    let server = serve(&node, config()).await;
    let notification = r#"{"jsonrpc":"2.0","method":"eth_chainId","params":[]}"#;
    // They are done all the same.
    let send = |nonce| {
        let params = json!([node.sign(transfer(nonce))]);
        json!({"jsonrpc": "2.0", "method": "eth_sendRawTransaction", "params": params}).to_string()
    };
    for body in [notification, &send(0), &format!("[{notification},{}]", send(1))] {
        let (head, answer) = post(&server, "", body).await;
        assert!(head.starts_with("http/1.1 200") && answer.is_empty(), "{head} {answer}");
    }
    let sender = node.signer.address();
    assert_eq!(node.call("eth_getTransactionCount", json!([sender, "pending"])).await, "0x2");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_has_so_many_requests_in_a_second() {
    let node = Node::start();
    let limited = RpcConfig { requests_per_second_max: NonZeroU32::new(3), ..config() };
    let server = serve(&node, limited).await;
    let call = |id| entry(id, "eth_chainId", json!([]));
    // The entries of a batch count, whatever connection they come by.
    request(&server, &call(1).to_string()).await;
    let answers = request(&server, &json!([call(2), call(3), call(4)]).to_string()).await;
    assert_eq!(answers[1]["result"], "0x539", "{answers}");
    let refused = read_answer(answers[2].clone()).unwrap_err();
    assert_eq!(refused.code, -32_005);
    let words = "more than 3 requests in a second from one address (requests_per_second_max)";
    assert_eq!(refused.message, words);
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    assert_eq!(request(&server, &call(5).to_string()).await["result"], "0x539");
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    // So does what is no request.
    let answers = request(&server, "[5,5,5,5]").await;
    let codes: Vec<_> = answers.as_array().unwrap().iter().map(|it| &it["error"]["code"]).collect();
    assert_eq!(codes, [-32_600, -32_600, -32_600, -32_005], "{answers}");
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    // And what is nothing at all.
    for _ in 0..3 {
        assert_eq!(post(&server, "", " \n").await.1, "");
    }
    let (_, refused) = post(&server, "", " \n").await;
    assert!(refused.contains("-32005"), "{refused}");
    server.stop().await;
}

/// Values of a request's members in a row are no request, though they could be read as one.
#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_no_request() {
    let node = Node::start();
    let server = serve(&node, config()).await;
    for entry in [json!(["2.0", 1, "eth_chainId", []]), json!([7])] {
        let answers = request(&server, &json!([entry]).to_string()).await;
        assert_eq!(answers[0]["error"]["code"], -32_600, "{answers}");
        assert_eq!(answers[0]["id"], Value::Null, "{answers}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_has_so_many_connections() {
    let node = Node::start();
    let server = serve(&node, RpcConfig { connections_per_address_max: 2, ..config() }).await;
    let idle = TcpStream::connect(server.local_addr()).await.unwrap();
    let other = TcpStream::connect(server.local_addr()).await.unwrap();
    // Both are accepted once a third one is refused.
    let mut third = TcpStream::connect(server.local_addr()).await.unwrap();
    // What it asks is not read, and the refusal comes all the same.
    third.write_all(b"POST / HTTP/1.1\r\nHost: localhost\r\n").await.unwrap();
    let mut refusal = String::new();
    third.read_to_string(&mut refusal).await.unwrap();
    assert!(refusal.starts_with("HTTP/1.1 503") && refusal.ends_with("connections\n"), "{refusal}");
    drop((idle, other));
    tokio::time::sleep(Duration::from_millis(200)).await;
    let body = entry(1, "eth_chainId", json!([])).to_string();
    assert_eq!(request(&server, &body).await["result"], "0x539");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_are_bounded_in_size_and_time() {
    let node = Node::start();
    let small = RpcConfig { body_bytes_max: 1_000, body_stall_ms: 100, ..config() };
    let server = serve(&node, small).await;
    let (head, body) = post(&server, "", &" ".repeat(1_001)).await;
    assert!(head.starts_with("http/1.1 413"), "{head}");
    let error = read_answer(serde_json::from_str(&body).unwrap()).unwrap_err();
    assert_eq!(error.code, -32_007);
    // A body that does not come.
    let mut stream = TcpStream::connect(server.local_addr()).await.unwrap();
    let head = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
                Content-Length: 100\r\n\r\n{";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    let read = tokio::time::timeout(Duration::from_secs(5), stream.read_exact(&mut answer));
    read.await.expect("the server waits for ever").unwrap();
    assert_eq!(&answer, b"HTTP/1.1 408");
    server.stop().await;
}

/// The answer to a request of these bytes.
async fn raw(server: &RpcHandle, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(server.local_addr()).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_refused_may_send_to_the_end_and_hears_why() {
    let node = Node::start();
    let server = serve(&node, RpcConfig { body_bytes_max: 1_000, ..config() }).await;
    let body = vec![b' '; 8 << 20];
    for (content_type, status) in [("application/json", "413"), ("text/plain", "415")] {
        let head = format!(
            "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: {content_type}\r\n\
             Content-Length: {}\r\n\r\n",
            body.len()
        );
        let answer = raw(&server, &[head.as_bytes(), &body].concat()).await.to_lowercase();
        assert!(answer.starts_with(&format!("http/1.1 {status}")), "{answer}");
        assert!(answer.contains("connection: close"), "{answer}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn methods_types_and_versions_of_http() {
    let node = Node::start();
    let server = serve(&node, config()).await;
    let ask = async |head: &str| {
        let request = format!("{head}\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        raw(&server, request.as_bytes()).await.to_lowercase()
    };
    for method in ["GET", "HEAD"] {
        let answer = ask(&format!("{method} / HTTP/1.1")).await;
        assert!(answer.starts_with("http/1.1 200") && answer.ends_with("\r\n\r\n"), "{answer}");
    }
    let answer = ask("DELETE / HTTP/1.1").await;
    assert!(answer.starts_with("http/1.1 405"), "{answer}");
    assert!(answer.contains("allow: get, head, post"), "{answer}");
    let upgrade = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, close\r\n\
                   Upgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
                   Sec-WebSocket-Version: 8\r\n\r\n";
    let answer = raw(&server, upgrade.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 426"), "{answer}");
    assert!(answer.contains("sec-websocket-version: 13"), "{answer}");
    for (content_type, status) in [
        ("application/json", 200),
        ("Application/JSON; charset=utf-8; x=y", 200),
        ("application/json-rpc", 200),
        ("text/plain", 415),
        ("application/jsonp", 415),
    ] {
        let head = format!("POST / HTTP/1.1\r\nContent-Type: {content_type}\r\nContent-Length: 0");
        let answer = ask(&head).await;
        assert!(answer.starts_with(&format!("http/1.1 {status}")), "{content_type}: {answer}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_origins_only_where_configured() {
    let node = Node::start();
    let body = r#"{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}"#;
    for cors in [false, true] {
        let server = serve(&node, RpcConfig { cors, ..config() }).await;
        let (head, body) = post(&server, "Origin: http://example.org\r\n", body).await;
        assert_eq!(head.contains("access-control-allow-origin: *"), cors, "{head}");
        assert!(body.contains("0x539"));
        server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_port_is_named() {
    let node = Node::start();
    let server = serve(&node, config()).await;
    let port = server.local_addr().port();
    let config = RpcConfig { listen: server.local_addr(), ..config() };
    let error = RpcServer::start(config, node.sequencer().clone(), None).await.unwrap_err();
    assert!(matches!(error, RpcError::PortInUse { .. }));
    let expected = format!("port {port} is already in use; choose another");
    assert_eq!(error.to_string(), expected);
    server.stop().await;
}

/// A WebSocket.
pub(super) async fn web_socket(server: &RpcHandle) -> TcpStream {
    let mut stream = TcpStream::connect(server.local_addr()).await.unwrap();
    let upgrade = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n\
                   Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    stream.write_all(upgrade.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    assert!(head.starts_with(b"HTTP/1.1 101"), "{head:?}");
    stream
}

/// The answer to one request over a WebSocket.
pub(super) async fn ask(stream: &mut TcpStream, request: Value) -> Value {
    ask_text(stream, &request.to_string()).await
}

/// The same of a message that may be none.
pub(super) async fn ask_text(stream: &mut TcpStream, request: &str) -> Value {
    // A masked text frame, with a mask of zeros.
    let [high, low] = u16::try_from(request.len()).unwrap().to_be_bytes();
    let frame = [&[0x81, 0x80 | 126, high, low, 0, 0, 0, 0], request.as_bytes()].concat();
    stream.write_all(&frame).await.unwrap();
    loop {
        let kind = stream.read_u8().await.unwrap();
        let length = match stream.read_u8().await.unwrap() {
            126 => stream.read_u16().await.unwrap(),
            length => u16::from(length),
        };
        let mut answer = vec![0; usize::from(length)];
        stream.read_exact(&mut answer).await.unwrap();
        // Pings come between the answers.
        if kind == 0x81 {
            return serde_json::from_slice(&answer).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_ends_subscriptions() {
    let node = Node::start();
    let server = serve(&node, config()).await;
    let mut stream = web_socket(&server).await;
    ask(&mut stream, entry(1, "eth_subscribe", json!(["newHeads"]))).await;
    let started = std::time::Instant::now();
    server.stop().await;
    assert!(started.elapsed() < Duration::from_secs(4), "{:?}", started.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_has_so_many_subscriptions() {
    let node = Node::start();
    let limited = RpcConfig { subscriptions_per_connection_max: 1, ..config() };
    let server = serve(&node, limited).await;
    let mut stream = web_socket(&server).await;
    let subscribe = |id| entry(id, "eth_subscribe", json!(["newHeads"]));
    let first = ask(&mut stream, subscribe(1)).await;
    assert!(first["result"].is_string(), "{first}");
    let second = read_answer(ask(&mut stream, subscribe(2)).await).unwrap_err();
    assert_eq!(second.code, -32_006, "{second:?}");
    let unsubscribe = entry(3, "eth_unsubscribe", json!([first["result"]]));
    assert_eq!(ask(&mut stream, unsubscribe).await["result"], true);
    // The place is free once the subscription has heard that it ended.
    for _ in 0..100 {
        if ask(&mut stream, subscribe(4)).await["result"].is_string() {
            return server.stop().await;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the place was not given back");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_web_socket_counts_as_long_as_it_is_open() {
    let node = Node::start();
    let limited = RpcConfig {
        connections_per_address_max: 1,
        requests_per_second_max: NonZeroU32::new(2),
        ..config()
    };
    let server = serve(&node, limited).await;
    let mut stream = web_socket(&server).await;
    let call = |id| entry(id, "eth_chainId", json!([]));
    assert_eq!(ask(&mut stream, call(1)).await["result"], "0x539");
    assert_eq!(ask(&mut stream, call(2)).await["result"], "0x539");
    assert_eq!(ask(&mut stream, call(3)).await["error"]["code"], -32_005);
    let mut other = TcpStream::connect(server.local_addr()).await.unwrap();
    let mut refusal = String::new();
    other.read_to_string(&mut refusal).await.unwrap();
    assert!(refusal.starts_with("HTTP/1.1 503"), "{refusal}");
    drop(stream);
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let mut other = TcpStream::connect(server.local_addr()).await.unwrap();
        let mut byte = [0];
        let refused = tokio::time::timeout(Duration::from_millis(50), other.read(&mut byte)).await;
        if refused.is_err() {
            // Accepted: the server waits for a request.
            server.stop().await;
            return;
        }
    }
    panic!("the place is never free again");
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_wait_are_bounded_together() {
    let node = Node::start();
    let server = serve(&node, RpcConfig { unsent_bytes_max: 1_000, ..config() }).await;
    let to = NOBODY.to_string();
    // Answers with 20,000 bytes of zeros.
    let code = json!({&to: {"code": "0x614e206000f3"}});
    let call = entry(1, "eth_call", json!([{"to": to}, "latest", code]));
    let refused = read_answer(request(&server, &call.to_string()).await).unwrap_err();
    assert_eq!(refused.code, -32_005);
    assert!(refused.message.contains("unsent_bytes_max"), "{refused:?}");
    let batch = json!([call, call]).to_string();
    for answer in request(&server, &batch).await.as_array().unwrap() {
        assert_eq!(read_answer(answer.clone()).unwrap_err().code, -32_005);
    }
    let small = entry(2, "eth_chainId", json!([])).to_string();
    assert_eq!(request(&server, &small).await["result"], "0x539");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_wait_are_bounded_together() {
    let node = Node::start();
    let server = serve(&node, RpcConfig { requests_bytes_max: 1_000, ..config() }).await;
    let spaces = " ".repeat(20_000);
    let large = format!("{{{spaces}\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_chainId\"}}");
    let (head, body) = post(&server, "", &large).await;
    assert!(head.starts_with("http/1.1 503"), "{head}");
    let refused = read_answer(serde_json::from_str(&body).unwrap()).unwrap_err();
    assert_eq!(refused.code, -32_005);
    assert!(refused.message.contains("requests_bytes_max"), "{refused:?}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_bounded_in_size() {
    let node = Node::start();
    let server = serve(&node, RpcConfig { response_bytes_max: 1_000, ..config() }).await;
    let block = entry(1, "eth_getBlockByNumber", json!(["latest", false])).to_string();
    let error = read_answer(request(&server, &block).await).unwrap_err();
    assert_eq!(error.code, -32_008, "{error:?}");
    let blocks = json!([serde_json::from_str::<Value>(&block).unwrap()]).to_string();
    assert_eq!(request(&server, &blocks).await[0]["error"]["code"], -32_008);
    // Of a batch those are answered for which there is room.
    let mut many = vec![entry(3, "eth_chainId", json!([])); 100];
    many[1] = json!({"jsonrpc": "2.0", "method": "net_version"});
    many[2] = entry(2, "eth_call", json!([{"to": NOBODY}]));
    many[99] = entry(99, "eth_chainId", json!([]));
    let answers = request(&server, &json!(many).to_string()).await;
    let answers = answers.as_array().unwrap();
    assert_eq!((answers.len(), &answers[98]["id"]), (99, &json!(99)));
    let refused: Vec<_> = answers.iter().filter(|it| it["error"]["code"] == -32_003).collect();
    assert!(answers[0]["result"] == "0x539" && refused.len() > 50, "{answers:?}");
    assert!(answers.iter().all(|it| it["result"].is_string() || it["error"]["code"] == -32_003));
    let small = entry(2, "eth_chainId", json!([])).to_string();
    assert_eq!(request(&server, &small).await["result"], "0x539");
    server.stop().await;
}
