//! A chain in memory behind a server, somebody who uses it, and the memory that the process takes.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use minster_params::{ChainConfig, Genesis};
use minster_rpc::{RpcConfig, RpcHandle, RpcServer};
use minster_sequencer::{Running, StartConfig};
use serde_json::{Value, json};
use tokio::{
    net::TcpStream,
    sync::{Mutex, MutexGuard},
    task::JoinHandle,
};

use crate::client::post;

/// One at a time, so that the memory is that of one.
static ALONE: Mutex<()> = Mutex::const_new(());

/// The longest that somebody else waits for an answer.
const WAIT_MAX: Duration = Duration::from_secs(3);

pub(crate) fn config() -> RpcConfig {
    RpcConfig { listen: SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 0), ..RpcConfig::default() }
}

/// A node under attack.
pub(crate) struct Node {
    running: Running,
    server: RpcHandle,
    bystander: JoinHandle<u32>,
    is_over: Arc<AtomicBool>,
    rss_before: u64,
    _alone: MutexGuard<'static, ()>,
}

impl Node {
    pub(crate) async fn start(config: RpcConfig) -> Self {
        let alone = ALONE.lock().await;
        let genesis = Genesis {
            config: ChainConfig::new(1_337),
            timestamp: 1_700_000_000,
            accounts: BTreeMap::new(),
        };
        let running = Running::start(&genesis, StartConfig::default()).unwrap();
        let server = RpcServer::start(config, running.handle().clone(), None).await.unwrap();
        let is_over = Arc::new(AtomicBool::new(false));
        let bystander = tokio::spawn(use_it(server.local_addr(), Arc::clone(&is_over)));
        // From now on the peak is this test's.
        std::fs::write("/proc/self/clear_refs", "5").unwrap();
        let rss_before = status("VmRSS");
        Self { running, server, bystander, is_over, rss_before, _alone: alone }
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.server.local_addr()
    }

    /// Ends the test: others were answered all the time, and the process never took so many MiB
    /// more than before. Tells how many.
    pub(crate) async fn survived(self, mib_max: u64) -> u64 {
        let grown = status("VmHWM").saturating_sub(self.rss_before) / 1_024;
        assert!(grown < mib_max, "{grown} MiB");
        self.is_over.store(true, Ordering::Release);
        let count = self.bystander.await.expect("somebody else was not answered");
        assert!(count > 0, "nobody else asked");
        self.server.stop().await;
        tokio::task::spawn_blocking(|| self.running.stop().unwrap()).await.unwrap();
        grown
    }
}

/// Asks for small things until it is over, and wants each soon.
async fn use_it(address: SocketAddr, is_over: Arc<AtomicBool>) -> u32 {
    let mut count = 0;
    while !is_over.load(Ordering::Acquire) {
        let asked = Instant::now();
        for (method, params) in [
            ("eth_blockNumber", json!([])),
            ("eth_call", json!([{"to": "0x0000000000000000000000000000000000000004"}, "latest"])),
        ] {
            let stream = TcpStream::connect(address).await.unwrap();
            let body = request(method, params);
            let answer = tokio::time::timeout(WAIT_MAX, post(stream, &body));
            let answer: Value = serde_json::from_str(&answer.await.unwrap()).unwrap();
            assert!(answer["result"].is_string(), "{answer}");
        }
        assert!(asked.elapsed() < WAIT_MAX, "{:?}", asked.elapsed());
        count += 1;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    count
}

/// A line of the process's status, in KiB.
fn status(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim_matches([':', ' ', '\t', 'k', 'B']).parse().unwrap()
}

pub(crate) fn request(method: &str, params: Value) -> String {
    json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).to_string()
}

/// A call that answers with so many bytes of zeros, twice as many digits.
pub(crate) fn zeros(bytes: u32) -> String {
    let to = "0x00000000000000000000000000000000000000aa";
    let code = format!("0x63{bytes:08x}6000f3");
    request("eth_call", json!([{"to": to}, "latest", {to: {"code": code}}]))
}
