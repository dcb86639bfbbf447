//! Random programs against `qemu-riscv32`, an interpreter that shares nothing with ours.
//!
//! It is no oracle for traps: it accepts misaligned accesses and more instructions.

#[path = "../../riscv/tests/elf_writer/mod.rs"]
mod elf_writer;
mod oracle;
mod random_programs;

use std::time::{Duration, Instant};

use elf_writer::{ElfFile, Segment};
use minster_emulator::{CYCLES_MAX_DEFAULT, Io, run};
use minster_riscv::{Program, decode};
use random_programs::{DUMP_SIZE, Random};

const BLOCKS: u32 = 250;
const BLOCKS_MIN: u32 = 2000;
const TIME: Duration = Duration::from_secs(8);

/// At least [`BLOCKS_MIN`] blocks, and as many more as fit the time.
#[test]
#[ignore = "needs qemu-riscv32; xtask's guest group runs it"]
fn random_programs_agree_with_qemu() {
    let Some(qemu) = oracle::Tool::find("qemu-riscv32") else { return };
    let folder = oracle::Folder::new("random");
    let started = Instant::now();
    let mut seed = 0;
    while seed as u32 * BLOCKS < BLOCKS_MIN || started.elapsed() < TIME {
        compare(seed, &qemu, &folder);
        seed += 1;
    }
    oracle::report(&format!("{} random blocks agree with qemu", seed as u32 * BLOCKS));
}

fn compare(seed: u64, qemu: &oracle::Tool, folder: &oracle::Folder) {
    let mut random = Random(seed);
    // Anywhere in the middle of RAM: qemu keeps the ends for itself.
    let code_base = 0x10_0000 + (random.below(0x1000) << 12);
    let scratch = 0x2000_0000 + (random.below(0x1_0000) << 12);
    let words = random_programs::program(&mut random, BLOCKS, scratch);
    let segments = vec![Segment::code(code_base, &words), Segment::zeros(scratch, DUMP_SIZE)];
    let file = ElfFile::executable(code_base, segments).to_bytes();
    let expected = qemu.run(&folder.file("random.elf", Some(&file)));
    assert_eq!(expected.exit_code, 0, "seed {seed}");

    let program = Program::from_elf(&file).expect("a valid file");
    let outcome = run(&program, Io::default(), CYCLES_MAX_DEFAULT).expect("the program halts");
    assert_eq!(outcome.exit_code, 0, "seed {seed}");
    assert_eq!(outcome.text.len(), (BLOCKS * DUMP_SIZE) as usize, "seed {seed}");
    let blocks = expected.stdout.chunks(DUMP_SIZE as usize);
    for (index, (theirs, ours)) in blocks.zip(outcome.text.chunks(DUMP_SIZE as usize)).enumerate() {
        if theirs != ours {
            let word = theirs.iter().zip(ours).position(|(a, b)| a != b).unwrap_or_default() / 4;
            let source = listing(&words, index);
            panic!("seed {seed}, block {index}, word {word} of the dump differs:\n{source}");
        }
    }
    assert_eq!(expected.stdout.len(), outcome.text.len(), "seed {seed}");
}

/// The instructions of a block: the ecalls end the blocks.
fn listing(words: &[u32], block: usize) -> String {
    let lines = words.split(|word| *word == 0x73).nth(block).unwrap_or_default();
    lines.iter().map(|word| format!("{:?}\n", decode(*word))).collect()
}
