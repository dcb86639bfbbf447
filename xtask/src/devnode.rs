//! A `minster dev` of our own, or another development node: started on a free port and an empty
//! folder, asked until it answers, killed on drop.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use eyre::{OptionExt, Result, bail, ensure};
use serde_json::{Value, json};

use crate::process::Daemon;
use crate::test::target;

const READY_LIMIT: Duration = Duration::from_secs(30);
const STOP_LIMIT: Duration = Duration::from_secs(60);
const CALL_LIMIT: Duration = Duration::from_secs(10);

/// A running node.
pub struct DevNode {
    // Fields are dropped in order: the process ends before its folder does.
    daemon: Daemon,
    folder: Option<Folder>,
    port: u16,
    /// From the start of the process to its first answer.
    pub ready_after: Duration,
}

impl DevNode {
    /// Starts the binary and waits until it answers. It does not prove: proofs would take the cores
    /// that are measured or tested.
    pub fn start(binary: &Path, log: &Path) -> Result<Self> {
        Self::start_with(binary, log, &["--proofs", "off"])
    }

    /// The same with other arguments.
    pub fn start_with(binary: &Path, log: &Path, arguments: &[&str]) -> Result<Self> {
        ensure!(binary.exists(), "there is no {}", binary.display());
        Self::start_again(binary, log, arguments, Folder::new()?)
    }

    /// The same on what another one left.
    pub fn start_again(
        binary: &Path,
        log: &Path,
        arguments: &[&str],
        folder: Folder,
    ) -> Result<Self> {
        let mut command = Command::new(binary);
        command.arg("dev").args(arguments).arg("--dir").arg(&folder.0);
        Self::serve(command, free_port()?, log, Some(folder))
    }

    /// Starts anvil, which has everything in memory.
    pub fn start_anvil(binary: &Path, log: &Path, arguments: &[&str]) -> Result<Self> {
        let mut command = Command::new(binary);
        command.args(arguments);
        Self::serve(command, free_port()?, log, None)
    }

    fn serve(mut command: Command, port: u16, log: &Path, folder: Option<Folder>) -> Result<Self> {
        command.args(["--port", &port.to_string()]);
        let start = Instant::now();
        let mut daemon = Daemon::start(&mut command, log)?;
        while call_port(port, "eth_chainId", &json!([])).is_err() {
            if let Some(status) = daemon.ended() {
                bail!("it ended before it answered: {status}");
            }
            ensure!(start.elapsed() < READY_LIMIT, "no answer in {} s", READY_LIMIT.as_secs());
            thread::sleep(Duration::from_millis(1));
        }
        Ok(Self { daemon, folder, port, ready_after: start.elapsed() })
    }

    /// Kills it. Returns what it leaves.
    pub fn kill(self) -> Result<Folder> {
        self.folder.ok_or_eyre("it has no folder")
    }

    /// Asks it to end, and waits until it has. Returns what it leaves, and how long it took.
    pub fn stop(mut self) -> Result<(Folder, Duration)> {
        let start = Instant::now();
        self.daemon.terminate()?;
        while self.daemon.ended().is_none() {
            ensure!(start.elapsed() < STOP_LIMIT, "no end in {} s", STOP_LIMIT.as_secs());
            thread::sleep(Duration::from_millis(1));
        }
        let took = start.elapsed();
        Ok((self.kill()?, took))
    }

    /// Where it answers.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.daemon.pid()
    }

    /// One JSON-RPC call.
    pub fn call(&self, method: &str, parameters: &Value) -> Result<Value> {
        call_port(self.port, method, parameters)
    }
}

/// An empty folder that is removed on drop. It is beside what is built: the system's temporary
/// folder may be in memory, where a sync costs nothing.
pub struct Folder(PathBuf);

impl Folder {
    fn new() -> Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("minster-dev-{}-{count}", std::process::id());
        let path = target().join(name);
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A folder left behind beside what is built harms nobody.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A port that nobody listens on; it is free again when this returns.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// JSON-RPC over HTTP, as far as a tool without an HTTP library needs it: one connection per call,
/// read to its end.
fn call_port(port: u16, method: &str, parameters: &Value) -> Result<Value> {
    let request = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters});
    let body = request.to_string();
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(CALL_LIMIT))?;
    write!(
        stream,
        "POST / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let start = answer.find('{').ok_or_eyre("no JSON in the answer")?;
    let end = answer.rfind('}').ok_or_eyre("no JSON in the answer")?;
    let answer: Value = serde_json::from_str(answer.get(start..=end).unwrap_or_default())?;
    match answer.get("result") {
        Some(result) => Ok(result.clone()),
        None => bail!("{method}: {}", answer["error"]),
    }
}

#[cfg(test)]
mod tests;
