//! A node in memory that answers requests over a real connection.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    sync::Mutex,
};

use minster_params::Genesis;
use minster_rpc::{RpcConfig, RpcHandle, RpcServer};
use minster_sequencer::{Running, StartConfig};
use serde_json::{Value, value::RawValue};
use tokio::runtime::Runtime;

/// JSON-RPC 2.0, clause 5.1.
const PARSE_ERROR: i64 = -32_700;
const INVALID_REQUEST: i64 = -32_600;

/// What means something in a request, or nearly does.
pub(crate) const TOKENS: [&str; 44] = [
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "null",
    "true",
    "\"id\":1",
    "\"params\":[]",
    "\"jsonrpc\":\"2.0\"",
    "\"0x\"",
    "\"0x0\"",
    "\"0xffffffffffffffff\"",
    "\"0x10000000000000000\"",
    "\"latest\"",
    "\"pending\"",
    "\"earliest\"",
    "\"finalized\"",
    "\"blockHash\":",
    "\"fromBlock\":",
    "\"toBlock\":",
    "\"topics\":",
    "\"address\":",
    "\"from\":",
    "\"to\":",
    "\"gas\":",
    "\"value\":",
    "\"input\":",
    "\"accessList\":",
    "\"authorizationList\":",
    "\"stateDiff\":",
    "\"blockOverrides\":",
    "\"stateOverrides\":",
    "\"blockStateCalls\":",
    "\"tracer\":",
    "\"callTracer\"",
    "\"prestateTracer\"",
    "\"flatCallTracer\"",
    "\"muxTracer\"",
    "\"eth_call\"",
    "\"eth_getLogs\"",
    "\"debug_traceCall\"",
    "1e999",
];

/// Requests with parameters of each form that methods take, one in a line.
const REQUESTS: &str = include_str!("rpc/requests.jsonl");

/// Bodies that are requests.
pub(crate) fn examples() -> Vec<Vec<u8>> {
    let requests: Vec<&str> = REQUESTS.lines().collect();
    let notification = r#"{"jsonrpc":"2.0","method":"eth_chainId"}"#;
    let batch = format!("[{},{notification}]", requests[..3].join(","));
    requests.into_iter().chain([batch.as_str()]).map(|body| body.as_bytes().to_vec()).collect()
}

/// The node, and a connection to it.
#[derive(Debug)]
pub struct Node {
    /// `None` when the node has closed it, as it may after what is no request.
    connection: Mutex<Option<BufReader<TcpStream>>>,
    server: RpcHandle,
    _running: Running,
    _runtime: Runtime,
}

impl Node {
    /// Starts one that gives no request much time or room.
    ///
    /// # Panics
    /// When it does not start.
    pub(crate) fn start(genesis: &Genesis) -> Self {
        let runtime = Runtime::new().expect("threads");
        let running = Running::start(genesis, StartConfig::default()).expect("a start");
        let config = RpcConfig {
            listen: ([127, 0, 0, 1], 0).into(),
            call_gas_max: 1_000_000,
            call_timeout_ms: 1_000,
            send_sync_timeout_ms_max: 1,
            send_sync_timeout_ms: 1,
            trace_bytes_max: 1 << 20,
            ..RpcConfig::default()
        };
        let start = RpcServer::start(config, running.handle().clone(), None);
        let server = runtime.block_on(start).expect("a server");
        Self { connection: Mutex::default(), server, _running: running, _runtime: runtime }
    }

    /// Sends a body. Whether any of it is taken for a request.
    ///
    /// # Panics
    /// When the answer is none of JSON-RPC.
    pub(crate) fn check(&self, body: &[u8]) -> bool {
        let mut connection = self.connection.lock().expect("nobody panicked");
        let mut stream = connection.take().unwrap_or_else(|| {
            BufReader::new(TcpStream::connect(self.server.local_addr()).expect("a connection"))
        });
        let (answer, stays) = exchange(&mut stream, body).expect("an answer");
        *connection = stays.then_some(stream);
        drop(connection);
        // Nothing is answered to notifications alone.
        if answer.is_empty() {
            return true;
        }
        if answer.starts_with(b"[") {
            let answers: Vec<Answer<'_>> = serde_json::from_slice(&answer).expect("answers");
            assert!(!answers.is_empty(), "an answer of no answers");
            answers.iter().map(was_request).fold(false, |any, was_request| any | was_request)
        } else {
            was_request(&serde_json::from_slice(&answer).expect("an answer in JSON"))
        }
    }
}

/// The members of an answer as they are written: an id is repeated, be it a number that no type
/// holds.
type Answer<'a> = BTreeMap<String, &'a RawValue>;

/// Whether it answers a request, and does not only say that there was none.
fn was_request(answer: &Answer<'_>) -> bool {
    let has = |name: &str| answer.contains_key(name);
    let version = answer.get("jsonrpc").map(|version| version.get());
    assert!(version == Some("\"2.0\"") && has("id"), "no envelope: {answer:?}");
    assert!(has("result") != has("error"), "neither result nor error, or both: {answer:?}");
    let Some(error) = answer.get("error") else { return true };
    let error: Value = serde_json::from_str(error.get()).expect("an error in JSON");
    assert!(error["code"].is_i64() && error["message"].is_string(), "no error: {error}");
    ![PARSE_ERROR, INVALID_REQUEST].map(Value::from).contains(&error["code"])
}

/// The body of the answer, and whether the connection stays.
fn exchange(stream: &mut BufReader<TcpStream>, body: &[u8]) -> std::io::Result<(Vec<u8>, bool)> {
    let head = format!(
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n",
        body.len()
    );
    let request = [head.as_bytes(), body].concat();
    stream.get_mut().write_all(&request)?;
    let (mut length, mut stays, mut line) = (0, true, String::new());
    loop {
        line.clear();
        if stream.read_line(&mut line)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let header = line.trim_end().to_ascii_lowercase();
        match header.split_once(": ") {
            None if header.is_empty() => break,
            Some(("content-length", value)) => length = value.parse().expect("a length"),
            Some(("connection", value)) => stays = value != "close",
            _ => {}
        }
    }
    let mut answer = vec![0; length];
    stream.read_exact(&mut answer)?;
    Ok((answer, stays))
}
