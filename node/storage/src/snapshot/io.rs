use std::io::{self, Read, Write};

use crate::{Result, StorageError, folder::OpenFile};

const MAGIC: [u8; 8] = *b"MNSTRSNP";
const HEADER_BYTES: u64 = 16;
const LENGTH_BYTES: u64 = 8;
const TRAILER_BYTES: u64 = LENGTH_BYTES + 32;
/// How much is gathered before the file is asked.
const BUFFER_BYTES: usize = 1 << 20;

/// Writes the file of a snapshot in pieces and hashes it on the way.
pub(super) struct SnapshotWriter {
    file: OpenFile,
    hasher: blake3::Hasher,
    buffer: Vec<u8>,
    /// How many bytes of the file are written.
    written: u64,
}

impl SnapshotWriter {
    pub(super) fn new(file: OpenFile, sequence: u64) -> Self {
        let mut buffer = Vec::with_capacity(BUFFER_BYTES);
        buffer.extend_from_slice(&MAGIC);
        buffer.extend_from_slice(&sequence.to_le_bytes());
        Self { file, hasher: blake3::Hasher::new(), buffer, written: 0 }
    }

    fn pass_on(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hasher.update(bytes);
        self.file.write_at(self.written, bytes).map_err(into_io)?;
        self.written += bytes.len() as u64;
        Ok(())
    }

    /// Writes the trailer.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.flush()?;
        let length = (self.written - HEADER_BYTES).to_le_bytes();
        self.hasher.update(&length);
        let mut trailer = length.to_vec();
        trailer.extend_from_slice(self.hasher.finalize().as_bytes());
        self.file.write_at(self.written, &trailer).map_err(into_io)
    }
}

impl Write for SnapshotWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.buffer.len() + bytes.len() > BUFFER_BYTES {
            self.flush()?;
        }
        if bytes.len() >= BUFFER_BYTES {
            self.pass_on(bytes)?;
        } else {
            self.buffer.extend_from_slice(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let mut buffer = std::mem::take(&mut self.buffer);
        let result = self.pass_on(&buffer);
        buffer.clear();
        self.buffer = buffer;
        result
    }
}

/// Reads the content of a snapshot whose checksum was found right.
#[derive(Debug)]
pub struct SnapshotReader {
    file: OpenFile,
    /// What of the file is still to be read into the buffer.
    offset: u64,
    end: u64,
    buffer: Vec<u8>,
    /// What of the buffer was handed out.
    consumed: usize,
}

impl SnapshotReader {
    /// Verifies a snapshot by reading it through once.
    pub(super) fn open(file: OpenFile, sequence: u64) -> Result<Self> {
        let end = verify(&file, sequence)?;
        Ok(Self { file, offset: HEADER_BYTES, end, buffer: Vec::new(), consumed: 0 })
    }

    /// The bytes of content that are still to be read.
    pub fn remaining(&self) -> u64 {
        self.end - self.offset + (self.buffer.len() - self.consumed) as u64
    }
}

impl Read for SnapshotReader {
    fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        if self.consumed == self.buffer.len() {
            let wanted = (self.end - self.offset).min(BUFFER_BYTES as u64) as usize;
            self.buffer.resize(wanted, 0);
            self.consumed = 0;
            let filled = self.file.read_at(self.offset, &mut self.buffer).map_err(into_io)?;
            if filled < wanted {
                self.buffer.truncate(filled);
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.offset += wanted as u64;
        }
        let count = target.len().min(self.buffer.len() - self.consumed);
        target[..count].copy_from_slice(&self.buffer[self.consumed..self.consumed + count]);
        self.consumed += count;
        Ok(count)
    }
}

/// Checks form and checksum; returns where the content ends.
fn verify(file: &OpenFile, sequence: u64) -> Result<u64> {
    let damaged = |reason| StorageError::SnapshotDamaged { path: file.path().to_owned(), reason };
    let length = file.length()?;
    let Some(end) = length.checked_sub(TRAILER_BYTES).filter(|end| *end >= HEADER_BYTES) else {
        return Err(damaged("it is too short"));
    };
    let mut header = [0; HEADER_BYTES as usize];
    file.read_at(0, &mut header)?;
    if !header.starts_with(&MAGIC) {
        return Err(damaged("it does not begin like a snapshot"));
    }
    if header[8..] != sequence.to_le_bytes() {
        return Err(damaged("its sequence number is not that in its name"));
    }
    let mut trailer = [0; TRAILER_BYTES as usize];
    file.read_at(end, &mut trailer)?;
    if trailer[..8] != (end - HEADER_BYTES).to_le_bytes() {
        return Err(damaged("its length is not that in its trailer"));
    }
    let mut hasher = blake3::Hasher::new();
    let mut chunk = vec![0; BUFFER_BYTES];
    let (mut offset, hashed_end) = (0, end + LENGTH_BYTES);
    while offset < hashed_end {
        let wanted = (hashed_end - offset).min(BUFFER_BYTES as u64) as usize;
        if file.read_at(offset, &mut chunk[..wanted])? < wanted {
            return Err(damaged("it became shorter while it was read"));
        }
        hasher.update(&chunk[..wanted]);
        offset += wanted as u64;
    }
    if hasher.finalize().as_bytes() != &trailer[8..] {
        return Err(damaged("its checksum does not match"));
    }
    Ok(end)
}

/// The system's error below one of ours, or ours in the system's clothes.
fn into_io(error: StorageError) -> io::Error {
    match error {
        StorageError::Io { source, .. } => source,
        other => io::Error::other(other),
    }
}
