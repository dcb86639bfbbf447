//! The runtime's functions on bytes, in the emulator: against loops over single bytes, at every
//! alignment of both operands, and every effect on a buffer that holds more than they may touch.
#![expect(clippy::print_stdout, reason = "the cycles of each run, for who asks with --nocapture")]

use std::cmp::Ordering;
use std::path::PathBuf;

use minster_emulator::{Io, run};
use minster_riscv::Program;

/// `cargo xtask guests --check` names the programs of another compiler.
const FOLDER_VARIABLE: &str = "MINSTER_EXAMPLES_ELF";

const CYCLES_MAX: u64 = 1 << 26;

/// Lengths at which a function may take another path, and lengths far from them.
const LONG: [usize; 20] = [
    251, 252, 253, 254, 255, 256, 257, 259, 260, 283, 284, 287, 379, 380, 384, 508, 512, 1000,
    1023, 1027,
];

/// What the probe is told to do, and what it has to answer.
struct Script {
    input: Vec<u8>,
    bytes: Vec<u8>,
    expected: Vec<u8>,
}

impl Script {
    fn new(size: usize) -> Self {
        let mut script = Self { input: b"c".to_vec(), bytes: vec![0; size], expected: Vec::new() };
        script.push(size);
        for place in 0..size {
            script.fill(place, noise(place), 1);
        }
        script
    }

    fn push(&mut self, number: usize) {
        self.input.extend(u16::try_from(number).unwrap().to_le_bytes());
    }

    fn command(&mut self, what: u8, to: usize, from: usize, length: usize) {
        [what.into(), to, from, length].into_iter().for_each(|number| self.push(number));
    }

    fn fill(&mut self, to: usize, value: usize, length: usize) {
        self.command(b'f', to, value, length);
        for byte in &mut self.bytes[to..to + length] {
            *byte = value as u8;
        }
    }

    /// `what` is a copy, or a move, whose operands may overlap.
    fn transfer(&mut self, what: u8, to: usize, from: usize, length: usize) {
        self.command(what, to, from, length);
        let taken: Vec<u8> = (from..from + length).map(|place| self.bytes[place]).collect();
        for (offset, byte) in taken.into_iter().enumerate() {
            self.bytes[to + offset] = byte;
        }
    }

    fn show(&mut self) {
        self.command(b's', 0, 0, 0);
        self.expected.extend(&self.bytes);
    }

    /// Both for order and for equality.
    fn compare(&mut self, a: usize, b: usize, length: usize) {
        self.command(b'o', a, b, length);
        self.command(b'e', a, b, length);
        let pairs = (0..length).map(|offset| (self.bytes[a + offset], self.bytes[b + offset]));
        let order = pairs.map(|(a, b)| a.cmp(&b)).find(|order| order.is_ne());
        let order = order.unwrap_or(Ordering::Equal);
        self.expected.extend([order as u8, order.is_eq().into()]);
    }

    /// Both operands become equal, and then differ where it is said.
    fn compare_around(&mut self, a: usize, b: usize, length: usize, places: &[usize]) {
        self.transfer(b'c', b, a, length);
        self.compare(a, b, length);
        for &place in places {
            let (kept, behind) = (self.bytes[a + place], self.bytes[b + length - 1]);
            // What comes later must not decide; one below and one above, and far off at that.
            for value in [kept.wrapping_add(1), kept.wrapping_sub(1), kept ^ 0x80] {
                self.fill(b + length - 1, 0xff, 1);
                self.fill(b + place, value.into(), 1);
                self.compare(a, b, length);
            }
            self.fill(b + length - 1, behind.into(), 1);
            self.fill(b + place, kept.into(), 1);
        }
        self.compare(a, b, length);
    }

    fn check(self, name: &str) {
        let own = || concat!(env!("CARGO_MANIFEST_DIR"), "/elf").into();
        let folder: PathBuf = std::env::var_os(FOLDER_VARIABLE).map_or_else(own, PathBuf::from);
        let program = Program::from_elf(&std::fs::read(folder.join("probe.elf")).unwrap());
        let outcome = run(&program.unwrap(), Io::with_input(self.input), CYCLES_MAX).unwrap();
        println!("{name}: {} cycles", outcome.cycles);
        assert_eq!(outcome.exit_code, 0, "{name}");
        assert_eq!(outcome.output.len(), self.expected.len(), "{name}");
        let wrong = outcome.output.iter().zip(&self.expected).position(|(a, b)| a != b);
        assert_eq!(wrong, None, "{name}: the first wrong byte of the output");
    }
}

/// A byte of no pattern.
fn noise(place: usize) -> usize {
    (place.wrapping_mul(0x9e37_79b1) >> 13) & 0xff
}

fn alignments() -> impl Iterator<Item = (usize, usize)> {
    (0..4).flat_map(|to| (0..4).map(move |from| (to, from)))
}

#[test]
fn copies_are_exact() {
    for (to, from) in alignments() {
        let mut script = Script::new(512);
        for length in 0..=230 {
            script.transfer(b'c', 8 + to, 256 + from, length);
            script.show();
            script.transfer(b'c', 260 + to, 4 + from, length);
            script.show();
        }
        script.check(&format!("copies from {from} to {to}"));
        let mut script = Script::new(2112);
        for length in LONG {
            script.transfer(b'c', 8 + to, 1060 + from, length);
            script.show();
        }
        script.check(&format!("long copies from {from} to {to}"));
    }
}

#[test]
fn moves_within_their_operand_are_exact() {
    for (to, from) in alignments() {
        let mut script = Script::new(512);
        for length in 0..=200 {
            for distance in [0, 4, 20, 64] {
                script.transfer(b'm', 16 + distance + to, 16 + from, length);
                script.show();
                script.transfer(b'm', 16 + to, 16 + distance + from, length);
                script.show();
            }
        }
        script.check(&format!("moves from {from} to {to}"));
        let mut script = Script::new(1200);
        for length in LONG {
            for distance in [4, 64, 128] {
                script.transfer(b'm', 16 + distance + to, 16 + from, length);
                script.transfer(b'm', 16 + to, 16 + distance + from, length - 1);
                script.show();
            }
        }
        script.check(&format!("long moves from {from} to {to}"));
    }
}

#[test]
fn fills_are_exact() {
    for to in 0..4 {
        let mut script = Script::new(1200);
        for length in (0..=230).chain(LONG) {
            for value in [0, noise(length)] {
                script.fill(8 + to, value, length);
                script.show();
            }
            script.transfer(b'c', 600 + to, 8, 500);
        }
        script.check(&format!("fills at {to}"));
    }
}

#[test]
fn comparisons_are_exact() {
    for (a, b) in alignments() {
        let mut script = Script::new(512);
        for length in 0..=40 {
            let places: Vec<usize> = (0..length).collect();
            script.compare_around(8 + a, 260 + b, length, &places);
        }
        for length in 41..=230 {
            let places = [0, 1, length / 2, length - 3, length - 1];
            script.compare_around(8 + a, 260 + b, length, &places);
        }
        script.check(&format!("comparisons of {a} and {b}"));
        let mut script = Script::new(2112);
        for length in LONG {
            let places = [3, length - 33, length - 32, length - 6, length - 1];
            script.compare_around(8 + a, 1060 + b, length, &places);
        }
        script.check(&format!("long comparisons of {a} and {b}"));
    }
}
