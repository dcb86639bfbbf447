//! Edits of ELF files that know where their fields are.

use crate::elf_writer::{HEADER_SIZE, SEGMENT_HEADER_SIZE};
use crate::engine::{Random, edit_blindly, splice};

const SECTION_HEADER_SIZE: usize = 40;
const SYMBOL_SIZE: usize = 16;
/// `sh_type` of a symbol table.
const SYMBOL_TABLE: u32 = 2;
/// Longer files are cut: edits that duplicate would let them grow for ever.
const SIZE_MAX: usize = 1 << 18;

/// The fields of the file's header behind its first word: offset and size.
const HEADER_FIELDS: [(usize, usize); 16] = [
    (4, 1),
    (5, 1),
    (6, 1),
    (16, 2),
    (18, 2),
    (20, 4),
    (24, 4),
    (28, 4),
    (32, 4),
    (36, 4),
    (40, 2),
    (42, 2),
    (44, 2),
    (46, 2),
    (48, 2),
    (50, 2),
];

/// A table of the file, as its header states it.
struct TableOf {
    start: usize,
    count: usize,
    size: usize,
}

/// Changes a file in one to six places.
pub fn mutate(random: &mut Random, file: &mut Vec<u8>, other: &[u8]) {
    let more = if random.one_in(2) { random.below(6) } else { 0 };
    for _ in 0..1 + more {
        match random.below(16) {
            0..=9 => edit_field(random, file),
            10 => edit_entries(random, file),
            11 => *file = splice(random, file, other),
            12 => transplant(random, file, other),
            _ => edit_blindly(random, file),
        }
        file.truncate(SIZE_MAX);
    }
}

fn number(bytes: &[u8], at: usize, size: usize) -> Option<u32> {
    let bytes = bytes.get(at..at.checked_add(size)?)?;
    Some(bytes.iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte)))
}

fn segment_headers(file: &[u8]) -> Option<TableOf> {
    let (start, count) = (number(file, 28, 4)?, number(file, 44, 2)?);
    Some(TableOf { start: start as usize, count: count as usize, size: SEGMENT_HEADER_SIZE })
}

fn section_headers(file: &[u8]) -> Option<TableOf> {
    let (start, count) = (number(file, 32, 4)?, number(file, 48, 2)?);
    Some(TableOf { start: start as usize, count: count as usize, size: SECTION_HEADER_SIZE })
}

fn symbols(file: &[u8]) -> Option<TableOf> {
    let sections = section_headers(file)?;
    let places = (0..sections.count.min(64)).map(|index| sections.start + index * sections.size);
    let table =
        places.into_iter().find(|place| number(file, place + 4, 4) == Some(SYMBOL_TABLE))?;
    let (start, size) = (number(file, table + 16, 4)?, number(file, table + 20, 4)?);
    Some(TableOf { start: start as usize, count: size as usize / SYMBOL_SIZE, size: SYMBOL_SIZE })
}

fn some_table(random: &mut Random, file: &[u8]) -> Option<TableOf> {
    match random.below(8) {
        0..=3 => segment_headers(file),
        4 | 5 => section_headers(file),
        _ => symbols(file),
    }
}

/// A field of some header or table: where it is, and its size.
fn some_field(random: &mut Random, file: &[u8]) -> (usize, usize) {
    if let Some(table) = some_table(random, file).filter(|_| !random.one_in(4)) {
        let entry = table.start + random.below(table.count) * table.size;
        let at = entry + 4 * random.below(table.size / 4);
        return (at, random.choose(&[4, 4, 4, 2, 1]));
    }
    random.choose(&HEADER_FIELDS)
}

/// Writes a number into a field: one at an edge, near what was there, or what another field holds.
fn edit_field(random: &mut Random, file: &mut [u8]) {
    let (at, size) = some_field(random, file);
    let Some(old) = number(file, at, size) else { return };
    let near = random.choose(&[0, 1, 3, 4, 0x1000, u32::MAX, u32::MAX - 3]);
    let (other, other_size) = some_field(random, file);
    let base = match random.below(8) {
        0 | 1 => old,
        2 => number(file, other, other_size).unwrap_or_default(),
        3 => file.len() as u32,
        4 => old ^ 1 << random.below(32),
        5 => random.word(),
        _ => random.choose(&[
            0,
            2,
            0x20,
            HEADER_SIZE as u32,
            0xff,
            0xffff,
            1 << 20,
            1 << 22,
            1 << 26,
            0x7fff_f000,
            0x7fff_fffc,
            0x8000_0000,
            0xffff_f000,
        ]),
    };
    let value = base.wrapping_add(near).to_le_bytes();
    file[at..at + size].copy_from_slice(&value[..size]);
}

/// Copies, swaps or repeats entries of a table.
fn edit_entries(random: &mut Random, file: &mut Vec<u8>) {
    let Some(table) = some_table(random, file) else { return };
    let entry = |index: usize| table.start + index * table.size;
    let (from, to) = (random.below(table.count), random.below(table.count));
    let (from, to) = (entry(from), entry(to));
    let Some(block) = file.get(from..from + table.size).map(<[u8]>::to_vec) else { return };
    if random.one_in(4) {
        // The same entry many times, behind the file, as the program headers.
        let count = random.choose(&[1, 2, 64, 1024, 1025, 0xffff]).min(SIZE_MAX / table.size);
        let start = file.len() as u32;
        file.extend(block.repeat(count));
        if random.one_in(2) {
            lay_out(&mut file[start as usize..]);
        }
        file.splice(28..32, start.to_le_bytes());
        file.splice(44..46, (count as u16).to_le_bytes());
    } else if to + table.size <= file.len() {
        let swapped = file[to..to + table.size].to_vec();
        file[to..to + table.size].copy_from_slice(&block);
        if random.one_in(2) {
            file[from..from + table.size].copy_from_slice(&swapped);
        }
    }
}

/// Lets each segment begin where the one before it ends: many that show the same bytes.
fn lay_out(headers: &mut [u8]) {
    let mut next = None;
    for header in headers.chunks_exact_mut(SEGMENT_HEADER_SIZE) {
        let (address, size) = (number(header, 8, 4), number(header, 20, 4));
        let start: u32 = next.or(address).unwrap_or_default();
        header[8..12].copy_from_slice(&start.to_le_bytes());
        next = Some(start.wrapping_add(size.unwrap_or_default()));
    }
}

/// Puts a block of another file behind the file, and lets a program header show it.
fn transplant(random: &mut Random, file: &mut Vec<u8>, other: &[u8]) {
    let Some(table) = segment_headers(file) else { return };
    let at = table.start + random.below(table.count) * table.size;
    let from = random.below(other.len());
    let size = random.below(other.len() - from + 1).min(SIZE_MAX / 4);
    if at + table.size > file.len() {
        return;
    }
    let start = file.len() as u32;
    file.extend(&other[from..from + size]);
    file[at + 4..at + 8].copy_from_slice(&start.to_le_bytes());
    for field in [16, 20] {
        file[at + field..at + field + 4].copy_from_slice(&(size as u32).to_le_bytes());
    }
}
