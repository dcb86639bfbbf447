//! Recovery in the machine: against libsecp256k1, with good, bad and no advice, and what it costs.

use std::collections::BTreeMap;
use std::path::PathBuf;

use minster_emulator::{Io, Limits, Outcome, Recorder, RunError, run};
use minster_examples::recover;
use minster_guest::host::frame_hint;
use minster_riscv::Program;
use minster_secp256k1::{EXIT_ADVICE, hints};
use secp256k1::ecdsa::RecoverableSignature;
use secp256k1::{Keypair, Message};
use sha3::{Digest, Keccak256};

const CYCLES_MAX: u64 = 1 << 24;

/// `cargo xtask guests --check` names the programs of another compiler.
const FOLDER_VARIABLE: &str = "MINSTER_EXAMPLES_ELF";

/// A segment for a whole run.
const WIDE: Limits = Limits {
    steps: [1 << 22; minster_emulator::CLASSES],
    io: 1 << 22,
    refreshes: 1 << 22,
    calls: 1 << 22,
    units: [1 << 22; 5],
    blocks: 1 << 22,
    leaves: 1 << 22,
    nodes: 1 << 22,
    hashes: 1 << 23,
    clock: 1 << 24,
};

fn program() -> Program {
    let own = || concat!(env!("CARGO_MANIFEST_DIR"), "/elf").into();
    let folder: PathBuf = std::env::var_os(FOLDER_VARIABLE).map_or_else(own, PathBuf::from);
    Program::from_elf(&std::fs::read(folder.join("recover.elf")).unwrap()).unwrap()
}

/// A record that is signed, and the address of its signer.
fn signed(seed: u8) -> (Vec<u8>, Vec<u8>) {
    let secret = Keccak256::digest([seed]);
    let pair = Keypair::from_secret_bytes(secret.into()).unwrap();
    let digest: [u8; 32] = Keccak256::digest(secret).into();
    let message = Message::from_digest(digest);
    let signature = RecoverableSignature::sign_ecdsa_recoverable(message, &pair.secret_key());
    let (id, compact) = signature.serialize_compact();
    let key = pair.public_key().serialize_uncompressed();
    let record = [&digest[..], &compact, &[id.to_u8()]].concat();
    (record, Keccak256::digest(&key[1..])[12..].to_vec())
}

/// Signed records, and between them some without a signer.
fn records(count: u8) -> (Vec<u8>, Vec<u8>) {
    let (mut input, mut expected) = (Vec::new(), Vec::new());
    for seed in 0..count {
        let (record, address) = signed(seed);
        input.extend(&record);
        expected.extend(address);
        if seed % 4 == 3 {
            let mut wrong = record;
            wrong[32..64].fill(0);
            // The x of no point, and r of 0.
            wrong[63] = if seed % 8 == 3 { 5 } else { 0 };
            input.extend(wrong);
            expected.extend([0; 20]);
        }
    }
    (input, expected)
}

fn with_handler(input: &[u8], mut handler: impl FnMut(&[u8]) -> Vec<u8> + Send + 'static) -> Io {
    let framed = move |request: &[u8]| frame_hint(&handler(request));
    Io { hint_handler: Some(Box::new(framed)), ..Io::with_input(input.to_vec()) }
}

fn advised(input: &[u8]) -> Io {
    with_handler(input, |request| hints::answer(request).unwrap())
}

fn attempt(io: Io) -> Result<Outcome, RunError> {
    run(&program(), io, CYCLES_MAX)
}

#[test]
fn addresses_as_libsecp256k1_has_them() {
    let (input, expected) = records(40);
    let outcome = attempt(advised(&input)).unwrap();
    assert_eq!((outcome.exit_code, &outcome.output), (0, &expected));
    assert_eq!(recover::run(&input), expected);
}

#[test]
fn without_advice_the_same_at_a_higher_cost() {
    let (input, expected) = records(4);
    let outcome = attempt(Io::with_input(input)).unwrap();
    assert_eq!((outcome.exit_code, outcome.output), (0, expected));
}

#[test]
fn wrong_advice_is_no_success() {
    let (input, expected) = records(1);
    for bit in (0..8 * 68).step_by(7) {
        let outcome = attempt(with_handler(&input, move |request| {
            let mut answer = hints::answer(request).unwrap();
            answer[bit / 8] ^= 1 << (bit % 8);
            answer
        }));
        assert_eq!(outcome.unwrap().exit_code, EXIT_ADVICE, "bit {bit}");
    }
    for length in [1, 3, 4, 35, 36, 68, 72, 1000, 10_000] {
        let outcome = attempt(with_handler(&input, move |request| {
            let mut answer = hints::answer(request).unwrap();
            answer.resize(length, 0);
            answer
        }));
        let outcome = outcome.unwrap();
        assert!(outcome.exit_code == EXIT_ADVICE || outcome.output == expected, "{length} bytes");
        assert!(length > 72 || outcome.exit_code == EXIT_ADVICE || length < 4, "{length} bytes");
    }
}

/// Thousandths of the CPU time of an instruction: the ecall's row, a block of an operand, and the
/// chip of a function, as measured.
const ECALL: u64 = 2143;
const BLOCK: u64 = 1905;
const MODULAR: u64 = 5357;
const POINTS: u64 = 15_476;

/// Instructions and calls of a run, and their cost in instructions.
fn cost(count: u8) -> (u64, BTreeMap<String, u64>, u64) {
    let input: Vec<u8> = (0..count).flat_map(|seed| signed(seed).0).collect();
    let mut recorder = Recorder::new(&program(), advised(&input), CYCLES_MAX);
    let record = recorder.next_segment(&[WIDE]).unwrap();
    assert_eq!(record.halted, Some(0));
    let mut calls = BTreeMap::new();
    let mut cost = 1000 * (recorder.cycles() - record.calls.len() as u64);
    for call in &record.calls {
        let chip = match format!("{:?}", call.function.unit()).as_str() {
            "Modular" => MODULAR,
            _ => POINTS,
        };
        cost += ECALL + chip + BLOCK * call.function.blocks() as u64;
        *calls.entry(format!("{:?}", call.function)).or_insert(0) += 1;
    }
    calls.insert("io words".to_owned(), record.io.len() as u64);
    calls.insert("leaves".to_owned(), record.leaves.len() as u64);
    (recorder.cycles(), calls, cost / 1000)
}

#[test]
fn what_a_signature_costs() {
    let (few, many) = (8, 40);
    let (first, second) = (cost(few), cost(many));
    let per = |a: u64, b: u64| (b - a) as f64 / f64::from(many - few);
    for (name, count) in &second.1 {
        println!("{name}: {:.1}", per(first.1.get(name).copied().unwrap_or(0), *count));
    }
    println!("cycles: {:.0}", per(first.0, second.0));
    let cost = per(first.2, second.2);
    println!("cost in instructions: {cost:.0}");
    assert!(cost < 18_000.0, "{cost}");
}
