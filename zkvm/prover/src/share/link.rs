//! Frames between two processes, whatever carries them.

use std::io::{self, ErrorKind, Read, Write};
use std::time::Duration;

/// How long a receiver waits before it says that there is nothing.
pub const POLL: Duration = Duration::from_millis(50);

/// Sends frames.
pub trait Sender: Send {
    /// Sends a frame, whole.
    fn send(&mut self, frame: &[u8]) -> io::Result<()>;
}

/// Receives frames.
pub trait Receiver: Send {
    /// Waits for [`POLL`] at most. After an error, there are no more frames.
    fn receive(&mut self) -> io::Result<Received>;
}

/// What came.
#[derive(Debug, PartialEq, Eq)]
pub enum Received {
    /// Nothing.
    Nothing,
    /// A part of a frame.
    Part,
    /// A frame.
    Frame(Vec<u8>),
}

/// Both directions of a connection.
pub struct Link {
    /// Of whoever is at the other end, for people.
    pub name: String,
    pub sender: Box<dyn Sender>,
    pub receiver: Box<dyn Receiver>,
}

/// Waits for workers.
pub trait Listener: Send {
    /// The next worker that has come, without waiting for one.
    fn accept(&mut self) -> io::Result<Option<Link>>;
}

/// A frame that is longer than any message may be.
pub fn too_long(size: u64, limit: usize) -> io::Error {
    let what = format!("a message of {size} bytes came, and the limit is {limit}");
    io::Error::new(ErrorKind::InvalidData, what)
}

/// Bytes of a frame's length, little-endian, before the frame.
const HEAD_SIZE: usize = 4;
/// The most bytes that are read at once.
const CHUNK_SIZE: usize = 1 << 16;

/// Sends frames on a stream.
pub struct StreamSender<S>(pub S);

impl<S: Write + Send> Sender for StreamSender<S> {
    fn send(&mut self, frame: &[u8]) -> io::Result<()> {
        let size = u32::try_from(frame.len()).map_err(io::Error::other)?;
        self.0.write_all(&size.to_le_bytes())?;
        self.0.write_all(frame)?;
        self.0.flush()
    }
}

/// Receives frames from a stream whose reads end after [`POLL`]. Memory is taken for what has come,
/// never for what a length announces.
pub struct StreamReceiver<S> {
    stream: S,
    buffer: Vec<u8>,
    chunk: Vec<u8>,
    size_max: usize,
}

impl<S> StreamReceiver<S> {
    /// For frames of at most so many bytes.
    pub fn new(stream: S, size_max: usize) -> Self {
        Self { stream, buffer: Vec::new(), chunk: vec![0; CHUNK_SIZE], size_max }
    }

    fn frame(&mut self) -> io::Result<Option<Vec<u8>>> {
        let Some((head, rest)) = self.buffer.split_first_chunk::<HEAD_SIZE>() else {
            return Ok(None);
        };
        let size = u32::from_le_bytes(*head);
        let size = usize::try_from(size).map_err(io::Error::other)?;
        if size > self.size_max {
            return Err(too_long(u64::from(u32::from_le_bytes(*head)), self.size_max));
        }
        let Some(frame) = rest.get(..size) else { return Ok(None) };
        let frame = frame.to_vec();
        self.buffer.drain(..HEAD_SIZE + size);
        Ok(Some(frame))
    }
}

impl<S: Read + Send> Receiver for StreamReceiver<S> {
    fn receive(&mut self) -> io::Result<Received> {
        if let Some(frame) = self.frame()? {
            return Ok(Received::Frame(frame));
        }
        match self.stream.read(&mut self.chunk) {
            Ok(0) => Err(ErrorKind::UnexpectedEof.into()),
            Ok(count) => {
                self.buffer.extend(self.chunk.get(..count).unwrap_or_default());
                Ok(self.frame()?.map_or(Received::Part, Received::Frame))
            }
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted => {
                    Ok(Received::Nothing)
                }
                _ => Err(error),
            },
        }
    }
}
