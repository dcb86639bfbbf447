use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

use serde_json::json;

use super::{DevNode, Folder, call_port, free_port};

/// A server that gives one answer and returns what it was asked.
fn answer_once(answer: &'static str) -> (u16, thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        let mut byte = [0];
        while !request.ends_with(b"}") {
            stream.read_exact(&mut byte).unwrap();
            request.extend(byte);
        }
        stream.write_all(answer.as_bytes()).unwrap();
        String::from_utf8(request).unwrap()
    });
    (port, server)
}

#[test]
fn a_result_is_read_from_a_chunked_answer_too() {
    for answer in [
        "HTTP/1.1 200 OK\r\nContent-Length: 39\r\n\r\n\
         {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"0x1\"}",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
         27\r\n{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"0x1\"}\r\n0\r\n\r\n",
    ] {
        let (port, server) = answer_once(answer);
        assert_eq!(call_port(port, "eth_chainId", &json!([])).unwrap(), json!("0x1"));
        let request = server.join().unwrap();
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("Content-Length: {}\r\n", body.len())));
        assert!(body.contains("\"method\":\"eth_chainId\""));
    }
}

#[test]
fn an_error_and_a_closed_port_are_errors() {
    let (port, server) = answer_once("HTTP/1.1 200 OK\r\n\r\n{\"error\":{\"code\":-32601}}");
    let error = call_port(port, "no_such", &json!([])).unwrap_err().to_string();
    assert!(error.contains("no_such") && error.contains("-32601"), "{error}");
    server.join().unwrap();
    assert!(call_port(free_port().unwrap(), "eth_chainId", &json!([])).is_err());
}

#[test]
fn a_node_that_ends_at_once_is_not_waited_for() {
    let log = std::env::temp_dir().join(format!("xtask-devnode-{}.log", std::process::id()));
    let started = DevNode::start("/bin/false".as_ref(), &log);
    std::fs::remove_file(&log).unwrap();
    let error = started.err().unwrap().to_string();
    assert!(error.starts_with("it ended before it answered"), "{error}");
    assert!(DevNode::start("/no/such/minster".as_ref(), &log).is_err());
}

#[test]
fn a_folder_goes_with_its_value() {
    let folder = Folder::new().unwrap();
    let path = folder.0.clone();
    std::fs::write(path.join("file"), "text").unwrap();
    drop(folder);
    assert!(!path.exists());
}
