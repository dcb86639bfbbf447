use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    thread::JoinHandle,
};

use clap::Parser;

use super::*;

/// What is typed behind `minster prover`.
#[derive(Parser)]
struct Line {
    #[command(flatten)]
    work: ProverWork,
}

/// Answers an upload as a node does that looks at its size first; returns the proof if it takes it.
fn answer(mut stream: &TcpStream, has_room: bool) -> Option<Vec<u8>> {
    let mut reader = BufReader::new(stream);
    let (mut size, mut line) = (0, String::new());
    while line != "\r\n" {
        line.clear();
        reader.read_line(&mut line).unwrap();
        if let Some(length) = line.to_lowercase().strip_prefix("content-length:") {
            size = length.trim().parse().unwrap();
        }
    }
    if !has_room {
        let refusal = "HTTP/1.1 507 Insufficient Storage\r\nContent-Length: 7\r\n\
                       Connection: close\r\n\r\nno room";
        stream.write_all(refusal.as_bytes()).unwrap();
        return None;
    }
    stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").unwrap();
    let mut proof = vec![0; size];
    reader.read_exact(&mut proof).unwrap();
    stream.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n").unwrap();
    Some(proof)
}

/// A node that has no room so many times, and then takes a proof; and its borrower.
fn start(refusals: usize) -> (Lender, JoinHandle<Option<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let node = thread::spawn(move || {
        (0..=refusals).find_map(|index| answer(&listener.accept().unwrap().0, index == refusals))
    });
    let token = tempfile::NamedTempFile::new().unwrap();
    let token = token.path().to_str().unwrap();
    let line = Line::parse_from(["prover", "--node", &url, "--token", token]);
    let lender = Lender::new(&line.work).unwrap();
    (Lender { room_wait: Duration::from_millis(10), ..lender }, node)
}

fn loan() -> Loan {
    Loan { batch: 7, id: "a loan".to_owned() }
}

fn proof() -> Document {
    let identity = Identity { chain_id: 0, genesis_hash: [0; 32] };
    let storage = Storage::open(StorageConfig { root: None, identity }).unwrap();
    let mut draft = storage.proofs.draft(7).unwrap();
    draft.append(b"a proof that took an hour").unwrap();
    draft.keep().unwrap()
}

#[test]
fn a_proof_waits_for_room() {
    let (lender, node) = start(2);
    let started = Instant::now();
    hand_in(&lender, &loan(), &proof(), &Heart::default()).unwrap();
    assert!(started.elapsed() >= lender.room_wait * 3, "the second wait is twice the first");
    assert_eq!(node.join().unwrap().unwrap(), b"a proof that took an hour");
}

#[test]
fn a_proof_waits_no_longer_than_its_loan() {
    let (lender, _node) = start(1);
    let heart = Heart::default();
    heart.is_lost.store(true, Ordering::Release);
    let error = hand_in(&lender, &loan(), &proof(), &heart).unwrap_err();
    assert_eq!(error.to_string(), LOST);
}
