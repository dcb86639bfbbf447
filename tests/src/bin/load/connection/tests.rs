use std::{io::Write, net::TcpListener, thread};

use super::*;

/// Somebody who accepts a WebSocket, sends these bytes, and returns what came until it was closed.
fn served(answer: &'static [u8]) -> (String, thread::JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = listener.local_addr().unwrap().to_string();
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let (mut head, mut byte) = (Vec::new(), [0]);
        while find(&head, b"\r\n\r\n").is_none() {
            stream.read_exact(&mut byte).unwrap();
            head.extend(byte);
        }
        assert!(find(&head, b"Sec-WebSocket-Version: 13").is_some());
        stream.write_all(answer).unwrap();
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).unwrap();
        rest
    });
    (host, server)
}

#[test]
fn answers_come_whole_and_pings_are_answered() {
    let (host, server) = served(
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n\x81\x03one\x89\x01p\x81\x03two\x81\x05th",
    );
    let mut connection = Connection::open(&host, Transport::WebSocket).unwrap();
    let mut answers = Vec::new();
    while answers.len() < 2 {
        connection
            .receive(|answer| {
                answers.push(answer.to_vec());
                Ok(())
            })
            .unwrap();
    }
    assert_eq!(answers, [b"one", b"two"]);
    connection.queue_body(b"x");
    connection.queue(b"yz");
    while connection.is_writing() {
        connection.flush().unwrap();
    }
    drop(connection);
    let expected = b"\x8a\x81\0\0\0\0p\x81\x81\0\0\0\0xyz";
    assert_eq!(server.join().unwrap(), expected);
}

#[test]
fn a_refused_handshake_and_an_ended_connection_are_errors() {
    let (host, server) = served(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    let error = Connection::open(&host, Transport::WebSocket).err().unwrap().to_string();
    assert!(error.contains("400"), "{error}");
    server.join().unwrap();

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = listener.local_addr().unwrap().to_string();
    let mut connection = Connection::open(&host, Transport::Http).unwrap();
    drop(listener.accept().unwrap());
    let end = loop {
        if let Err(error) = connection.receive(|_| Ok(())) {
            break error.to_string();
        }
    };
    assert!(end.contains("ended") || end.contains("reset"), "{end}");
}
