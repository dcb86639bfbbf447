//! A program from its file, what it is given, and why it did not come to its end.

use std::{io::Write, path::Path};

use eyre::{Report, bail, eyre};
use minster_emulator::{Descriptor, HintHandler, Io, RunError, TextHandler, Trap, TrapKind};
use minster_guest::host::frame_hint;
use minster_riscv::{ELF_SIZE_MAX, ElfError, Format, Opcode, Program, RAM_SIZE};
use minster_verifier::MAGIC;

use crate::{
    cli::{self, Given, Guest},
    zkvm::files::{self, INPUT_SIZE_MAX, Wanted},
};

/// Reads an ELF file.
pub fn load(path: &Path) -> eyre::Result<Program> {
    load_with_bytes(path).map(|(program, _)| program)
}

/// Reads an ELF file, and gives its bytes too.
pub fn load_with_bytes(path: &Path) -> eyre::Result<(Program, Vec<u8>)> {
    let bytes = files::read(Wanted { what: "--elf", path, size_max: ELF_SIZE_MAX })?;
    let program = Program::from_elf(&bytes).map_err(|error| {
        let advice = advice(&error, &bytes);
        eyre!("--elf: {}: {error}; {advice}", path.display())
    })?;
    Ok((program, bytes))
}

fn advice(error: &ElfError, bytes: &[u8]) -> &'static str {
    match error {
        ElfError::NotElf if bytes.starts_with(&MAGIC) => {
            "this is a proof: --elf takes the program that it is about"
        }
        ElfError::NotElf => "give the executable that a compiler for riscv32im made",
        ElfError::Damaged { .. } | ElfError::SegmentSize { .. } => "build or copy it again",
        ElfError::FileTooLarge { .. } => "strip its debug information",
        _ => "zkvm/template is a program to copy, with the options that build it",
    }
}

/// What a program is given, read from where the operator says.
pub fn io(guest: &Guest) -> eyre::Result<Io> {
    let Given { input, hints, .. } = &guest.given;
    let paths = [Some(guest.elf.as_path()), input.as_deref(), hints.as_deref()];
    if paths.into_iter().flatten().filter(|path| files::is_standard(path)).count() > 1 {
        cli::refuse("only one of --elf, --input and --hints can be standard input");
    }
    let bytes = |what, path: Option<&Path>| match path {
        Some(path) => files::read(Wanted { what, path, size_max: INPUT_SIZE_MAX }),
        None => Ok(Vec::new()),
    };
    let input = bytes("--input", input.as_deref())?;
    let hints = hints.as_deref().map(|path| bytes("--hints", Some(path))).transpose()?;
    Ok(io_of(input, hints))
}

/// What every process that proves a part of a run gives to its program.
pub fn io_of(input: Vec<u8>, hints: Option<Vec<u8>>) -> Io {
    // A stream of hints holds all answers in their order: one more would take another's place.
    let hint_handler = hints.is_none().then(advice_handler);
    Io { input, hints: hints.unwrap_or_default(), hint_handler, ..Io::default() }
}

/// Answers the requests for advice that libraries of guests make, and no others.
pub fn advice_handler() -> HintHandler {
    Box::new(|request: &[u8]| {
        let answer = minster_secp256k1::hints::answer(request);
        answer.map(|answer| frame_hint(&answer)).unwrap_or_default()
    })
}

/// Shows debug text on standard error as the program writes it.
pub fn debug_text() -> TextHandler {
    Box::new(|_: Descriptor, text: &[u8]| {
        // Standard error may be closed; then there is nobody to tell.
        let _ = std::io::stderr().write_all(text);
    })
}

/// An exit code as a failure.
pub fn check_exit_code(exit_code: u32) -> eyre::Result<()> {
    match exit_code {
        0 => Ok(()),
        // The runtime of Rust programs.
        101 => bail!("the program ended with exit code 101: it panicked"),
        exit_code => bail!("the program ended with exit code {exit_code}"),
    }
}

/// Why a run did not come to its end, in one sentence.
pub fn stopped(program: &Program, error: RunError) -> Report {
    match error {
        RunError::Trap(trap) => eyre!("{}", trap_sentence(program, trap)),
        RunError::CyclesExhausted { max } => eyre!(
            "the program did not halt within {max} cycles: raise --max-cycles, or look for a loop \
             without end"
        ),
        error => error.into(),
    }
}

fn trap_sentence(program: &Program, trap: Trap) -> String {
    let Trap { pc, kind } = trap;
    let place = match program.function_at(pc) {
        Some(name) => format!("in function {}", demangled(name)),
        None => "outside every function that the file names".to_owned(),
    };
    let what = match kind {
        TrapKind::MisalignedAccess { address } => {
            format!("misaligned {} at {address:#010x}", access_at(program, pc))
        }
        TrapKind::OutsideRam { address } if address >= RAM_SIZE => format!(
            "{} at {address:#010x}, which is no memory: perhaps the stack is full",
            access_at(program, pc)
        ),
        kind => kind.to_string(),
    };
    format!("trap at pc {pc:#010x} {place}: {what}")
}

/// What the instruction at an address does with memory.
fn access_at(program: &Program, pc: u32) -> &'static str {
    let opcode = program.code().find(|(at, _)| *at == pc).and_then(|(_, op)| Some(op?.opcode));
    match opcode {
        Some(Opcode::Ecall) => "buffer of an ecall",
        Some(opcode) if opcode.format() == Format::S => "store",
        _ => "load",
    }
}

/// A symbol as its author wrote it.
pub fn demangled(symbol: &str) -> String {
    // A name comes from a file of anybody's: it must not move a terminal's cursor.
    format!("{:#}", rustc_demangle::demangle(symbol)).replace(char::is_control, "?")
}
