//! Every method with random parameters, well typed and not: never a panic, never a hang, always
//! the envelope of JSON-RPC.

use std::time::Duration;

use alloy_primitives::{Address, B256, Bytes, U256};
use serde_json::{Map, Value, json};

use super::{
    harness::{LOGGER_ADDRESS, NOBODY, Node, REVERTER_ADDRESS, contract_call, creation, transfer},
    transport::{post, serve},
};
use crate::RpcConfig;

/// Requests of one method.
const REQUESTS: usize = 40;

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    fn bytes(&mut self, max: usize) -> Bytes {
        let length = self.below(max + 1);
        (0..length).map(|_| self.next().to_le_bytes()[0]).collect::<Vec<u8>>().into()
    }
}

/// What exists on the chain that is asked, beside what does not.
struct World {
    addresses: Vec<Address>,
    hashes: Vec<Value>,
    raw: Vec<Bytes>,
}

struct Fuzzer {
    random: Random,
    world: World,
}

/// Makes a value of one kind.
type Make = fn(&mut Fuzzer) -> Value;

const NUMBERS: [&str; 12] = [
    "0x0",
    "0x1",
    "0x2",
    "0x5208",
    "0xffff",
    "0xffffffffffffffff",
    "0x10000000000000000",
    "0x",
    "0x00",
    "1",
    "-0x1",
    "0xzz",
];

const BLOCKS: [&str; 9] =
    ["latest", "pending", "safe", "finalized", "earliest", "0x0", "0x1", "0x63", "soon"];

impl Fuzzer {
    fn number(&mut self) -> Value {
        match self.random.below(4) {
            0 => json!(self.random.next()),
            1 => json!(format!("{:#x}", self.random.next() >> self.random.below(64))),
            _ => json!(self.random.pick(&NUMBERS)),
        }
    }

    fn address(&mut self) -> Value {
        json!(self.random.pick(&self.world.addresses))
    }

    fn hash(&mut self) -> Value {
        self.random.pick(&self.world.hashes).clone()
    }

    fn block(&mut self) -> Value {
        match self.random.below(6) {
            0 => json!({"blockHash": self.hash()}),
            1 => json!({"blockNumber": self.number()}),
            2 => self.hash(),
            3 => self.number(),
            _ => json!(self.random.pick(&BLOCKS)),
        }
    }

    /// Some of these fields, each with its own kind of value.
    fn object(&mut self, fields: &[(&str, Make)]) -> Value {
        let mut object = Map::new();
        for (name, make) in fields {
            match self.random.below(4) {
                0 | 1 => drop(object.insert((*name).to_owned(), make(self))),
                2 if self.random.below(8) == 0 => {
                    drop(object.insert((*name).to_owned(), self.anything(2)));
                }
                _ => {}
            }
        }
        Value::Object(object)
    }

    fn code(&mut self) -> Value {
        // Instructions that go on for a while, and random ones.
        match self.random.below(3) {
            0 => json!("0x5b600056"),
            1 => json!("0x5b3060006000600060006000305af1600056"),
            _ => json!(self.random.bytes(40)),
        }
    }

    fn call(&mut self) -> Value {
        self.object(&[
            ("from", Self::address),
            ("to", Self::address),
            ("gas", Self::number),
            ("gasPrice", Self::number),
            ("maxFeePerGas", Self::number),
            ("maxPriorityFeePerGas", Self::number),
            ("value", Self::number),
            ("nonce", Self::number),
            ("input", Self::code),
            ("data", Self::code),
            (
                "accessList",
                |fuzzer| json!([{"address": fuzzer.address(), "storageKeys": [fuzzer.hash()]}]),
            ),
        ])
    }

    fn state_overrides(&mut self) -> Value {
        let address = self.address();
        let account = self.object(&[
            ("balance", Self::number),
            ("nonce", Self::number),
            ("code", Self::code),
            ("stateDiff", |fuzzer| json!({B256::ZERO.to_string(): fuzzer.hash()})),
            ("state", |_| json!({})),
        ]);
        json!({address.as_str().unwrap(): account})
    }

    fn block_overrides(&mut self) -> Value {
        self.object(&[
            ("number", Self::number),
            ("time", Self::number),
            ("gasLimit", Self::number),
            ("baseFeePerGas", Self::number),
            ("feeRecipient", Self::address),
            ("prevRandao", Self::hash),
        ])
    }

    fn tracing(&mut self) -> Value {
        let tracers = ["callTracer", "prestateTracer", "4byteTracer", "flatCallTracer", "x", ""];
        let mut options = self.object(&[
            ("tracerConfig", |fuzzer| {
                let flag = fuzzer.random.below(2) == 0;
                json!({"onlyTopCall": flag, "withLog": flag, "diffMode": flag})
            }),
            ("enableMemory", |_| json!(true)),
            ("disableStack", |_| json!(true)),
            ("limit", |fuzzer| json!(fuzzer.random.below(100))),
            ("timeout", |fuzzer| json!(fuzzer.random.pick(&["1s", "5ms", "x"]))),
            ("stateOverrides", Self::state_overrides),
            ("blockOverrides", Self::block_overrides),
            ("txIndex", Self::number),
        ]);
        if self.random.below(2) == 0 {
            options["tracer"] = json!(self.random.pick(&tracers));
        }
        options
    }

    fn simulation(&mut self) -> Value {
        let blocks: Vec<Value> = (0..self.random.below(4))
            .map(|_| {
                self.object(&[
                    ("blockOverrides", Self::block_overrides),
                    ("stateOverrides", Self::state_overrides),
                    ("calls", |fuzzer| json!([fuzzer.call(), fuzzer.call()])),
                ])
            })
            .collect();
        let flag = self.random.below(2) == 0;
        json!({"blockStateCalls": blocks, "validation": flag, "traceTransfers": !flag})
    }

    fn filter(&mut self) -> Value {
        self.object(&[
            ("fromBlock", Self::block),
            ("toBlock", Self::block),
            ("blockHash", Self::hash),
            ("address", Self::address),
            ("topics", |fuzzer| json!([null, [fuzzer.hash()], fuzzer.hash()])),
        ])
    }

    /// Any JSON.
    fn anything(&mut self, depth: usize) -> Value {
        match self.random.below(if depth == 0 { 6 } else { 8 }) {
            0 => Value::Null,
            1 => json!(self.random.below(2) == 0),
            2 => self.number(),
            3 => json!(f64::from_bits(self.random.next())),
            4 => json!(self.random.bytes(40)),
            5 => json!(String::from_utf8_lossy(&self.random.bytes(20))),
            6 => (0..self.random.below(4)).map(|_| self.anything(depth - 1)).collect(),
            _ => {
                let name = String::from_utf8_lossy(&self.random.bytes(5)).into_owned();
                json!({name: self.anything(depth - 1)})
            }
        }
    }

    fn parameter(&mut self) -> Value {
        match self.random.below(14) {
            0 | 1 => self.block(),
            2 => self.address(),
            3 => self.hash(),
            4 => self.number(),
            5 => self.call(),
            6 => self.state_overrides(),
            7 => self.block_overrides(),
            8 => self.tracing(),
            9 => self.simulation(),
            10 => self.filter(),
            11 => json!(self.random.pick(&self.world.raw)),
            12 => json!([self.number(), self.hash()]),
            _ => self.anything(3),
        }
    }

    /// Parameters that fit the method more often than chance would have it.
    fn parameters(&mut self, method: &str) -> Value {
        let fitting: &[Make] = match method {
            "eth_call" | "eth_estimateGas" | "eth_createAccessList" => {
                &[Self::call, Self::block, Self::state_overrides, Self::block_overrides]
            }
            "eth_simulateV1" => &[Self::simulation, Self::block],
            "debug_traceCall" => &[Self::call, Self::block, Self::tracing],
            "debug_traceTransaction" | "debug_traceBlockByHash" => &[Self::hash, Self::tracing],
            "debug_traceBlockByNumber" => &[Self::block, Self::tracing],
            "eth_getProof" => &[Self::address, |fuzzer| json!([fuzzer.hash()]), Self::block],
            "eth_getLogs" | "eth_newFilter" => &[Self::filter],
            "eth_feeHistory" => &[Self::number, Self::block, |_| json!([10, 50.5])],
            _ => &[],
        };
        if !fitting.is_empty() && self.random.below(4) > 0 {
            let count = 1 + self.random.below(fitting.len());
            return fitting[..count].iter().map(|make| make(self)).collect();
        }
        match self.random.below(10) {
            0 => self.anything(3),
            _ => (0..self.random.below(5)).map(|_| self.parameter()).collect(),
        }
    }
}

/// The envelope, and no error that is a bug of the node.
fn check_envelope(answer: &str, asked: &str) {
    let answer: Value = serde_json::from_str(answer).unwrap_or_else(|error| {
        // Deep traces are nested deeper than this reader goes.
        assert!(error.to_string().contains("recursion limit"), "{error} in {answer}");
        json!({"jsonrpc": "2.0", "id": 7, "result": null})
    });
    assert_eq!((&answer["jsonrpc"], &answer["id"]), (&json!("2.0"), &json!(7)), "{asked}");
    match (answer.get("result"), answer.get("error")) {
        (Some(_), None) => {}
        (None, Some(error)) => {
            assert!(error["message"].is_string(), "{asked}: {answer}");
            let code = error["code"].as_i64().unwrap_or_else(|| panic!("{asked}: {answer}"));
            assert_ne!(code, -32_603, "{asked}: {answer}");
        }
        _ => panic!("{asked}: {answer}"),
    }
}

async fn fuzzer(node: &Node, seed: u64) -> Fuzzer {
    let mut hashes = Vec::new();
    for tx in [transfer(0), contract_call(1, LOGGER_ADDRESS), creation(2)] {
        let receipt = node.send(tx).await;
        hashes.extend([receipt["transactionHash"].clone(), receipt["blockHash"].clone()]);
    }
    node.sealed(1).await;
    hashes.push(node.call("eth_getBlockByNumber", json!(["0x1", false])).await["hash"].clone());
    hashes.extend([json!(B256::ZERO), json!(B256::from(U256::from(1)))]);
    let addresses = vec![NOBODY, LOGGER_ADDRESS, REVERTER_ADDRESS, node.signer.address()];
    let raw = vec![node.sign(transfer(3)), node.sign(transfer(9)), Bytes::from_static(b"\x02\xc0")];
    Fuzzer { random: Random(seed), world: World { addresses, hashes, raw } }
}

fn config() -> RpcConfig {
    RpcConfig {
        send_sync_timeout_ms: 50,
        send_sync_timeout_ms_max: 50,
        trace_bytes_max: 4 << 20,
        ..RpcConfig::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn random_parameters_of_every_method() {
    let seed = std::env::var("MINSTER_SEED").map_or(1, |seed| seed.parse().unwrap());
    println!("MINSTER_SEED={seed}");
    let node = Node::start_development_with(config());
    let mut fuzzer = fuzzer(&node, seed).await;
    let mut names: Vec<_> = node.module.method_names().collect();
    names.sort_unstable();
    for name in names {
        for _ in 0..REQUESTS {
            let params = fuzzer.parameters(name);
            let asked = format!("{name} {params}");
            let request = json!({"jsonrpc": "2.0", "id": 7, "method": name, "params": params});
            let request = request.to_string();
            let answer = node.module.raw_json_request(&request, 1);
            let answer = tokio::time::timeout(Duration::from_secs(30), answer).await;
            let Ok(answer) = answer else { panic!("no answer to {asked}") };
            match answer {
                Ok((answer, _)) => check_envelope(answer.get(), &asked),
                // Parameters that are neither a list nor an object make no request.
                Err(error) => {
                    assert!(!params.is_array() && !params.is_object(), "{asked}: {error}")
                }
            }
        }
    }
    // The chain goes on.
    let height = node.call("eth_blockNumber", json!([])).await;
    node.call("evm_mine", json!([])).await;
    assert_ne!(node.call("eth_blockNumber", json!([])).await, height);
}

#[tokio::test(flavor = "multi_thread")]
async fn random_bytes_and_nesting_over_http() {
    let node = Node::start();
    let server = serve(&node, RpcConfig { listen: ([127, 0, 0, 1], 0).into(), ..config() }).await;
    let deep = |open: &str, close: &str| open.repeat(100_000) + &close.repeat(100_000);
    let (lists, objects) = (deep("[", "]"), deep("{\"a\":", "}").replace(":}", ":1}"));
    let mut bodies = vec![lists.clone(), objects.clone()];
    for method in ["eth_call", "eth_getLogs", "eth_simulateV1", "debug_traceCall", "eth_chainId"] {
        for nested in [&lists, &objects] {
            for params in [nested.clone(), format!("[{nested}]"), format!("[{{\"to\":{nested}}}]")]
            {
                bodies.push(format!(
                    r#"{{"jsonrpc":"2.0","id":7,"method":"{method}","params":{params}}}"#
                ));
            }
        }
    }
    let mut random = Random(5);
    let good = r#"[{"jsonrpc":"2.0","id":7,"method":"eth_getBalance","params":["0x1","latest"]}]"#;
    for _ in 0..300 {
        let mut body = good.as_bytes().to_vec();
        for _ in 0..=random.below(4) {
            let place = random.below(body.len());
            match random.below(3) {
                0 => body[place] = random.next().to_le_bytes()[0],
                1 => drop(body.remove(place)),
                _ => body.insert(place, *random.pick(b"[]{}\",:0e-")),
            }
        }
        bodies.push(String::from_utf8_lossy(&body).into_owned());
    }
    for body in bodies {
        let answer = tokio::time::timeout(Duration::from_secs(20), post(&server, "", &body));
        let (head, answer) = answer.await.unwrap_or_else(|_| panic!("no answer to {body:.200}"));
        assert!(head.starts_with("http/1.1 200") || head.starts_with("http/1.1 400"), "{head}");
        if !answer.is_empty() {
            let answer: Value = serde_json::from_str(&answer).unwrap();
            let first = if answer.is_array() { &answer[0] } else { &answer };
            assert_eq!(first["jsonrpc"], "2.0", "{body:.200}: {answer}");
            assert_ne!(first["error"]["code"], -32_603, "{body:.200}: {answer}");
        }
    }
    server.stop().await;
}
