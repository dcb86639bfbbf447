//! Frames between two processes, whatever carries them.

use std::io::{self, ErrorKind, Read, Write};
use std::time::{Duration, Instant};

/// How long a receiver waits before it says that there is nothing.
pub const POLL: Duration = Duration::from_millis(50);

/// Sends frames.
pub trait Sender: Send {
    /// Sends a frame, whole, unless the other side makes it wait and it does not go on any more.
    fn send_while(&mut self, frame: &[u8], goes_on: &dyn Fn() -> bool) -> io::Result<()>;

    /// Sends a frame, whole.
    fn send(&mut self, frame: &[u8]) -> io::Result<()> {
        self.send_while(frame, &|| true)
    }
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
/// How long a frame may take, from its first byte to its last, if it is short.
const FRAME_PATIENCE: Duration = Duration::from_secs(30);
/// The fewest bytes of a long frame that come in a second.
const RATE_MIN: usize = 1 << 18;

/// How long a frame of so many bytes may take. This holds for all of it: whoever sends or takes one
/// byte at a time makes no progress.
fn frame_patience(least: Duration, size: usize) -> Duration {
    least + Duration::from_secs(u64::try_from(size / RATE_MIN).unwrap_or(u64::MAX))
}

/// Sends frames on a stream whose writes end after [`POLL`].
pub struct StreamSender<S> {
    stream: S,
    patience: Duration,
}

impl<S: Write> StreamSender<S> {
    pub fn new(stream: S) -> Self {
        Self { stream, patience: FRAME_PATIENCE }
    }
}

impl<S: Write + Send> Sender for StreamSender<S> {
    fn send_while(&mut self, frame: &[u8], goes_on: &dyn Fn() -> bool) -> io::Result<()> {
        let size = u32::try_from(frame.len()).map_err(io::Error::other)?;
        let (started, patience) = (Instant::now(), frame_patience(self.patience, frame.len()));
        for mut rest in [&size.to_le_bytes(), frame] {
            while !rest.is_empty() {
                match self.stream.write(rest) {
                    Ok(0) => return Err(ErrorKind::WriteZero.into()),
                    Ok(count) => rest = rest.get(count..).unwrap_or_default(),
                    Err(error) if is_wait(&error) => {}
                    Err(error) => return Err(error),
                }
                if !rest.is_empty() && (started.elapsed() >= patience || !goes_on()) {
                    return Err(ErrorKind::TimedOut.into());
                }
            }
        }
        self.stream.flush()
    }
}

/// Whether a stream only says that it took [`POLL`] or was interrupted.
fn is_wait(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}

/// Receives frames from a stream whose reads end after [`POLL`]. Memory is taken for what has come,
/// never for what a length announces.
pub struct StreamReceiver<S> {
    stream: S,
    buffer: Vec<u8>,
    chunk: Vec<u8>,
    size_max: usize,
    /// When the first byte of what is in the buffer came.
    begun: Instant,
    patience: Duration,
}

impl<S> StreamReceiver<S> {
    /// For frames of at most so many bytes.
    pub fn new(stream: S, size_max: usize) -> Self {
        let (buffer, chunk) = (Vec::new(), vec![0; CHUNK_SIZE]);
        Self { stream, buffer, chunk, size_max, begun: Instant::now(), patience: FRAME_PATIENCE }
    }

    /// Bytes of the frame that has begun; 0 while that is not known.
    fn size(&self) -> io::Result<usize> {
        let head = self.buffer.first_chunk::<HEAD_SIZE>();
        let size = head.map_or(0, |head| u32::from_le_bytes(*head));
        let announced = usize::try_from(size).map_err(io::Error::other)?;
        if announced > self.size_max {
            return Err(too_long(u64::from(size), self.size_max));
        }
        Ok(announced)
    }

    fn frame(&mut self) -> io::Result<Option<Vec<u8>>> {
        let end = HEAD_SIZE + self.size()?;
        if self.buffer.len() < end {
            return Ok(None);
        }
        // The frame takes its memory along, so that none is held twice while it is verified.
        let rest = self.buffer.split_off(end);
        let mut frame = std::mem::replace(&mut self.buffer, rest);
        frame.drain(..HEAD_SIZE);
        self.begun = Instant::now();
        Ok(Some(frame))
    }
}

impl<S: Read + Send> Receiver for StreamReceiver<S> {
    fn receive(&mut self) -> io::Result<Received> {
        if let Some(frame) = self.frame()? {
            return Ok(Received::Frame(frame));
        }
        if self.buffer.is_empty() {
            self.begun = Instant::now();
        }
        let count = match self.stream.read(&mut self.chunk) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(count) => count,
            Err(error) if is_wait(&error) => 0,
            Err(error) => return Err(error),
        };
        self.buffer.extend(self.chunk.get(..count).unwrap_or_default());
        if let Some(frame) = self.frame()? {
            return Ok(Received::Frame(frame));
        }
        let patience = frame_patience(self.patience, self.size()?);
        if !self.buffer.is_empty() && self.begun.elapsed() >= patience {
            return Err(io::Error::new(ErrorKind::TimedOut, "a message takes too long to come"));
        }
        Ok(if count == 0 { Received::Nothing } else { Received::Part })
    }
}

#[cfg(test)]
mod tests;
