//! Bytes taken from a stream that comes in whole words.
//!
//! What the source says is left of the stream is a claim of the host. It decides how much is read
//! and allocated, never what memory is touched.

#[cfg(test)]
mod tests;

use alloc::vec::Vec;

const WORD: usize = size_of::<u32>();
/// The most words that one call of a source fills.
pub const READ_WORDS_MAX: usize = 1024;

const BUFFER_WORDS: usize = 64;

/// A stream of words: a source is called with words to fill, fills what it can (with zeros behind
/// the end of the stream), and returns how many bytes were left before.
pub struct Reader {
    buffer: [u32; BUFFER_WORDS],
    /// The bytes of the buffer that are still to be handed out.
    start: usize,
    end: usize,
    /// How many bytes are left behind the buffer, if that is known.
    left: Option<usize>,
}

impl Reader {
    /// At the start of the stream.
    pub const fn new() -> Self {
        Self { buffer: [0; BUFFER_WORDS], start: 0, end: 0, left: None }
    }

    /// Forgets where the stream ends: it may have grown.
    #[cfg(any(target_os = "none", test))]
    pub fn expect_more(&mut self) {
        self.left = None;
    }

    /// How many bytes can be read.
    pub fn remaining(&mut self, source: impl FnMut(&mut [u32]) -> u32) -> usize {
        (self.end - self.start).saturating_add(self.left(source))
    }

    fn left(&mut self, mut source: impl FnMut(&mut [u32]) -> u32) -> usize {
        *self.left.get_or_insert_with(|| source(&mut []).try_into().unwrap_or(usize::MAX))
    }

    /// Reads as many bytes as there are and as fit, and returns how many.
    pub fn read(&mut self, out: &mut [u8], mut source: impl FnMut(&mut [u32]) -> u32) -> usize {
        let mut done = 0;
        while done < out.len() {
            let rest = &mut out[done..];
            if self.start < self.end {
                done += self.take(rest);
                continue;
            }
            let words_left = self.left(&mut source).div_ceil(WORD);
            if words_left == 0 {
                break;
            }
            // SAFETY: every four bytes are a u32, and every u32 is four bytes.
            let (head, words, _) = unsafe { rest.align_to_mut::<u32>() };
            if head.is_empty() && !words.is_empty() {
                let count = words.len().min(words_left).min(READ_WORDS_MAX);
                let (count, left) = fetch(&mut words[..count], &mut source);
                self.left = Some(left);
                done += count;
            } else {
                let count = words_left.min(BUFFER_WORDS);
                let (count, left) = fetch(&mut self.buffer[..count], &mut source);
                self.left = Some(left);
                (self.start, self.end) = (0, count);
            }
        }
        done
    }

    /// All that is left.
    #[cfg(any(target_os = "none", test))]
    pub fn read_all(&mut self, mut source: impl FnMut(&mut [u32]) -> u32) -> Vec<u8> {
        let mut bytes = alloc::vec![0; self.remaining(&mut source)];
        let count = self.read(&mut bytes, source);
        bytes.truncate(count);
        bytes
    }

    /// One answer of a stream of answers: its length in bytes as a word, its bytes, and zeros up to
    /// a whole word. Empty if there is none; cut off where the stream ends.
    pub fn read_answer(&mut self, mut source: impl FnMut(&mut [u32]) -> u32) -> Vec<u8> {
        let mut length = [0; WORD];
        if self.read(&mut length, &mut source) < WORD {
            return Vec::new();
        }
        let length = usize::try_from(u32::from_le_bytes(length)).unwrap_or(usize::MAX);
        let length = length.min(self.remaining(&mut source));
        let mut answer = alloc::vec![0; length];
        let count = self.read(&mut answer, &mut source);
        answer.truncate(count);
        let padding = length.next_multiple_of(WORD) - length;
        self.read(&mut [0; WORD][..padding], source);
        answer
    }

    /// The next answer, as much of it as fits. Returns the length that all of it has.
    #[cfg(any(target_os = "none", test))]
    pub fn read_answer_into(
        &mut self,
        out: &mut [u8],
        mut source: impl FnMut(&mut [u32]) -> u32,
    ) -> usize {
        let mut length = [0; WORD];
        if self.read(&mut length, &mut source) < WORD {
            return 0;
        }
        let length = usize::try_from(u32::from_le_bytes(length)).unwrap_or(usize::MAX);
        let length = length.min(self.remaining(&mut source));
        let fits = length.min(out.len());
        self.read(&mut out[..fits], &mut source);
        let mut rest = length.next_multiple_of(WORD) - fits;
        while rest > 0 {
            let count = self.read(&mut [0; 64][..rest.min(64)], &mut source);
            // The stream's end may cut the padding off.
            rest = if count == 0 { 0 } else { rest - count };
        }
        length
    }

    fn take(&mut self, out: &mut [u8]) -> usize {
        // SAFETY: a u32 is four bytes, and bytes may lie anywhere.
        let (_, bytes, _) = unsafe { self.buffer.align_to::<u8>() };
        let count = out.len().min(self.end - self.start);
        out[..count].copy_from_slice(&bytes[self.start..self.start + count]);
        self.start += count;
        count
    }
}

/// Fills words. Returns how many of their bytes are of the stream, and how many bytes are behind
/// them.
fn fetch(words: &mut [u32], mut source: impl FnMut(&mut [u32]) -> u32) -> (usize, usize) {
    let before = source(words).try_into().unwrap_or(usize::MAX);
    let count = before.min(words.len() * WORD);
    (count, before - count)
}
