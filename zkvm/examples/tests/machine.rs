//! The programs in git, run by the emulator: they give what the same functions give here.
#![expect(clippy::print_stdout, reason = "the cycles of each run, for who asks with --nocapture")]

use std::path::PathBuf;

use minster_emulator::{Io, Outcome, RunError, TrapKind, run};
use minster_examples::{fibonacci, json, keccak, mixed, sha256, sort};
use minster_guest::{EXIT_PANIC, host::frame_hint};
use minster_riscv::Program;

const CYCLES_MAX: u64 = 1 << 24;

/// `cargo xtask guests --check` names the programs of another compiler.
const FOLDER_VARIABLE: &str = "MINSTER_EXAMPLES_ELF";

fn program(name: &str) -> Program {
    let own = || concat!(env!("CARGO_MANIFEST_DIR"), "/elf").into();
    let folder: PathBuf = std::env::var_os(FOLDER_VARIABLE).map_or_else(own, PathBuf::from);
    let bytes = std::fs::read(folder.join(format!("{name}.elf"))).unwrap();
    Program::from_elf(&bytes).unwrap()
}

fn attempt(name: &str, io: Io) -> Result<Outcome, RunError> {
    run(&program(name), io, CYCLES_MAX)
}

fn check(name: &str, native: fn(&[u8]) -> Vec<u8>, input: &[u8]) {
    let outcome = attempt(name, Io::with_input(input.to_vec())).unwrap();
    let size = input.len();
    assert_eq!(outcome.exit_code, 0, "{name}: {size} bytes");
    assert_eq!(outcome.output, native(input), "{name}: {size} bytes");
    println!("{name}, {size} bytes of input: {} cycles", outcome.cycles);
}

fn noise(count: u32) -> Vec<u8> {
    (0..count).map(|index| (index.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}

#[test]
fn fibonacci_is_as_native() {
    for index in [0, 1, 47, 48, 100_000u32] {
        check("fibonacci", fibonacci::run, &index.to_le_bytes());
    }
    check("fibonacci", fibonacci::run, b"");
}

#[test]
fn sort_is_as_native() {
    for count in [0, 3, 4, 40, 4096, 20_003] {
        check("sort", sort::run, &noise(count));
    }
}

#[test]
fn json_is_as_native() {
    let element = r#"{"name": "a\u00e9\n", "list": [1, -2, 3.5e1, true, null], "empty": {}}"#;
    let long = format!("[{}]", vec![element; 100].join(",\n  "));
    for text in ["", "12", element, "[1, 2", "[[[]]]", &long] {
        check("json", json::run, text.as_bytes());
    }
    check("json", json::run, b"\"\xff\"");
}

#[test]
fn hashes_are_as_native() {
    for count in [0, 1, 55, 56, 63, 64, 65, 135, 136, 137, 1000, 10_000] {
        check("sha256", sha256::run, &noise(count));
        check("keccak", keccak::run, &noise(count));
    }
}

#[test]
fn mixed_is_as_native() {
    for rounds in [0, 1, 5u32] {
        check("mixed", mixed::run, &rounds.to_le_bytes());
    }
}

fn probe(what: &str, rest: &[u8]) -> Result<Outcome, RunError> {
    attempt("probe", Io::with_input([what.as_bytes(), rest].concat()))
}

#[test]
fn input_comes_and_output_goes_in_any_pieces() {
    for count in [0, 1, 2, 3, 4, 5, 1000, 4095, 4096, 4097, 8192, 10_001] {
        let outcome = probe("e", &noise(count)).unwrap();
        assert_eq!((outcome.exit_code, outcome.output), (0, noise(count)), "{count} bytes");
        assert!(outcome.text.ends_with(b" pieces\n"));
    }
}

#[test]
fn an_exit_keeps_its_code_and_the_output() {
    let outcome = probe("x", b"bytes").unwrap();
    assert_eq!((outcome.exit_code, &*outcome.output), (7, &b"bytes"[..]));
}

#[test]
fn a_panic_is_shown_and_is_no_success() {
    let outcome = probe("p", b"abc").unwrap();
    let text = String::from_utf8(outcome.text).unwrap();
    assert_eq!(outcome.exit_code, EXIT_PANIC);
    assert!(text.contains("as asked, with 3 bytes") && text.contains("probe.rs"), "{text}");
}

#[test]
fn memory_that_is_not_there_is_a_panic() {
    assert_eq!(probe("m", b"").unwrap().exit_code, EXIT_PANIC);
}

#[test]
fn a_stack_without_end_stops_the_run() {
    let RunError::Trap(trap) = probe("s", b"").unwrap_err() else { panic!("no trap") };
    assert!(matches!(trap.kind, TrapKind::OutsideRam { address } if address > 0xffff_0000));
}

#[test]
fn memory_used_before_is_zero_where_zeros_are_asked_for() {
    let mut expected = noise(100);
    expected.resize(2100, 0);
    assert_eq!(probe("z", &noise(100)).unwrap().output, expected);
}

#[test]
fn hints_are_answered_by_a_handler_or_in_advance() {
    let requests = b"h abc de";
    let io = || Io::with_input(requests.to_vec());
    let outcome = attempt("probe", io()).unwrap();
    assert_eq!((outcome.exit_code, outcome.output), (0, vec![]), "no answer");

    let reversed = |request: &[u8]| request.iter().rev().copied().collect::<Vec<u8>>();
    let handler = Box::new(move |request: &[u8]| frame_hint(&reversed(request)));
    let outcome = attempt("probe", Io { hint_handler: Some(handler), ..io() }).unwrap();
    assert_eq!(outcome.output, b"ba d ce");

    let answers: [&[u8]; 3] = [b"first ", b"", b"last"];
    let hints = answers.iter().flat_map(|answer| frame_hint(answer)).collect();
    let outcome = attempt("probe", Io { hints, ..io() }).unwrap();
    assert_eq!(outcome.output, b"first last");
}
