//! The program. All of it is in the library, of which tests use parts.
#![forbid(unsafe_code)]

use std::process::ExitCode;

/// A prover's tables are large, and come and go with every segment.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    minster::main()
}
