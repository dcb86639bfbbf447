//! ELF files to begin with, and those that turned out to be interesting.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use minster_riscv::{Instruction, Opcode, RAM_SIZE, encode};

use crate::elf_writer::{
    EXECUTE, ElfFile, HEADER_SIZE, LOAD, READ, SEGMENT_HEADER_SIZE, Segment, WRITE,
};
use crate::engine::Random;

/// The most files that are kept for what they led to.
const FOUND_MAX: usize = 256;

/// Files that mutations start from.
pub struct Corpus {
    /// What compilers made, and hand-written ones.
    seeds: Vec<Vec<u8>>,
    /// Files with an outcome that none before them had.
    found: Vec<Vec<u8>>,
    outcomes: BTreeSet<String>,
}

impl Corpus {
    /// The compiled examples and one small file.
    pub fn new() -> Self {
        let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/elf");
        let files = fs::read_dir(examples).expect("the compiled examples");
        let paths = files.map(|file| file.expect("a file").path());
        let mut paths: Vec<_> =
            paths.filter(|path| path.extension().is_some_and(|end| end == "elf")).collect();
        paths.sort();
        let mut seeds: Vec<_> =
            paths.iter().map(|path| fs::read(path).expect("an example")).collect();
        assert!(!seeds.is_empty(), "no compiled examples");
        seeds.push(small());
        Self { seeds, found: Vec::new(), outcomes: BTreeSet::new() }
    }

    /// One of the files, or a new one.
    pub fn pick(&self, random: &mut Random) -> Vec<u8> {
        match random.below(16) {
            0 | 1 => random.choose(&self.seeds),
            2..=7 if !self.found.is_empty() => random.choose(&self.found),
            _ => generate(random),
        }
    }

    /// Keeps a file that led to something new.
    pub fn learn(&mut self, file: Vec<u8>, outcome: String) {
        if self.found.len() < FOUND_MAX && self.outcomes.insert(outcome) {
            self.found.push(file);
        }
    }

    /// How many different outcomes there were.
    pub fn outcomes(&self) -> usize {
        self.outcomes.len()
    }
}

/// A file whose segments and symbols are all there is of it.
fn small() -> Vec<u8> {
    let headers = (HEADER_SIZE + 3 * SEGMENT_HEADER_SIZE) as u32;
    let code = 0x1_0000 + headers;
    let segments = vec![
        Segment { kind: LOAD, flags: READ | EXECUTE, ..Segment::code(code, &[0x13, 0x13, 0x73]) },
        Segment::new(READ | WRITE, code + 0x1_000c, vec![1, 2, 3]),
        Segment::zeros(0x3_0000, 0x1000),
    ];
    let mut file = ElfFile::executable(code, segments);
    file.symbols = vec![("one".into(), code, 8), ("two".into(), code + 8, 0)];
    file.to_bytes()
}

/// A file of a right structure: segments that touch, overlap, and reach the ends of RAM.
fn generate(random: &mut Random) -> Vec<u8> {
    let mut next = random.choose(&[0, 4, 0x1_0000, RAM_SIZE / 2, RAM_SIZE - 0x100, u32::MAX - 64]);
    let mut segments = Vec::new();
    for _ in 0..1 + random.below(5) {
        let size = random.below(48);
        let segment = match random.below(4) {
            0 => Segment::zeros(next, size as u32),
            1 => Segment::new(READ | WRITE, next, (0..size).map(|byte| byte as u8).collect()),
            _ => Segment::code(next, &(0..size).map(|_| word(random)).collect::<Vec<_>>()),
        };
        let end = next.wrapping_add(segment.memory_size);
        next = match random.below(8) {
            0 => end.wrapping_sub(1),
            1 => random.word() % RAM_SIZE,
            2 => random.choose(&[0, RAM_SIZE - 4, RAM_SIZE, u32::MAX]),
            _ => end.wrapping_add(random.choose(&[0, 1, 3, 4, 0x1000])),
        };
        segments.push(segment);
    }
    if random.one_in(8) {
        let at = random.below(segments.len());
        segments[at].memory_size = random.choose(&[0, RAM_SIZE - 1, RAM_SIZE, u32::MAX]);
    }
    let is_code = |segment: &&Segment| segment.flags & EXECUTE != 0;
    let entry = segments.iter().find(is_code).map_or(0, |segment| segment.address);
    let entry = entry.wrapping_add(entry.wrapping_neg() % 4);
    let mut file = ElfFile::executable(entry, segments);
    file.symbols = (0..random.below(4))
        .map(|index| ("f".repeat(index), entry.wrapping_add(random.word() % 64), index as u32))
        .collect();
    file.to_bytes()
}

/// An instruction, now and then any word. Many calls have a number that exists, from `addi a7`.
fn word(random: &mut Random) -> u32 {
    if random.one_in(32) {
        return random.word();
    }
    let opcode = random.choose(Opcode::ALL);
    let (any, [rd, rs1, rs2]) = (random.word(), [(); 3].map(|()| random.below(32) as u8));
    let imm = random.choose(&[0, 1, 4, 8, 0xffff_fffc, 64, 93, any]);
    let rd = random.choose(&[17, 10, 11, rd]);
    encode(&Instruction { opcode, rd, rs1, rs2, imm })
}
