//! A socket to the node that never waits.

use std::{
    io::{self, ErrorKind, Read, Write},
    net::TcpStream,
    time::Duration,
};

use eyre::{Result, ensure};

use super::wire::{Incoming, Transport, find, framed, incoming, pong};

/// How long the handshake may take.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);

/// Bytes that are read at a time.
const READ: usize = 1 << 16;

/// A connection.
pub struct Connection {
    pub stream: TcpStream,
    transport: Transport,
    host: String,
    /// What is to be sent, and how much of it has been.
    output: Vec<u8>,
    written: usize,
    /// What has come and is not looked at.
    input: Vec<u8>,
    /// What is read into.
    piece: Box<[u8]>,
}

impl Connection {
    /// Connects to `host`, an address with a port.
    ///
    /// # Errors
    /// When nobody is there, or nobody who speaks this.
    pub fn open(host: &str, transport: Transport) -> Result<Self> {
        let mut stream = TcpStream::connect(host)?;
        stream.set_nodelay(true)?;
        if transport == Transport::WebSocket {
            stream.set_read_timeout(Some(HANDSHAKE_LIMIT))?;
            shake_hands(&mut stream, host)?;
        }
        stream.set_nonblocking(true)?;
        let (output, input, piece) = (Vec::new(), Vec::new(), vec![0; READ].into());
        Ok(Self { stream, transport, host: host.to_owned(), output, written: 0, input, piece })
    }

    /// Takes a message that is yet to be framed.
    pub fn queue_body(&mut self, body: &[u8]) {
        self.output.extend(framed(self.transport, &self.host, body));
    }

    /// Takes whole messages as they go over the wire.
    pub fn queue(&mut self, messages: &[u8]) {
        self.output.extend_from_slice(messages);
    }

    /// Whether something waits to be sent.
    pub fn is_writing(&self) -> bool {
        self.written < self.output.len()
    }

    /// Sends as much as the system takes.
    ///
    /// # Errors
    /// When the connection is broken.
    pub fn flush(&mut self) -> Result<()> {
        while self.is_writing() {
            match self.stream.write(&self.output[self.written..]) {
                Ok(count) => self.written += count,
                Err(error) if is_for_later(&error) => break,
                Err(error) => return Err(error.into()),
            }
        }
        if !self.is_writing() {
            self.output.clear();
            self.written = 0;
        }
        Ok(())
    }

    /// Reads what has come, and shows each answer.
    ///
    /// # Errors
    /// When the connection is broken or has ended, and the first error of `see`.
    pub fn receive(&mut self, mut see: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        while self.read()? == READ {}
        let mut start = 0;
        while let Some((what, end)) = incoming(self.transport, &self.input[start..])? {
            let piece = &self.input[start..start + end];
            match what {
                Incoming::Answer(place) => see(&piece[place])?,
                Incoming::Ping(place) => self.output.extend(pong(&piece[place])),
                Incoming::Nothing => {}
            }
            start += end;
        }
        self.input.drain(..start);
        Ok(())
    }

    /// Reads once; how many bytes came.
    fn read(&mut self) -> Result<usize> {
        match self.stream.read(&mut self.piece) {
            Ok(count) => {
                ensure!(count > 0, "the node ended a connection");
                self.input.extend_from_slice(&self.piece[..count]);
                Ok(count)
            }
            Err(error) if is_for_later(&error) => Ok(0),
            Err(error) => Err(error.into()),
        }
    }
}

fn is_for_later(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}

/// Makes a WebSocket of the stream (RFC 6455, 4.1).
fn shake_hands(stream: &mut TcpStream, host: &str) -> Result<()> {
    let request = format!(
        "GET / HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    );
    stream.write_all(request.as_bytes())?;
    // Byte by byte: what comes behind the head is the first frame's.
    let (mut head, mut byte) = (Vec::new(), [0]);
    while find(&head, b"\r\n\r\n").is_none() {
        stream.read_exact(&mut byte)?;
        head.extend(byte);
        ensure!(head.len() < READ, "no end of the handshake");
    }
    ensure!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
    Ok(())
}

#[cfg(test)]
mod tests;
