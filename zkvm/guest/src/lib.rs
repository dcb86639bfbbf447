#![doc = include_str!("../README.md")]
#![cfg_attr(target_os = "none", no_std)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

extern crate alloc;

#[cfg(any(target_os = "none", test))]
mod allocator;
#[cfg(not(target_os = "none"))]
pub mod host;
mod keccak256;
#[cfg(target_os = "none")]
mod memory;
pub mod precompiles;
mod reader;
#[cfg(target_os = "none")]
mod start;
#[cfg(target_os = "none")]
mod syscalls;
#[cfg(target_os = "none")]
mod target;
pub mod words;
#[cfg(any(target_os = "none", test))]
mod writer;

use alloc::vec::Vec;

pub use keccak256::keccak256;

#[cfg(not(target_os = "none"))]
use host as platform;
#[cfg(target_os = "none")]
use target as platform;

/// The exit code of a program that panicked.
pub const EXIT_PANIC: u32 = 101;

/// Names the function that the machine starts. It takes nothing, returns nothing and is called
/// `main`; when it returns, the run ends with exit code 0.
///
/// On the host the macro only checks the type, because there `main` is started as in every program.
#[macro_export]
macro_rules! entry {
    ($main:path) => {
        const _: fn() = $main;

        #[cfg(target_os = "none")]
        #[unsafe(no_mangle)]
        fn __minster_main() {
            $main()
        }
    };
}

/// The rest of the input, all of it.
pub fn input() -> Vec<u8> {
    platform::input()
}

/// The next bytes of the input. Returns how many there were: fewer than asked for only at
/// the end of the input. What lies behind them in `bytes` is unspecified.
pub fn read(bytes: &mut [u8]) -> usize {
    platform::read(bytes)
}

/// Asks the host and returns its answer; empty if there is none.
///
/// **An answer is advice.** Nobody proves where it comes from: a program that relies on one must
/// check it, and must stay right when the answer is wrong.
pub fn hint(request: &[u8]) -> Vec<u8> {
    platform::hint(request)
}

/// Asks the host as [`hint`] does, in words, and lets the answer fill the first of `answer`.
/// Returns how many whole words the answer has, which may be more than there was room for.
pub fn hint_words(request: &[u32], answer: &mut [u32]) -> usize {
    let bytes = platform::hint_into(words::as_bytes(request), words::as_bytes_mut(answer));
    bytes / size_of::<u32>()
}

/// Appends to the public output, which the proof binds.
pub fn commit(bytes: &[u8]) {
    platform::commit(bytes);
}

/// Ends the run. Only a run that ends with code 0 can be proved to have succeeded.
pub fn exit(code: u32) -> ! {
    platform::exit(code)
}

/// Writes to the debug output. No proof depends on it, but the instructions that format it count.
pub fn debug(bytes: &[u8]) {
    platform::debug(bytes);
}

/// Writes a line to the debug output, with the arguments of `format!`.
#[macro_export]
macro_rules! debug {
    ($($argument:tt)*) => {
        $crate::debug_line(::core::format_args!($($argument)*))
    };
}

#[doc(hidden)]
pub fn debug_line(arguments: core::fmt::Arguments<'_>) {
    struct Debug;
    impl core::fmt::Write for Debug {
        fn write_str(&mut self, text: &str) -> core::fmt::Result {
            debug(text.as_bytes());
            Ok(())
        }
    }
    // A value that cannot be formatted is no reason to stop.
    let _ = core::fmt::write(&mut Debug, arguments);
    debug(b"\n");
}
