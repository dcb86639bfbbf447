//! The same programs as processes of the host.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use minster_examples::{fibonacci, json, keccak, sha256, sort};
use minster_guest::{
    EXIT_PANIC,
    host::{HINTS_VARIABLE, frame_hint},
};

fn start(command: &mut Command, input: &[u8]) -> Output {
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

fn check(path: &str, native: fn(&[u8]) -> Vec<u8>, input: &[u8]) {
    let output = start(&mut Command::new(path), input);
    assert!(output.status.success(), "{path}");
    assert_eq!(output.stdout, native(input), "{path}");
}

#[test]
fn each_is_its_function_between_input_and_output() {
    check(env!("CARGO_BIN_EXE_fibonacci"), fibonacci::run, &[30, 0, 0, 0]);
    check(env!("CARGO_BIN_EXE_sort"), sort::run, b"\x02\0\0\0\x01\0\0\0\x03\0\0\0");
    check(env!("CARGO_BIN_EXE_json"), json::run, b"[1, {\"a\": 2}]");
    check(env!("CARGO_BIN_EXE_sha256"), sha256::run, &[b'a'; 1000]);
    check(env!("CARGO_BIN_EXE_keccak"), keccak::run, &[b'a'; 1000]);
}

fn probe(input: &[u8], hints: Option<&Path>) -> (Option<u32>, Vec<u8>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_probe"));
    match hints {
        Some(path) => command.env(HINTS_VARIABLE, path),
        None => command.env_remove(HINTS_VARIABLE),
    };
    let output = start(&mut command, input);
    let code = output.status.code().and_then(|code| u32::try_from(code).ok());
    (code, output.stdout, String::from_utf8(output.stderr).unwrap())
}

#[test]
fn the_runtime_keeps_the_promises_of_the_machine() {
    assert_eq!(probe(b"ebytes and bytes", None).1, b"bytes and bytes");
    let (code, output, _) = probe(b"xbytes", None);
    assert_eq!((code, &*output), (Some(7), &b"bytes"[..]));
    let (code, _, text) = probe(b"pabc", None);
    assert_eq!(code, Some(EXIT_PANIC));
    assert!(text.contains("as asked, with 3 bytes"), "{text}");
}

#[test]
fn hints_come_from_a_file() {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hints");
    std::fs::write(&path, [frame_hint(b"first "), frame_hint(b"last")].concat()).unwrap();
    let (code, output, _) = probe(b"hthree requests", Some(&path));
    assert_eq!((code, &*output), (Some(0), &b"first last"[..]));
    assert_eq!(probe(b"hthree requests", None).1, b"");
    assert_eq!(probe(b"h?", Some(Path::new("/nowhere"))).0, Some(74));
}
