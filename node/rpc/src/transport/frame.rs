//! The frames of a WebSocket, as a server reads and writes them (RFC 6455, 5).
//!
//! Written here and not taken from a crate, because memory is to be taken as bytes come and counted
//! before it is: the crates make room for what a frame's head claims to follow.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use thiserror::Error;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader},
    time::{Instant, error::Elapsed, timeout_at},
};

use super::{LINGER_BYTES_MAX, pace::Pace, session::Session};
use crate::quota::{Exhausted, MessageBytes};

const CONTINUATION: u8 = 0;
pub(super) const TEXT: u8 = 1;
const BINARY: u8 = 2;
pub(super) const CLOSE: u8 = 8;
pub(super) const PING: u8 = 9;
pub(super) const PONG: u8 = 10;

/// The most bytes that a control frame carries (RFC 6455, 5.5).
const CONTROL_BYTES_MAX: u64 = 125;

/// Bytes that are read at a time.
const BUFFER_BYTES: usize = 8 << 10;

/// Why no more is read.
#[derive(Debug, Error)]
pub(super) enum FrameError {
    #[error("the connection broke: {source}")]
    Broken {
        #[from]
        source: io::Error,
    },
    #[error("{reason}")]
    Protocol { reason: &'static str },
    #[error("the message is too large")]
    TooLarge,
    #[error("the message did not come in time")]
    Slow,
    #[error("messages of all clients take more than {} bytes", .full.maximum)]
    Exhausted { full: Exhausted },
}

impl From<Elapsed> for FrameError {
    fn from(_: Elapsed) -> Self {
        Self::Slow
    }
}

const fn protocol(reason: &'static str) -> FrameError {
    FrameError::Protocol { reason }
}

/// What comes.
#[derive(Debug)]
pub(super) enum Incoming {
    /// A whole message, text or not, and its bytes while they are held.
    Message(Vec<u8>, MessageBytes),
    /// Wants this back.
    Ping(Vec<u8>),
    Pong,
    Close,
}

/// The head of a frame.
struct Head {
    is_final: bool,
    opcode: u8,
    length: u64,
    mask: [u8; 4],
}

/// A message that has not come whole.
struct Partial {
    message: Vec<u8>,
    held: MessageBytes,
    pace: Pace,
}

/// Reads what a client sends.
pub(super) struct FrameReader<R> {
    input: BufReader<R>,
    session: Session,
    bytes_max: u64,
    pause_max: Duration,
    partial: Option<Partial>,
    /// Set whenever something comes.
    heard: Arc<AtomicBool>,
}

impl<R: AsyncRead + Unpin> FrameReader<R> {
    pub(super) fn new(input: R, session: Session, heard: Arc<AtomicBool>) -> Self {
        let limits = &session.shared().limits;
        let (bytes_max, pause_max) = (u64::from(limits.body_bytes_max), limits.body_stall);
        let input = BufReader::with_capacity(BUFFER_BYTES, input);
        Self { input, session, bytes_max, pause_max, partial: None, heard }
    }

    /// The next message, or what came between the frames of one.
    pub(super) async fn next(&mut self) -> Result<Incoming, FrameError> {
        loop {
            let first = match &self.partial {
                Some(Partial { pace, .. }) => {
                    timeout_at(pace.deadline(Instant::now()), self.input.read_u8()).await??
                }
                // Between messages there is no hurry; pings find out who is gone.
                None => self.input.read_u8().await?,
            };
            self.heard.store(true, Ordering::Release);
            let deadline = Instant::now() + self.pause_max;
            let head = timeout_at(deadline, self.head(first)).await??;
            if head.opcode >= CLOSE {
                return timeout_at(deadline, self.control(&head)).await?;
            }
            if let Some(message) = self.data(&head).await? {
                return Ok(message);
            }
        }
    }

    async fn head(&mut self, first: u8) -> Result<Head, FrameError> {
        let opcode = first & 0x0f;
        if first & 0x70 != 0 {
            return Err(protocol("reserved bits are set"));
        }
        if !matches!(opcode, CONTINUATION | TEXT | BINARY | CLOSE | PING | PONG) {
            return Err(protocol("the opcode is unknown"));
        }
        let second = self.input.read_u8().await?;
        if second & 0x80 == 0 {
            return Err(protocol("the frame is not masked"));
        }
        let length = match second & 0x7f {
            126 => u64::from(self.input.read_u16().await?),
            127 => self.input.read_u64().await?,
            length => u64::from(length),
        };
        let mut mask = [0; 4];
        self.input.read_exact(&mut mask).await?;
        Ok(Head { is_final: first & 0x80 != 0, opcode, length, mask })
    }

    /// Reads to the end and forgets it, or gives up when that is long.
    pub(super) async fn discard(&mut self) -> io::Result<()> {
        let mut left = LINGER_BYTES_MAX;
        while left > 0 {
            let length = self.input.fill_buf().await?.len();
            if length == 0 {
                break;
            }
            self.input.consume(length);
            left = left.saturating_sub(length as u64);
        }
        Ok(())
    }

    async fn control(&mut self, head: &Head) -> Result<Incoming, FrameError> {
        if !head.is_final || head.length > CONTROL_BYTES_MAX {
            return Err(protocol("a control frame is short and in one piece"));
        }
        let mut payload = Vec::new();
        while (payload.len() as u64) < head.length {
            self.piece(head, payload.len() as u64, &mut payload).await?;
        }
        Ok(match head.opcode {
            PING => Incoming::Ping(payload),
            PONG => Incoming::Pong,
            _ => Incoming::Close,
        })
    }

    /// Reads a frame of a message; gives the message when it is whole.
    async fn data(&mut self, head: &Head) -> Result<Option<Incoming>, FrameError> {
        let mut partial = match (head.opcode == CONTINUATION, self.partial.take()) {
            (true, Some(partial)) => partial,
            (false, None) => Partial {
                message: Vec::new(),
                held: self.session.request(),
                pace: Pace::new(self.pause_max, Instant::now()),
            },
            _ => return Err(protocol("frames of two messages are mixed")),
        };
        if (partial.message.len() as u64).saturating_add(head.length) > self.bytes_max {
            return Err(FrameError::TooLarge);
        }
        let mut count: u64 = 0;
        while count < head.length {
            let deadline = partial.pace.deadline(Instant::now());
            let piece = self.piece(head, count, &mut partial.message);
            let length = timeout_at(deadline, piece).await??;
            partial.held.grow(length).map_err(|full| FrameError::Exhausted { full })?;
            partial.pace.count(length);
            count += length as u64;
        }
        if head.is_final {
            return Ok(Some(Incoming::Message(partial.message, partial.held)));
        }
        self.partial = Some(partial);
        Ok(None)
    }

    /// Appends what is there of a frame's payload, of which `offset` bytes came before.
    async fn piece(
        &mut self,
        head: &Head,
        offset: u64,
        payload: &mut Vec<u8>,
    ) -> Result<usize, FrameError> {
        let buffered = self.input.fill_buf().await?;
        if buffered.is_empty() {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        let left = usize::try_from(head.length - offset).unwrap_or(usize::MAX);
        let length = buffered.len().min(left);
        let place = usize::try_from(offset % 4).unwrap_or_default();
        let mut mask = head.mask;
        mask.rotate_left(place);
        let start = payload.len();
        payload.extend(buffered.iter().take(length));
        let (words, rest) = payload[start..].as_chunks_mut::<4>();
        for word in words {
            word.iter_mut().zip(mask).for_each(|(byte, key)| *byte ^= key);
        }
        rest.iter_mut().zip(mask).for_each(|(byte, key)| *byte ^= key);
        self.input.consume(length);
        self.heard.store(true, Ordering::Release);
        Ok(length)
    }
}

/// Writes one frame, as a server does: whole and not masked. Flushing is the caller's.
pub(super) async fn write_frame<W: AsyncWrite + Unpin>(
    output: &mut W,
    opcode: u8,
    payload: &[u8],
) -> io::Result<()> {
    output.write_u8(0x80 | opcode).await?;
    match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
        (Ok(length @ ..126), _) => output.write_u8(length).await?,
        (_, Ok(length)) => {
            output.write_u8(126).await?;
            output.write_u16(length).await?;
        }
        _ => {
            output.write_u8(127).await?;
            output.write_u64(payload.len() as u64).await?;
        }
    }
    output.write_all(payload).await
}

#[cfg(test)]
mod tests;
