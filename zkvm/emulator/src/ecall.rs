//! The ecalls: the number is in a7, the arguments are in a0, a1 and a2, the result is in a0. Those
//! of the [precompiles](minster_precompiles) have numbers of their own.
//!
//! Numbers below 0x1000 are those of Linux, so that simple programs also run under an emulator of
//! Linux programs.

/// End the run with the exit code a0.
pub const HALT: u32 = 93;
/// Write a2 bytes at a1 to the debug output a0. The result is a2, whatever happens.
pub const WRITE: u32 = 64;
/// Write the next a1 words of the input at a0. The result is the number of bytes of the input that
/// were left before the call.
pub const READ_INPUT: u32 = 0x1000;
/// As [`READ_INPUT`], of the hints: advice that a program must check.
pub const READ_HINT: u32 = 0x1001;
/// Append a1 bytes at a0 to the public output. a0 stays as it is.
///
/// Only the last commit that is not empty may have a number of bytes that is no multiple of 4; the
/// rest of its last word is zero.
pub const COMMIT: u32 = 0x1002;

/// The most words that one call of [`READ_INPUT`], [`READ_HINT`] or [`COMMIT`] transfers.
pub const IO_WORDS_MAX: u32 = 1024;

/// The descriptor of [`WRITE`] for text.
pub const FD_OUT: u32 = 1;
/// The descriptor of [`WRITE`] for text about errors.
pub const FD_ERROR: u32 = 2;
/// The descriptor of [`WRITE`] for requests, which the host answers by hints.
pub const FD_HINT: u32 = 3;
