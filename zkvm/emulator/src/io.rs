//! What a program exchanges with its host.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use crate::ecall;
use crate::ram::Pages;

/// The most bytes of debug text, and of one request for hints, that are kept; the rest is dropped.
pub const TEXT_SIZE_MAX: usize = 16 << 20;
/// The most bytes of public output.
pub const OUTPUT_SIZE_MAX: usize = 64 << 20;

/// Takes debug text as it is written.
pub type TextHandler = Box<dyn FnMut(Descriptor, &[u8]) + Send>;
/// Answers a request for hints by bytes that are appended to the hints.
pub type HintHandler = Box<dyn FnMut(&[u8]) -> Vec<u8> + Send>;

/// Which debug output a text is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Descriptor {
    /// Descriptor 1.
    Out,
    /// Descriptor 2.
    Error,
}

/// What a program gets from its host.
#[derive(Default)]
pub struct Io {
    /// The input. What a proof says about it is what the program commits of it.
    pub input: Vec<u8>,
    /// Advice that a program must check.
    pub hints: Vec<u8>,
    /// Answers requests for hints; without it they are ignored.
    pub hint_handler: Option<HintHandler>,
    /// Gets debug text as it is written, beside the copy in [`Outcome`](crate::Outcome).
    pub text_handler: Option<TextHandler>,
}

impl Io {
    /// Only an input.
    pub fn with_input(input: Vec<u8>) -> Self {
        Self { input, ..Self::default() }
    }
}

impl fmt::Debug for Io {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Io")
            .field("input", &self.input)
            .field("hints", &self.hints)
            .field("hint_handler", &self.hint_handler.is_some())
            .field("text_handler", &self.text_handler.is_some())
            .finish()
    }
}

/// Bytes that are read once, from the front.
#[derive(Default)]
pub struct Stream {
    bytes: Vec<u8>,
    read: usize,
}

impl Stream {
    fn left(&self) -> &[u8] {
        self.bytes.get(self.read..).unwrap_or_default()
    }

    /// The number of bytes left, as a program sees it.
    pub fn left_saturating(&self) -> u32 {
        u32::try_from(self.left().len()).unwrap_or(u32::MAX)
    }

    /// The next word, little-endian; zeros follow the last byte.
    pub fn next_word(&mut self) -> u32 {
        let mut word = [0; 4];
        let bytes = self.left();
        let count = bytes.len().min(4);
        word[..count].copy_from_slice(&bytes[..count]);
        self.read += count;
        u32::from_le_bytes(word)
    }
}

/// The host's side during a run.
pub struct Host {
    pub input: Stream,
    pub hints: Stream,
    /// The public output.
    pub output: Vec<u8>,
    /// The debug text.
    pub text: Vec<u8>,
    hint_handler: Option<HintHandler>,
    text_handler: Option<TextHandler>,
}

impl Host {
    pub fn new(io: Io) -> Self {
        Self {
            input: Stream { bytes: io.input, read: 0 },
            hints: Stream { bytes: io.hints, read: 0 },
            output: Vec::new(),
            text: Vec::new(),
            hint_handler: io.hint_handler,
            text_handler: io.text_handler,
        }
    }

    /// [`ecall::WRITE`]. It has no effect that a proof could show.
    pub fn write(&mut self, ram: &Pages, descriptor: u32, address: u32, size: u32) {
        let descriptor = match descriptor {
            ecall::FD_OUT => Descriptor::Out,
            ecall::FD_ERROR => Descriptor::Error,
            ecall::FD_HINT => {
                // What was read is forgotten, and who does not read gets no more.
                self.hints.bytes.drain(..self.hints.read);
                self.hints.read = 0;
                let has_room = self.hints.bytes.len() < TEXT_SIZE_MAX;
                if let Some(handler) = self.hint_handler.as_mut().filter(|_| has_room) {
                    let answer = handler(&bytes(ram, address, size, TEXT_SIZE_MAX));
                    self.hints.bytes.extend(answer);
                }
                return;
            }
            _ => return,
        };
        let text = bytes(ram, address, size, TEXT_SIZE_MAX - self.text.len());
        if let Some(handler) = &mut self.text_handler {
            handler(descriptor, &text);
        }
        self.text.extend(text);
    }
}

/// The first bytes of a range, as far as they are inside RAM.
fn bytes(ram: &Pages, address: u32, size: u32, size_max: usize) -> Vec<u8> {
    let addresses = (address..=u32::MAX).take(size as usize).take(size_max);
    let byte = |address: u32| {
        let lane = (address % 4) as usize;
        Some(ram.get(address / 4)?.to_le_bytes()[lane])
    };
    addresses.map_while(byte).collect()
}
