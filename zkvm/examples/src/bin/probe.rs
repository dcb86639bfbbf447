//! Not an example but the runtime's test: the first byte of the input says which of its promises to
//! try, and the rest is what to try it on.
#![cfg_attr(target_os = "none", no_std, no_main)]

extern crate alloc;

use core::hint::black_box;

use alloc::vec::Vec;
use minster_guest::{commit, debug, entry, exit, hint, input, read};

fn main() {
    let mut what = [0];
    read(&mut what);
    match &what {
        b"e" => echo(),
        b"x" => {
            commit(&input());
            exit(7);
        }
        b"p" => panic!("as asked, with {} bytes", input().len()),
        b"s" => commit(&[descend(&input())]),
        b"m" => drop(black_box(Vec::<u8>::with_capacity(0x7f80_0000))),
        b"z" => zeros(),
        b"c" => memory(&input()),
        b"h" => {
            for request in input().chunks(3) {
                commit(&hint(request));
            }
        }
        _ => exit(1),
    }
}

/// Pieces of growing size on both sides, and never a whole number of words for long.
fn echo() {
    let mut piece = Vec::new();
    loop {
        piece.push(0);
        let count = read(&mut piece);
        commit(&piece[..count]);
        if count < piece.len() {
            break;
        }
    }
    debug!("{} pieces", piece.len());
}

/// Never comes back.
fn descend(input: &[u8]) -> u8 {
    let frame = black_box([input.len(); 64]);
    if frame[0] == usize::MAX { 0 } else { descend(input).wrapping_add(black_box(frame)[1] as u8) }
}

/// Memory that was used and given back is zero again where zeros are asked for.
fn zeros() {
    let used = black_box(alloc::vec![0xff_u8; 1000]);
    drop(used);
    let zeros = black_box(alloc::vec![0_u8; 2000]);
    let mut grown: Vec<u8> = Vec::new();
    grown.extend(input());
    grown.extend_from_slice(&zeros);
    commit(&grown);
}

/// Moves, fills and compares bytes of a buffer of zeros: its length, and then commands of four
/// little-endian half words each, the first of which is a letter.
fn memory(input: &[u8]) {
    let mut words = input.as_chunks().0.iter();
    let mut next = || words.next().map_or(0, |bytes| u16::from_le_bytes(*bytes).into());
    let mut bytes = black_box(alloc::vec![0_u8; next()]);
    loop {
        let (what, [to, from, length]) = (next() as u8, [next(), next(), next()]);
        match what {
            b'c' if to < from => {
                let (low, high) = bytes.split_at_mut(from);
                low[to..][..length].copy_from_slice(&high[..length]);
            }
            b'c' => {
                let (low, high) = bytes.split_at_mut(to);
                high[..length].copy_from_slice(&low[from..][..length]);
            }
            b'm' => bytes.copy_within(from..from + length, to),
            b'f' => bytes[to..][..length].fill(from as u8),
            b'o' => commit(&[bytes[to..][..length].cmp(&bytes[from..][..length]) as u8]),
            b'e' => commit(&[u8::from(bytes[to..][..length] == bytes[from..][..length])]),
            b's' => commit(&bytes),
            _ => return,
        }
    }
}

entry!(main);
