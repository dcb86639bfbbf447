//! Clients as bytes on sockets.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};

/// How long anything may take that is to happen.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) fn head(length: usize) -> String {
    format!(
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n"
    )
}

/// A connection of those who attack: from an address of their own.
pub(crate) async fn connect(server: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::new(Ipv4Addr::new(127, 0, 0, 2).into(), 0)).unwrap();
    socket.connect(server).await.unwrap()
}

/// The body of the answer to one HTTP request.
pub(crate) async fn post(mut stream: TcpStream, body: &str) -> String {
    let request = format!("{}Connection: close\r\n\r\n{body}", head(body.len()));
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (_, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{answer}"));
    body.to_owned()
}

/// Whether the server ends this connection in time; reads what it still sends.
pub(crate) async fn is_ended(stream: &mut TcpStream) -> bool {
    let mut rest = vec![0; 1 << 20];
    let reading = async { while stream.read(&mut rest).await.is_ok_and(|count| count > 0) {} };
    tokio::time::timeout(PATIENCE, reading).await.is_ok()
}

/// A WebSocket.
pub(crate) struct WebSocket(pub(crate) TcpStream);

impl WebSocket {
    pub(crate) async fn connect(server: SocketAddr) -> Self {
        let mut stream = connect(server).await;
        let upgrade = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n\
                       Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                       Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        stream.write_all(upgrade.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        assert!(head.starts_with(b"HTTP/1.1 101"), "{head:?}");
        Self(stream)
    }

    pub(crate) async fn send(&mut self, text: &str) {
        self.0.write_all(&frame(text.as_bytes())).await.unwrap();
    }

    /// The next text, or the code that the server closes with.
    pub(crate) async fn receive(&mut self) -> Result<String, u16> {
        tokio::time::timeout(PATIENCE, self.next()).await.expect("an answer in time")
    }

    async fn next(&mut self) -> Result<String, u16> {
        loop {
            let kind = self.0.read_u8().await.unwrap();
            let length = match self.0.read_u8().await.unwrap() {
                126 => u64::from(self.0.read_u16().await.unwrap()),
                127 => self.0.read_u64().await.unwrap(),
                length => u64::from(length),
            };
            let mut payload = vec![0; usize::try_from(length).unwrap()];
            self.0.read_exact(&mut payload).await.unwrap();
            match kind {
                0x81 => return Ok(String::from_utf8(payload).unwrap()),
                0x88 => return Err(u16::from_be_bytes(payload[..2].try_into().unwrap())),
                // Pings.
                _ => {}
            }
        }
    }

    pub(crate) async fn ask(&mut self, text: &str) -> Value {
        self.send(text).await;
        serde_json::from_str(&self.receive().await.unwrap()).unwrap()
    }
}

/// The head of a text frame with a mask of zeros.
pub(crate) fn frame_head(length: usize) -> Vec<u8> {
    let mut head = vec![0x81];
    match length {
        0..126 => head.push(0x80 | u8::try_from(length).unwrap()),
        126..0x1_0000 => {
            head.push(0x80 | 126);
            head.extend(u16::try_from(length).unwrap().to_be_bytes());
        }
        _ => {
            head.push(0x80 | 127);
            head.extend((length as u64).to_be_bytes());
        }
    }
    head.extend([0; 4]);
    head
}

pub(crate) fn frame(payload: &[u8]) -> Vec<u8> {
    [&frame_head(payload.len()), payload].concat()
}
