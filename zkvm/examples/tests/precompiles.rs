//! The program that calls the precompiles, in the emulator: against their definition, at every
//! place of their operands, and with operands that they refuse.

use std::path::PathBuf;

use minster_emulator::{Io, Outcome, RunError, TrapKind, run};
use minster_precompiles::{BLOCKS_MAX, Block, Function, Refusal};
use minster_riscv::Program;
use sha3::{Digest, Keccak256};

/// `cargo xtask guests --check` names the programs of another compiler.
const FOLDER_VARIABLE: &str = "MINSTER_EXAMPLES_ELF";

const FIELD: Block = [0xffff_fc2f, 0xffff_fffe, !0, !0, !0, !0, !0, !0];
const ZERO: Block = [0; 8];
const ONE: Block = [1, 0, 0, 0, 0, 0, 0, 0];

fn attempt(function: u8, place: u8, rest: &[u8]) -> Result<Outcome, RunError> {
    let own = || concat!(env!("CARGO_MANIFEST_DIR"), "/elf").into();
    let folder: PathBuf = std::env::var_os(FOLDER_VARIABLE).map_or_else(own, PathBuf::from);
    let program = Program::from_elf(&std::fs::read(folder.join("precompiles.elf")).unwrap());
    let input = [&[function, place], rest].concat();
    run(&program.unwrap(), Io::with_input(input), 1 << 20)
}

fn bytes(blocks: &[Block]) -> Vec<u8> {
    blocks.as_flattened().iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// The result by the definition. `blocks` are what the function reads.
fn defined(function: Function, blocks: &[Block]) -> Result<Vec<u8>, Refusal> {
    let mut all = [ZERO; BLOCKS_MAX];
    let skipped = function.blocks() - blocks.len();
    all[skipped..skipped + blocks.len()].copy_from_slice(blocks);
    function.compute(&mut all)?;
    Ok(bytes(&all[..function.written()]))
}

fn check(letter: u8, function: Function, blocks: &[Block]) {
    for place in [0, 1] {
        let found = attempt(letter, place, &bytes(blocks));
        match (defined(function, blocks), found) {
            (Ok(expected), Ok(outcome)) => {
                assert_eq!((outcome.exit_code, outcome.output), (0, expected), "{function:?}");
            }
            (Err(expected), Err(RunError::Trap(trap))) => {
                let refused = TrapKind::PrecompileRefused { function, refusal: expected };
                assert_eq!(trap.kind, refused);
            }
            (expected, found) => panic!("{function:?}: {expected:?}, {found:?}"),
        }
    }
}

/// Numbers of no pattern.
fn noise(seed: u32) -> Block {
    let mut state = seed;
    std::array::from_fn(|_| {
        state = (state ^ 0x5bd1_e995).wrapping_mul(0x9e37_79b1);
        state ^ state >> 15
    })
}

#[test]
fn modular_functions() {
    let numbers = [ZERO, ONE, noise(1), noise(2), [!0; 8], FIELD];
    let moduli = [ZERO, ONE, noise(3), [!0; 8], FIELD];
    let functions = [(b'*', Function::ModMul), (b'+', Function::ModAdd), (b'-', Function::ModSub)];
    for (letter, function) in functions {
        for (a, b) in numbers.iter().flat_map(|a| numbers.iter().map(move |b| (a, b))) {
            moduli.iter().for_each(|m| check(letter, function, &[*a, *b, *m]));
        }
        // Both operands at one address.
        let found = attempt(letter, 2, &bytes(&[noise(4), noise(5), FIELD])).unwrap();
        let expected = defined(function, &[noise(4), noise(4), FIELD]).unwrap();
        assert_eq!(found.output, expected);
    }
}

#[test]
fn points() {
    let mut below = FIELD;
    below[0] -= 1;
    let coordinates = [ZERO, ONE, noise(6), below, FIELD, [!0; 8]];
    for (x, y) in coordinates.iter().flat_map(|x| coordinates.iter().map(move |y| (x, y))) {
        check(b'd', Function::SecpDouble, &[*x, *y]);
        check(b'a', Function::SecpAdd, &[*x, *y, noise(7), noise(8)]);
        check(b'a', Function::SecpAdd, &[noise(7), noise(8), *x, *y]);
    }
    check(b'a', Function::SecpAdd, &[noise(7), noise(8), noise(7), noise(9)]);
    // The result in the place of the first operand.
    let blocks = [noise(7), noise(8), noise(9), noise(10)];
    let found = attempt(b'a', 2, &bytes(&blocks)).unwrap();
    assert_eq!(found.output, defined(Function::SecpAdd, &blocks).unwrap());
}

#[test]
fn hashes() {
    for seed in 0..4 {
        let blocks: Vec<Block> = (0..4).map(|index| noise(16 * seed + index)).collect();
        check(b's', Function::Sha256, &blocks[..3]);
        check(b'b', Function::Blake3, &blocks);
        let state: Vec<Block> = (0..7).map(|index| noise(16 * seed + index)).collect();
        let expected = defined(Function::KeccakF, &state).unwrap();
        let found = attempt(b'k', 0, &bytes(&state)[..200]).unwrap();
        assert_eq!(found.output, expected[..200]);
    }
    for length in [0, 1, 31, 64, 135, 136, 137, 271, 272, 273, 1000] {
        let text: Vec<u8> = (0..=u8::MAX).cycle().take(length).collect();
        let found = attempt(b'h', 0, &text).unwrap();
        assert_eq!(found.output, Keccak256::digest(&text).as_slice(), "{length}");
    }
}

#[test]
fn requests_that_there_are_not() {
    for (letter, rest) in [(b'?', &[][..]), (b'*', &[0; 95][..]), (b'a', &[0; 63]), (b's', &[])] {
        assert_eq!(attempt(letter, 0, rest).unwrap().exit_code, 1);
    }
}
