//! A node behind a proxy that speaks TLS, as operators run one, and who talks to it.

use std::{
    io::{ErrorKind, Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::{
    ServerConfig, ServerConnection,
    pki_types::{PrivateKeyDer, pem::PemObject},
};
use serde_json::json;

use super::{Node, send};

/// How often either side of a connection is looked at.
const LOOK: Duration = Duration::from_millis(1);

/// Somebody who signs certificates.
struct Authority(Issuer<'static, KeyPair>, String);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self(Issuer::new(params, key), pem)
    }

    fn save(&self, directory: &Path, name: &str) -> PathBuf {
        let path = directory.join(name);
        std::fs::write(&path, &self.1).unwrap();
        path
    }

    /// A server's settings, for the name `localhost`.
    fn server(&self) -> Arc<ServerConfig> {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        let key = PrivateKeyDer::from_pem_slice(key.serialize_pem().as_bytes()).unwrap();
        let config = ServerConfig::builder().with_no_client_auth();
        Arc::new(config.with_single_cert(vec![certificate.der().clone()], key).unwrap())
    }
}

/// Starts a proxy before a node; returns its port. It ends with the test.
fn start_proxy(node: &Node, authority: &Authority) -> u16 {
    let node = node.ready["http"].as_str().unwrap().trim_start_matches("http://").to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let config = authority.server();
    thread::spawn(move || {
        for client in listener.incoming() {
            let (config, node) = (Arc::clone(&config), node.clone());
            // A client that does not like the certificate breaks off.
            thread::spawn(move || relay(client?, &config, &node));
        }
    });
    port
}

fn is_quiet(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

/// Passes on what either side says, until one of them ends.
fn relay(mut client: TcpStream, config: &Arc<ServerConfig>, node: &str) -> std::io::Result<()> {
    let mut node = TcpStream::connect(node)?;
    client.set_read_timeout(Some(LOOK))?;
    node.set_read_timeout(Some(LOOK))?;
    let mut tls = ServerConnection::new(Arc::clone(config)).map_err(std::io::Error::other)?;
    let mut buffer = vec![0; 1 << 14];
    loop {
        match tls.read_tls(&mut client) {
            Ok(0) => return Ok(()),
            Ok(_) => {
                if let Err(error) = tls.process_new_packets() {
                    let _ = tls.write_tls(&mut client);
                    return Err(std::io::Error::other(error));
                }
            }
            Err(error) if is_quiet(&error) => {}
            Err(error) => return Err(error),
        }
        while let Ok(count @ 1..) = tls.reader().read(&mut buffer) {
            node.write_all(&buffer[..count])?;
        }
        let ended = match node.read(&mut buffer) {
            Ok(count) => {
                tls.writer().write_all(&buffer[..count])?;
                count == 0
            }
            Err(error) if is_quiet(&error) => false,
            Err(error) => return Err(error),
        };
        if ended {
            tls.send_close_notify();
        }
        while tls.wants_write() {
            tls.write_tls(&mut client)?;
        }
        if ended {
            return Ok(());
        }
    }
}

fn minster(arguments: &[&str]) -> (Output, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_minster")).args(arguments).output().unwrap();
    let said = String::from_utf8(output.stderr.clone()).unwrap();
    (output, said)
}

/// What ends with exit code 1 and says why.
fn fails(arguments: &[&str]) -> String {
    let (output, said) = minster(arguments);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
    said
}

#[test]
fn over_https_only_the_right_node_is_believed() {
    let directory = tempfile::tempdir().unwrap();
    let secret = "d".repeat(32);
    let token = directory.path().join("token");
    std::fs::write(&token, &secret).unwrap();
    let token = token.to_str().unwrap();
    let node = Node::start(&["--proofs", "lent", "--prover-tokens", token]);
    let (authority, stranger) = (Authority::new(), Authority::new());
    let ca = authority.save(directory.path(), "ca.pem");
    let other_ca = stranger.save(directory.path(), "other.pem");
    let (ca, other_ca) = (ca.to_str().unwrap(), other_ca.to_str().unwrap());
    let port = start_proxy(&node, &authority);
    let (url, by_address) =
        (format!("https://localhost:{port}"), format!("https://127.0.0.1:{port}"));

    let verify = |url: &str, more: &[&str]| {
        fails(&[&["verify", "--batch", "7", "--node", url], more].concat())
    };
    assert!(verify(&url, &["--ca", ca]).contains("there is no batch 7 yet"));
    for (url, more) in [(&url, &[][..]), (&url, &["--ca", other_ca]), (&by_address, &["--ca", ca])]
    {
        let said = verify(url, more);
        assert!(said.contains("invalid peer certificate"), "{said}");
        assert!(said.contains(url.as_str()), "{said}");
        // The prover ends too, instead of asking again for ever.
        let prover = [&["prover", "--node", url, "--token", token], more].concat();
        let said = fails(&prover);
        assert!(said.contains("invalid peer certificate") && !said.contains(&secret), "{said}");
    }

    // The right node does not know this token.
    let other = directory.path().join("other");
    std::fs::write(&other, "e".repeat(32)).unwrap();
    let other = other.to_str().unwrap();
    let said = fails(&["prover", "--node", &url, "--token", other, "--ca", ca]);
    assert!(said.contains("does not know the token"), "{said}");
}

/// Input, progress and proof through the proxy, and the proof back to somebody who checks it.
#[test]
fn a_prover_elsewhere_proves_over_https() {
    let directory = tempfile::tempdir().unwrap();
    let token = directory.path().join("token");
    std::fs::write(&token, "f".repeat(32)).unwrap();
    let token = token.to_str().unwrap();
    let node = Node::start(&["--proofs", "lent", "--prover-tokens", token]);
    let authority = Authority::new();
    let ca = authority.save(directory.path(), "ca.pem");
    let ca = ca.to_str().unwrap();
    let url = format!("https://localhost:{}", start_proxy(&node, &authority));
    let hash = send(&node, 0);
    node.receipt(&hash);
    let (output, said) =
        minster(&["prover", "--node", &url, "--token", token, "--ca", ca, "--once"]);
    assert!(output.status.success(), "{said}");
    let batch = node.result("minster_getBatch", json!([1]));
    assert_eq!(batch["proof"]["status"], "verified");
    let (output, said) = minster(&["verify", "--batch", "1", "--node", &url, "--ca", ca]);
    assert!(output.status.success(), "{said}");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("1 of chain 1337: blocks 1 to "), "{text}");
}

/// The documentation's own address (RFC 5737): nobody answers there.
const NOBODY: &str = "http://192.0.2.1:8545";

#[test]
fn a_token_is_not_shown_to_the_network() {
    let directory = tempfile::tempdir().unwrap();
    let token = directory.path().join("token");
    std::fs::write(&token, "d".repeat(32)).unwrap();
    let token = token.to_str().unwrap();
    let started = Instant::now();
    let said = fails(&["prover", "--node", NOBODY, "--token", token]);
    assert!(said.contains("192.0.2.1") && said.contains("--insecure-http"), "{said}");
    assert!(started.elapsed() < Duration::from_secs(5), "it was asked first");
    let (output, said) = minster(&["verify", "--batch", "1", "--ca", token]);
    assert_eq!(output.status.code(), Some(2), "{said}");
}
