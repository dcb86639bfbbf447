//! The same program as a process of the host: the input is standard input, the public
//! output is standard output, and the debug output is standard error.

use std::io::{self, Read, Write};
use std::sync::{Mutex, PoisonError};

use minster_precompiles::{BLOCKS_MAX, Block, Function};

use crate::reader::Reader;

#[cfg(test)]
mod tests;

/// The exit code of a program whose input or output broke down.
const EXIT_BROKEN: i32 = 74;

/// The variable that names a file of hints, for a program without a handler of its own.
pub const HINTS_VARIABLE: &str = "MINSTER_HINTS";

type Handler = Box<dyn FnMut(&[u8]) -> Vec<u8> + Send>;

static HANDLER: Mutex<Option<Handler>> = Mutex::new(None);

/// Answers every later [`hint`](crate::hint) of this process.
pub fn answer_hints(handler: impl FnMut(&[u8]) -> Vec<u8> + Send + 'static) {
    *HANDLER.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(handler));
}

/// An answer as it stands in the stream of hints: its length as a little-endian word, its bytes,
/// and zeros up to a whole word. A file of hints, and a host's stream, are such answers one after
/// the other.
pub fn frame_hint(answer: &[u8]) -> Vec<u8> {
    // A guest has no memory for a longer one.
    let length = u32::try_from(answer.len()).unwrap_or(u32::MAX);
    let mut framed = length.to_le_bytes().to_vec();
    framed.extend_from_slice(answer);
    framed.resize(framed.len().next_multiple_of(size_of::<u32>()), 0);
    framed
}

pub(crate) fn input() -> Vec<u8> {
    let mut bytes = Vec::new();
    or_stop("standard input", io::stdin().lock().read_to_end(&mut bytes));
    bytes
}

pub(crate) fn read(bytes: &mut [u8]) -> usize {
    let mut rest = &mut *bytes;
    let mut stdin = io::stdin().lock();
    while !rest.is_empty() {
        match stdin.read(rest) {
            Ok(0) => break,
            Ok(count) => rest = &mut rest[count..],
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => or_stop("standard input", Err(error)),
        }
    }
    let left = rest.len();
    bytes.len() - left
}

pub(crate) fn hint(request: &[u8]) -> Vec<u8> {
    let mut handler = HANDLER.lock().unwrap_or_else(PoisonError::into_inner);
    handler.get_or_insert_with(handler_from_file)(request)
}

pub(crate) fn hint_into(request: &[u8], answer: &mut [u8]) -> usize {
    let bytes = hint(request);
    answer.iter_mut().zip(&bytes).for_each(|(to, from)| *to = *from);
    bytes.len()
}

/// The answers of a file in their order, whatever is asked.
fn handler_from_file() -> Handler {
    let file = std::env::var_os(HINTS_VARIABLE).map(std::fs::read);
    let file = file.map(|file| or_stop(HINTS_VARIABLE, file)).unwrap_or_default();
    let mut stream = file.into_iter();
    let mut reader = Reader::new();
    Box::new(move |_| reader.read_answer(|words| fill(words, &mut stream)))
}

/// What the machine does when it is asked for words of a stream.
pub(crate) fn fill(words: &mut [u32], stream: &mut std::vec::IntoIter<u8>) -> u32 {
    let left = stream.len();
    for word in words {
        let bytes = [(); size_of::<u32>()].map(|()| stream.next().unwrap_or(0));
        *word = u32::from_ne_bytes(bytes);
    }
    u32::try_from(left).unwrap_or(u32::MAX)
}

pub(crate) fn commit(bytes: &[u8]) {
    or_stop("standard output", io::stdout().lock().write_all(bytes));
}

pub(crate) fn debug(bytes: &[u8]) {
    // The machine does not tell whether anybody reads it, either.
    let _ = io::stderr().lock().write_all(bytes);
}

pub(crate) fn exit(code: u32) -> ! {
    or_stop("standard output", io::stdout().lock().flush());
    // A process keeps eight bits of its code: no failure may become a zero.
    std::process::exit(u8::try_from(code).unwrap_or(u8::MAX).into())
}

fn or_stop<T>(what: &str, result: io::Result<T>) -> T {
    result.unwrap_or_else(|error| {
        debug(format!("{what}: {error}\n").as_bytes());
        std::process::exit(EXIT_BROKEN)
    })
}

/// What the machine does when a precompile is called.
///
/// # Safety
/// Each pointer is aligned and covers the blocks of its operand, and `result` may be written.
pub(crate) unsafe fn call<const N: usize>(
    function: Function,
    result: *mut Block,
    operands: [*const Block; N],
) {
    let mut blocks = [Block::default(); BLOCKS_MAX];
    let written = function.written();
    let counts = &function.operands()[1..];
    let mut free = blocks.iter_mut();
    for (at, to) in free.by_ref().take(written).enumerate() {
        if reads_result(function) {
            // SAFETY: the caller's promise.
            *to = unsafe { *result.add(at) };
        }
    }
    for (operand, count) in operands.into_iter().zip(counts) {
        for (at, to) in (0..*count).zip(free.by_ref()) {
            // SAFETY: the caller's promise.
            *to = unsafe { *operand.add(at) };
        }
    }
    if let Err(refusal) = function.compute(&mut blocks) {
        panic!("{function:?}: {refusal}");
    }
    for (at, block) in blocks.iter().enumerate().take(written) {
        // SAFETY: the caller's promise.
        unsafe { *result.add(at) = *block };
    }
}

/// Whether a function's result depends on what operand 0 held; others may give memory that holds
/// nothing yet.
fn reads_result(function: Function) -> bool {
    matches!(function, Function::KeccakF | Function::Sha256 | Function::Blake3)
}
