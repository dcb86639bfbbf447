//! The example programs: the same output natively, emulated and proved.
#![expect(clippy::print_stdout, reason = "the sizes, for who asks with --nocapture")]

use minster_emulator::Io;
use minster_examples::{fibonacci, json, keccak, keccak_precompile, mixed, recover, sha256, sort};
use minster_precompiles::{BLOCKS_MAX, Block, Function};
use minster_prover::{Prover, RunOptions};
use minster_riscv::Program;

/// Proves a committed program, verifies the proof, and holds its output against the native one.
fn check(name: &str, input: &[u8], native: fn(&[u8]) -> Vec<u8>) {
    let path = format!("{}/../examples/elf/{name}.elf", env!("CARGO_MANIFEST_DIR"));
    let elf = std::fs::read(path).expect("the ELF file");
    let prover = Prover::new(Program::from_elf(&elf).expect("a program")).expect("a key");
    let io = Io::with_input(input.to_vec());
    let run = prover.prove(io, RunOptions::default(), |_| ()).expect("a proof");
    let proved = prover.key().verify(&run.proof).expect("it verifies");
    let expected = native(input);
    assert_eq!(proved, expected, "{name}: proved");
    assert_eq!(run.outcome.output, expected, "{name}: emulated");
    println!("{name}: {} cycles, {} bytes", run.outcome.cycles, run.proof.len());
}

#[test]
fn outputs_are_the_same_natively_emulated_and_proved() {
    check("fibonacci", &100u32.to_le_bytes(), fibonacci::run);
    check("sort", &[9, 0, 0, 0, 3, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 0, 1], sort::run);
    check("json", br#"{"a": [1, 2, {"b": -3}], "c": "text"}"#, json::run);
    check("sha256", b"abc", sha256::run);
    check("keccak", b"abc", keccak::run);
    check("mixed", &1u32.to_le_bytes(), mixed::run);
    check("keccak_precompile", &3u32.to_le_bytes(), keccak_precompile::run);
    // No signature: r is 5, the x of no point. The guest has no advice, and finds that out itself.
    let mut record = [7; 97];
    record[32..64].copy_from_slice(&[&[0; 31][..], &[5]].concat());
    record[96] = 0;
    check("recover", &record, recover::run);
}

/// Each function once, in the proof as by its definition. The program `precompiles` gives them
/// operands from its input: block i holds the number i.
#[test]
fn every_precompile_is_proved() {
    let elf = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/elf/precompiles.elf");
    let elf = std::fs::read(elf).expect("the ELF file");
    let prover = Prover::new(Program::from_elf(&elf).expect("a program")).expect("a key");
    // What the program calls them, and the blocks of operand 0 that the input does not hold.
    let letters = [b'k', b's', b'b', b'*', b'+', b'-', b'a', b'd'];
    for (function, letter) in Function::ALL.into_iter().zip(letters) {
        let skipped = if function.operands().len() > 1 && !matches!(letter, b's' | b'b') {
            function.written()
        } else {
            0
        };
        let mut blocks = [Block::default(); BLOCKS_MAX];
        let mut input = vec![letter, 0];
        for (number, block) in (1..).zip(&mut blocks[skipped..function.blocks()]) {
            block[0] = number;
            input.extend(block.iter().flat_map(|word| word.to_le_bytes()));
        }
        if function == Function::KeccakF {
            blocks[6][2..].fill(0);
        }
        function.compute(&mut blocks).expect("defined");
        let bytes = blocks.as_flattened().iter().flat_map(|word| word.to_le_bytes());
        let size = if function == Function::KeccakF { 200 } else { 32 * function.written() };
        let expected: Vec<u8> = bytes.take(size).collect();
        let run = prover.prove(Io::with_input(input), RunOptions::default(), |_| ());
        let proof = run.expect("a proof").proof;
        assert_eq!(prover.key().verify(&proof).expect("it verifies"), expected, "{function:?}");
    }
}

/// The runtime asks more than once in a segment how much of the input and of the hints is left.
#[test]
fn several_hints_in_a_segment_are_proved() {
    let elf = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/elf/probe.elf");
    let elf = std::fs::read(elf).expect("the ELF file");
    let prover = Prover::new(Program::from_elf(&elf).expect("a program")).expect("a key");
    let mut io = Io::with_input(b"habcdefghi".to_vec());
    io.hints = b"\x03\0\0\0one\0\x04\0\0\0two!\x01\0\0\x003\0\0\0".to_vec();
    let run = prover.prove(io, RunOptions::default(), |_| ()).expect("a proof");
    assert_eq!(prover.key().verify(&run.proof).expect("it verifies"), b"onetwo!3");
}
