//! Requests as the bytes that go over the wire, and where an answer ends in what comes back.
//!
//! No more of HTTP/1.1 and of WebSockets (RFC 6455) than nodes send to this program; anything else
//! is an error. Masks are zero, which RFC 6455 allows by its letter: so a message is itself.

use std::{ops::Range, str::FromStr};

use alloy_primitives::hex;
use eyre::{OptionExt, Report, Result, bail, ensure};

const FIN: u8 = 0x80;
const TEXT: u8 = 1;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;
const MASKED: u8 = 0x80;
const MASK: [u8; 4] = [0; 4];

/// Lengths of payloads that say where the length is instead.
const LENGTH_IN_2: u8 = 126;
const LENGTH_IN_8: u8 = 127;

/// How a connection is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// HTTP/1.1, kept open; the next request does not wait for the answer of the one before it.
    Http,
    /// A WebSocket.
    WebSocket,
}

impl FromStr for Transport {
    type Err = Report;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "http" => Ok(Self::Http),
            "ws" => Ok(Self::WebSocket),
            _ => bail!("`{name}` is no transport: http or ws"),
        }
    }
}

/// What a node sent.
#[derive(Debug, PartialEq, Eq)]
pub enum Incoming {
    /// An answer: where its text is.
    Answer(Range<usize>),
    /// It wants to hear this back.
    Ping(Range<usize>),
    /// Nothing that matters here.
    Nothing,
}

/// A request with one parameter, which is bytes.
pub fn request(id: u64, method: &str, parameter: &[u8]) -> String {
    let parameter = hex::encode(parameter);
    format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"{method}","params":["0x{parameter}"]}}"#)
}

/// A message as it goes over the wire.
pub fn framed(transport: Transport, host: &str, body: &[u8]) -> Vec<u8> {
    match transport {
        Transport::Http => {
            let head = format!(
                "POST / HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n\
                 Content-Length: {}\r\n\r\n",
                body.len()
            );
            [head.as_bytes(), body].concat()
        }
        Transport::WebSocket => frame(TEXT, body),
    }
}

/// The answer to a ping.
pub fn pong(payload: &[u8]) -> Vec<u8> {
    frame(PONG, payload)
}

fn frame(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut out = vec![FIN | opcode];
    match payload.len() {
        length if length < LENGTH_IN_2.into() => out.push(MASKED | length as u8),
        length if length <= u16::MAX.into() => {
            out.push(MASKED | LENGTH_IN_2);
            out.extend((length as u16).to_be_bytes());
        }
        length => {
            out.push(MASKED | LENGTH_IN_8);
            out.extend((length as u64).to_be_bytes());
        }
    }
    out.extend(MASK);
    out.extend(payload);
    out
}

/// What `input` begins with, and where that ends; `None` when there is more to come.
///
/// # Errors
/// When it is nothing that a node should send.
pub fn incoming(transport: Transport, input: &[u8]) -> Result<Option<(Incoming, usize)>> {
    match transport {
        Transport::Http => http_answer(input),
        Transport::WebSocket => web_socket_frame(input),
    }
}

fn http_answer(input: &[u8]) -> Result<Option<(Incoming, usize)>> {
    let Some(head_end) = find(input, b"\r\n\r\n") else { return Ok(None) };
    let head = str::from_utf8(&input[..head_end])?;
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap_or_default();
    let length = lines.filter_map(|line| line.split_once(':'));
    let mut length = length.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let length = length.next().ok_or_eyre("an answer without a Content-Length")?.1.trim();
    let start = head_end + 4;
    let end = start + length.parse::<usize>()?;
    let Some(body) = input.get(start..end) else { return Ok(None) };
    ensure!(status.starts_with("HTTP/1.1 200"), "{status}: {}", String::from_utf8_lossy(body));
    Ok(Some((Incoming::Answer(start..end), end)))
}

fn web_socket_frame(input: &[u8]) -> Result<Option<(Incoming, usize)>> {
    let [first, length, rest @ ..] = input else { return Ok(None) };
    let (start, length) = match *length {
        LENGTH_IN_2 => match rest.first_chunk::<2>() {
            Some(length) => (4, u64::from(u16::from_be_bytes(*length))),
            None => return Ok(None),
        },
        LENGTH_IN_8 => match rest.first_chunk::<8>() {
            Some(length) => (10, u64::from_be_bytes(*length)),
            None => return Ok(None),
        },
        length => {
            ensure!(length < LENGTH_IN_2, "a server masks nothing");
            (2, u64::from(length))
        }
    };
    let end = start + usize::try_from(length)?;
    let Some(payload) = input.get(start..end) else { return Ok(None) };
    ensure!(first & FIN != 0, "a message in pieces");
    let incoming = match first & !FIN {
        TEXT => Incoming::Answer(start..end),
        PING => Incoming::Ping(start..end),
        PONG => Incoming::Nothing,
        CLOSE => {
            let code = payload.first_chunk::<2>().map_or(0, |code| u16::from_be_bytes(*code));
            bail!("the node closed a WebSocket with code {code}")
        }
        opcode => bail!("a frame with opcode {opcode}"),
    };
    Ok(Some((incoming, end)))
}

/// The number that an answer is about.
///
/// # Errors
/// When there is none.
pub fn id(answer: &[u8]) -> Result<u64> {
    const NAME: &[u8] = br#""id":"#;
    let start = find(answer, NAME).ok_or_eyre("an answer without an id")? + NAME.len();
    let digits = answer[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    Ok(str::from_utf8(&answer[start..start + digits])?.parse()?)
}

/// Where a text first is.
pub fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    memchr::memmem::find(text, what)
}

/// How often a text is there.
pub fn count(text: &[u8], what: &[u8]) -> usize {
    text.windows(what.len()).filter(|window| *window == what).count()
}

#[cfg(test)]
mod tests;
