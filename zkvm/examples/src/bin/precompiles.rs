//! Not an example but a test of the precompiles. The first byte of the input says which function to
//! call, the second how its operands lie in memory, and the rest is what they hold: the function's
//! operands behind operand 0 (or, of a function that has its result for a start, all of them), as
//! words, low byte first. The output is the result. Operands that the function is not defined for
//! stop the run.
//!
//! | second byte | |
//! | --- | --- |
//! | 0 | every operand has memory of its own |
//! | 1 | as 0, and the operands that are read begin 4 bytes behind a multiple of 32 |
//! | 2 | of points: the result takes the place of the first; modular: a and b are the same memory |
#![cfg_attr(target_os = "none", no_std, no_main)]

extern crate alloc;

use alloc::vec::Vec;
use minster_guest::precompiles::{
    Block, KeccakState, Point, blake3_compress, keccak_f, mod_add, mod_mul, mod_sub, secp256k1_add,
    secp256k1_add_assign, secp256k1_double_assign, sha256_compress,
};
use minster_guest::{commit, entry, exit, input, keccak256};

/// Blocks at an address that is 4 more than a multiple of 32, or not.
#[repr(C, align(32))]
#[derive(Default)]
struct Aligned<T>(T);

#[repr(C, align(32))]
#[derive(Default)]
struct Shifted<T> {
    _before: u32,
    value: T,
}

fn main() {
    let input = input();
    let [function, place, rest @ ..] = &input[..] else { exit(1) };
    let words: Vec<u32> = rest.as_chunks().0.iter().map(|four| u32::from_le_bytes(*four)).collect();
    let blocks = words.as_chunks::<8>().0;
    match (function, place) {
        (b'h', _) => commit(&keccak256(rest)),
        (b'k', _) => keccak(rest),
        (b's', 0) => sha(&mut Aligned::default().0, &mut Aligned::default().0, blocks),
        (b's', 1) => sha(&mut Shifted::default().value, &mut Shifted::default().value, blocks),
        (b'b', 0) => blake(&mut Aligned::default().0, blocks),
        (b'b', 1) => blake(&mut Shifted::default().value, blocks),
        (b'*' | b'+' | b'-', _) => modular(*function, *place, blocks),
        (b'a' | b'd', _) => points(*function, *place, blocks),
        _ => exit(1),
    }
}

fn commit_words(words: &[u32]) {
    commit(minster_guest::words::as_bytes(words));
}

fn keccak(bytes: &[u8]) {
    let mut state = KeccakState::default();
    for (lane, bytes) in state.lanes.iter_mut().zip(bytes.as_chunks().0) {
        *lane = u64::from_le_bytes(*bytes);
    }
    keccak_f(&mut state);
    state.lanes.iter().for_each(|lane| commit(&lane.to_le_bytes()));
}

fn sha(state: &mut Block, bytes: &mut [Block; 2], blocks: &[Block]) {
    let [first, more @ ..] = blocks else { exit(1) };
    let Ok(more) = <&[Block; 2]>::try_from(more) else { exit(1) };
    (*state, *bytes) = (*first, *more);
    sha256_compress(state, bytes);
    commit_words(state);
}

fn blake(all: &mut [Block; 4], blocks: &[Block]) {
    let Ok(given) = <&[Block; 4]>::try_from(blocks) else { exit(1) };
    *all = *given;
    let [value, text @ .., parameters] = all;
    blake3_compress(value, text, parameters);
    commit_words(value);
}

fn modular(function: u8, place: u8, blocks: &[Block]) {
    let Ok(given) = <&[Block; 3]>::try_from(blocks) else { exit(1) };
    let call = match function {
        b'*' => mod_mul,
        b'+' => mod_add,
        _ => mod_sub,
    };
    let shifted = Shifted { value: *given, ..Shifted::default() };
    let result = match place {
        0 => call(&given[0], &given[1], &given[2]),
        1 => call(&shifted.value[0], &shifted.value[1], &shifted.value[2]),
        _ => call(&given[0], &given[0], &given[2]),
    };
    commit_words(&result);
}

fn points(function: u8, place: u8, blocks: &[Block]) {
    let (pairs, _) = blocks.as_chunks::<2>();
    let [p, rest @ ..] = pairs else { exit(1) };
    let q = rest.first().unwrap_or(p);
    let mut own: Aligned<Point> = Aligned(*p);
    let mut shifted: Shifted<[Point; 2]> = Shifted { value: [*p, *q], ..Shifted::default() };
    match (function, place) {
        (b'a', 0) => own.0 = secp256k1_add(p, q),
        (b'a', 1) => own.0 = secp256k1_add(&shifted.value[0], &shifted.value[1]),
        (b'a', _) => secp256k1_add_assign(&mut own.0, q),
        (_, 1) => {
            secp256k1_double_assign(&mut shifted.value[0]);
            own.0 = shifted.value[0];
        }
        _ => secp256k1_double_assign(&mut own.0),
    }
    commit_words(own.0.as_flattened());
}

entry!(main);
