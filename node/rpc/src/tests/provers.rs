//! Provers elsewhere, over real sockets. The test is the verifier.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use minster_batcher::{BatcherConfig, Batches, ProofRecord};
use minster_storage::{Storage, directory::Identity, testing::FaultyDisk};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinHandle,
};

use super::{batches::batched, harness::Node};
use crate::{ProverTokens, RpcConfig, RpcHandle, RpcServer};

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

const PROGRESS: &[u8] = br#"{"cycles":3,"cycles_total":4}"#;

async fn serve(node: &Node, tokens: &str) -> RpcHandle {
    let listen = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 0);
    let prover_tokens = ProverTokens::parse(tokens).unwrap();
    let config = RpcConfig { listen, prover_tokens, ..RpcConfig::default() };
    let batches = Some(node.batches().clone());
    RpcServer::start(config, node.sequencer().clone(), batches).await.unwrap()
}

/// A loan that nobody has.
const NO_LOAN: &str = "00000000000000000000000000000001";

/// Status and body of the answer to a request with a token. The path may end with `?` and the loan,
/// which is sent as a header.
async fn ask(
    server: &RpcHandle,
    token: &str,
    method: &str,
    path: &str,
    body: &[u8],
) -> (u16, Vec<u8>) {
    let (path, loan) = path.split_once('?').unwrap_or((path, NO_LOAN));
    let mut stream = TcpStream::connect(server.local_addr()).await.unwrap();
    let head = format!(
        "{method} /prover/{path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\
         Minster-Loan: {loan}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(&[head.as_bytes(), body].concat()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(answer[..end].to_vec()).unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), answer[end + 4..].to_vec())
}

async fn status(server: &RpcHandle, method: &str, path: &str, body: &[u8]) -> u16 {
    ask(server, TOKEN, method, path, body).await.0
}

/// Borrows the first batch as soon as it is lent. Returns its loan.
async fn borrow(server: &RpcHandle) -> String {
    for _ in 0..1_000 {
        let (code, loan) = ask(server, TOKEN, "POST", "loan", b"").await;
        if code == 200 {
            let loan: Value = serde_json::from_slice(&loan).unwrap();
            assert_eq!(loan["batch"], 1);
            return loan["loan"].as_str().unwrap().to_owned();
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it is lent no more");
}

/// Judges the next proof that is handed in.
fn judge(batches: &Batches) -> JoinHandle<u64> {
    let batches = batches.clone();
    tokio::task::spawn_blocking(move || {
        let submission = batches.next_submission(Duration::from_secs(10)).unwrap();
        let size = submission.draft.size();
        if size == 3 {
            batches.verified(submission.batch, submission.draft, &ProofRecord::default()).unwrap();
            submission.verdict.tell(Ok(()));
        } else {
            batches.refused(submission.batch, "it is a lie".into());
            submission.verdict.tell(Err("it is a lie".into()));
        }
        size
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_lent_proven_and_kept() {
    let node = Node::start_batching();
    let server = serve(&node, TOKEN).await;
    assert_eq!(status(&server, "POST", "loan", b"").await, 204);
    batched(&node).await;
    let (code, loan) = ask(&server, TOKEN, "POST", "loan", b"").await;
    let loan: Value = serde_json::from_slice(&loan).unwrap();
    assert_eq!((code, &loan["batch"]), (200, &Value::from(1)));
    assert_eq!(status(&server, "POST", "loan", b"").await, 204);
    let path = |what: &str| format!("batches/1/{what}?{}", loan["loan"].as_str().unwrap());
    let (code, input) = ask(&server, TOKEN, "GET", &path("input"), b"").await;
    assert_eq!((code, Some(input.len() as u64)), (200, loan["inputBytes"].as_u64()));
    assert_eq!(status(&server, "POST", &path("progress"), PROGRESS).await, 204);
    let batch = node.call("minster_getBatch", serde_json::json!([1])).await;
    assert_eq!(batch["proof"]["proving"]["cycles"], "0x3");
    let judged = judge(node.batches());
    assert_eq!(status(&server, "PUT", &path("proof"), b"yes").await, 204);
    assert_eq!(judged.await.unwrap(), 3);
    assert!(node.batches().is_proven(1));
    assert_eq!(status(&server, "PUT", &path("proof"), b"yes").await, 409);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prover_that_lies_or_leaves_costs_time_alone() {
    let node = Node::start_batching();
    let server = serve(&node, TOKEN).await;
    batched(&node).await;
    // It leaves.
    let loan = borrow(&server).await;
    assert_eq!(status(&server, "DELETE", &format!("batches/1/loan?{loan}"), b"").await, 204);
    assert_eq!(status(&server, "GET", &format!("batches/1/input?{loan}"), b"").await, 409);
    assert_eq!(status(&server, "POST", "loan", b"").await, 204, "not at once");
    // It breaks off while it hands the proof in.
    let loan = borrow(&server).await;
    let mut stream = TcpStream::connect(server.local_addr()).await.unwrap();
    let head = format!(
        "PUT /prover/batches/1/proof HTTP/1.1\r\nHost: localhost\r\n\
         Authorization: Bearer {TOKEN}\r\nMinster-Loan: {loan}\r\n\
         Content-Length: 1000\r\n\r\nonly so much"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    drop(stream);
    let path = format!("batches/1/proof?{}", borrow(&server).await);
    // It lies: somebody else has to prove the batch, the node itself for example.
    let judged = judge(node.batches());
    let (code, reason) = ask(&server, TOKEN, "PUT", &path, &[7; 100_000]).await;
    assert_eq!((code, reason.as_slice()), (422, b"it is a lie\n".as_slice()));
    assert_eq!(judged.await.unwrap(), 100_000);
    assert_eq!(status(&server, "POST", "loan", b"").await, 204);
    let job = node.batches().next_job(Duration::from_secs(1)).unwrap().unwrap();
    assert_eq!(job.batch, 1);
    server.stop().await;
}

/// Others with a token can neither end a loan nor speak for its borrower.
#[tokio::test(flavor = "multi_thread")]
async fn a_loan_is_its_borrowers_alone() {
    let node = Node::start_batching();
    let server = serve(&node, TOKEN).await;
    batched(&node).await;
    let loan = borrow(&server).await;
    let progress = br#"{"cycles":3,"cycles_total":4}"#.as_slice();
    let requests: [(_, _, &[u8]); 4] = [
        ("DELETE", "loan", b""),
        ("GET", "input", b""),
        ("POST", "progress", progress),
        ("PUT", "proof", b"yes"),
    ];
    for other in [NO_LOAN, "", "no-loan"] {
        for (method, what, body) in requests {
            let path = format!("batches/1/{what}?{other}");
            assert_eq!(status(&server, method, &path, body).await, 409, "{method} {path}");
        }
    }
    let path = format!("batches/1/progress?{loan}");
    assert_eq!(status(&server, "POST", &path, progress).await, 204);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_has_a_token_is_answered() {
    let node = Node::start_batching();
    batched(&node).await;
    let closed = serve(&node, "# nobody").await;
    assert_eq!(status(&closed, "POST", "loan", b"").await, 404);
    closed.stop().await;
    let server = serve(&node, TOKEN).await;
    for token in ["", "0", &TOKEN[1..], &TOKEN.to_uppercase()] {
        assert_eq!(ask(&server, token, "POST", "loan", b"").await.0, 401, "{token}");
    }
    let nonsense = [
        ("GET", "loan"),
        ("POST", "batches/01/progress"),
        ("PUT", "batches/1/input"),
        ("GET", "batches/x/input"),
        ("POST", ""),
    ];
    for (method, path) in nonsense {
        assert_eq!(status(&server, method, path, b"").await, 404, "{method} {path}");
    }
    assert_eq!(status(&server, "POST", "batches/1/progress", b"{}").await, 400);
    assert_eq!(status(&server, "POST", "batches/1/progress", &[b' '; 2_000]).await, 413);
    assert_eq!(status(&server, "POST", "batches/9/progress", PROGRESS).await, 409);
    server.stop().await;
}

/// Sends the head of an upload alone, and reads what the node says to that.
async fn announce(server: &RpcHandle, loan: &str, size: Option<u64>) -> (TcpStream, String) {
    let mut stream = TcpStream::connect(server.local_addr()).await.unwrap();
    let length = match size {
        Some(size) => format!("Content-Length: {size}"),
        None => "Transfer-Encoding: chunked".to_owned(),
    };
    let head = format!(
        "PUT /prover/batches/1/proof HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n\
         Authorization: Bearer {TOKEN}\r\nMinster-Loan: {loan}\r\n{length}\r\n\
         Connection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = vec![0; 1_000];
    let read = stream.read(&mut answer).await.unwrap();
    (stream, String::from_utf8(answer[..read].to_vec()).unwrap())
}

/// Nothing of a proof is sent: the node says from its size alone that it does not want it.
#[tokio::test(flavor = "multi_thread")]
async fn a_proof_that_has_no_room_is_refused_before_it_is_read() {
    let disk = FaultyDisk::new(1);
    let config = BatcherConfig { disk_free_min_bytes: 1_000, ..BatcherConfig::default() };
    let node = Node::start_batching_with(config, |genesis| {
        let genesis_hash = genesis.hash().0;
        let identity = Identity { chain_id: genesis.config.chain_id, genesis_hash };
        Storage::open_on(Arc::new(disk.clone()), &identity).unwrap()
    });
    let server = serve(&node, TOKEN).await;
    batched(&node).await;
    disk.say_free(1_099);
    let loan = borrow(&server).await;
    for (size, expected) in [(None, "411"), (Some(1 << 40), "413"), (Some(100), "507")] {
        let (_, answer) = announce(&server, &loan, size).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {expected} ")), "{answer}");
    }
    // The batch stays lent until it is given back. It is lent again then, but not at once.
    let path = |what: &str| format!("batches/1/{what}?{loan}");
    assert_eq!(status(&server, "POST", &path("progress"), PROGRESS).await, 204);
    assert_eq!(status(&server, "DELETE", &path("loan"), b"").await, 204);
    assert_eq!(status(&server, "POST", "loan", b"").await, 204);
    let loan = borrow(&server).await;
    // The proof may be brought again: one byte less has room, and is read.
    let (_, answer) = announce(&server, &loan, Some(100)).await;
    assert!(answer.starts_with("HTTP/1.1 507 "), "{answer}");
    let (mut stream, answer) = announce(&server, &loan, Some(99)).await;
    assert!(answer.starts_with("HTTP/1.1 100 "), "{answer}");
    let judged = judge(node.batches());
    stream.write_all(&[7; 99]).await.unwrap();
    assert_eq!(judged.await.unwrap(), 99);
    server.stop().await;
}
