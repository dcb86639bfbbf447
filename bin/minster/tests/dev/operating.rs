//! The operator's page, done as it is printed.

use std::{
    env, fs,
    io::{Read, Write},
    net::TcpStream,
    os::unix::fs::symlink,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::Node;

const PAGE: &str = include_str!("../../OPERATING.md");

/// The lines that a part of the page has one type.
fn typed(part: &str) -> Vec<&'static str> {
    let (_, part) = PAGE.split_once(&format!("\n## {part}\n")).unwrap();
    let part = part.split("\n## ").next().unwrap();
    let blocks = part.split("```sh\n").skip(1).map(|block| block.split_once("```").unwrap().0);
    blocks.flat_map(str::lines).collect()
}

/// What a shell runs in a folder in which nothing is, with `minster` among the programs that it
/// finds. Where the node's data and ports are is the test's own: those of the page may be taken.
fn shell(folder: &Path, script: &str) -> Command {
    let mut command = Command::new("sh");
    for (name, _) in env::vars_os() {
        if name.to_string_lossy().starts_with("MINSTER_") {
            command.env_remove(name);
        }
    }
    let programs = folder.join("programs");
    let path = format!("{}:{}", programs.display(), env::var("PATH").unwrap());
    command.args(["-e", "-c", script]).stdin(Stdio::null());
    command.current_dir(folder.join("work")).env("PATH", path);
    command.env("MINSTER_NODE_DIRECTORY", folder.join("data"));
    command.env("MINSTER_RPC_LISTEN", "127.0.0.1:0").env("MINSTER_ADMIN_LISTEN", "127.0.0.1:0");
    command
}

/// The status of a GET.
fn status(url: &Value, path: &str) -> u16 {
    let address = url.as_str().unwrap().trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    reply.split(' ').nth(1).unwrap().parse().unwrap()
}

#[test]
fn from_nothing_to_a_running_node() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for name in ["work", "programs"] {
        fs::create_dir(folder.join(name)).unwrap();
    }
    symlink(env!("CARGO_BIN_EXE_minster"), folder.join("programs/minster")).unwrap();
    let lines = typed("From nothing to a running node");
    let (start, before) = lines.split_last().unwrap();
    let output = shell(folder, &before.join("\n")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    // So that the signal is the node's, not the shell's.
    let mut node = Node::spawn(shell(folder, &format!("exec {start}")));
    let deadline = Instant::now() + Duration::from_secs(60);
    while status(&node.ready["admin"], "/ready") != 200 {
        assert!(Instant::now() < deadline, "the node is not ready");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(node.result("eth_chainId", json!([])), json!("0x1092"));
    node.signal("-TERM");
    assert_eq!(node.child.wait().unwrap().code(), Some(0));
}
