//! The system calls: number in a7, arguments in a0, a1 and a2, result in a0.
//!
//! The input and the hints are chosen by whoever makes the proof, and so are the results
//! of the calls that read them. The functions here keep memory safe whatever the results are.

use core::arch::asm;

use crate::reader::READ_WORDS_MAX;
use crate::writer::Block;

const HALT: u32 = 93;
const WRITE: u32 = 64;
const READ_INPUT: u32 = 0x1000;
const READ_HINT: u32 = 0x1001;
const COMMIT: u32 = 0x1002;

const DESCRIPTOR_DEBUG: u32 = 2;
const DESCRIPTOR_HINT_REQUEST: u32 = 3;

/// Ends the run.
pub fn halt(code: u32) -> ! {
    // SAFETY: no memory is touched. The machine does not come back from the call; should it, the
    // loop behind it keeps the promise not to return.
    unsafe {
        asm!(
            "ecall",
            "1: j 1b",
            in("a7") HALT,
            in("a0") code,
            options(noreturn, nostack, nomem),
        )
    }
}

/// Shows bytes to a person.
pub fn debug(bytes: &[u8]) {
    write(DESCRIPTOR_DEBUG, bytes);
}

/// Tells the host what the next hint is wanted for.
pub fn request_hint(bytes: &[u8]) {
    write(DESCRIPTOR_HINT_REQUEST, bytes);
}

fn write(descriptor: u32, bytes: &[u8]) {
    // SAFETY: the machine reads `bytes` and changes no memory and no register but a0.
    unsafe {
        asm!(
            "ecall",
            in("a7") WRITE,
            inlateout("a0") descriptor => _,
            in("a1") bytes.as_ptr(),
            in("a2") bytes.len(),
            options(nostack, readonly),
        );
    }
}

/// Fills words from the input, with zeros behind its end, but no more of them than
/// [`READ_WORDS_MAX`]. Returns how many bytes there were before.
pub fn read_input(words: &mut [u32]) -> u32 {
    read(READ_INPUT, words)
}

/// Fills words from the stream of hints, in the same way.
pub fn read_hint(words: &mut [u32]) -> u32 {
    read(READ_HINT, words)
}

fn read(call: u32, words: &mut [u32]) -> u32 {
    let count = words.len().min(READ_WORDS_MAX);
    let left;
    // SAFETY: the machine writes `count` words at the pointer, which the slice covers, and changes
    // no register but a0. Every bit pattern is a u32.
    unsafe {
        asm!(
            "ecall",
            in("a7") call,
            inlateout("a0") words.as_mut_ptr() => left,
            in("a1") count,
            options(nostack),
        );
    }
    left
}

/// Appends the first bytes of the block to the public output. Only the last call of a run may have
/// a length that is not whole words, and the rest of its last word must be zero.
pub fn commit(block: &Block, bytes: usize) {
    let bytes = bytes.min(Block::BYTES);
    // SAFETY: the machine reads `bytes` bytes, rounded up to words, of a block that holds them and
    // is aligned to words; it changes no memory and no register but a0.
    unsafe {
        asm!(
            "ecall",
            in("a7") COMMIT,
            inlateout("a0") block.as_ptr() => _,
            in("a1") bytes,
            options(nostack, readonly),
        );
    }
}

/// Calls a precompile with up to four operands.
///
/// # Safety
/// The pointers are those that the function of this number wants.
#[inline(always)]
pub unsafe fn precompile<const N: usize>(number: u32, result: *mut u32, more: [*const u32; N]) {
    const { assert!(N <= 3, "a precompile has at most four operands") }
    macro_rules! call {
        ($($register:tt = $index:tt),*) => {
            // SAFETY: the machine reads and writes what the caller promises, and no register.
            unsafe {
                asm!(
                    "ecall",
                    in("a7") number,
                    in("a0") result,
                    $(in($register) more[$index],)*
                    options(nostack),
                )
            }
        };
    }
    match N {
        0 => call!(),
        1 => call!("a1" = 0),
        2 => call!("a1" = 0, "a2" = 1),
        _ => call!("a1" = 0, "a2" = 1, "a3" = 2),
    }
}
