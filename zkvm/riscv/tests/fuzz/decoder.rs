//! Instruction words: all of them in the long run, a random part of them otherwise.

use std::ops::Range;
use std::thread;

use minster_riscv::{Opcode, decode, encode};

use crate::engine::{Random, report};

/// Whether the word is an instruction. One that is must be encoded as the same word again, but for
/// `fence`, whose fields mean nothing; one that is not must match no row of the table.
fn is_instruction(word: u32) -> bool {
    let mut rows = Opcode::ALL.iter();
    let row = rows.find(|opcode| word & opcode.format().mask() == opcode.bits());
    let found = decode(word);
    assert_eq!(found.map(|found| found.opcode), row.copied(), "{word:#010x}");
    let Some(found) = found else { return false };
    let again = encode(&found);
    assert_eq!(decode(again), Some(found), "{word:#010x} and {again:#010x}");
    assert!(again == word || found.opcode == Opcode::Fence, "{word:#010x} and {again:#010x}");
    assert!(found.rd < 32 && found.rs1 < 32 && found.rs2 < 32, "{word:#010x}");
    true
}

/// 2^22 random words, and 2^16 that differ from an instruction in one bit.
#[test]
fn random_words_are_decoded_or_refused() {
    let mut random = Random(0x6d69_6e73_7465_7211);
    let instructions = (0..1 << 22).filter(|_| is_instruction(random.word())).count();
    assert!(instructions > 1 << 17, "{instructions}");
    for _ in 0..1 << 16 {
        let opcode = random.choose(Opcode::ALL);
        let word = random.word() & !opcode.format().mask() | opcode.bits();
        assert!(is_instruction(word), "{word:#010x}");
        is_instruction(word ^ 1 << random.below(32));
    }
}

/// All words. As many are instructions as the table's fields have values.
#[test]
#[ignore = "minutes"]
fn long_run_every_word_is_decoded_or_refused() {
    let threads = thread::available_parallelism().map_or(1, usize::from) as u64;
    let share =
        |index: u64| -> Range<u64> { (index << 32) / threads..((index + 1) << 32) / threads };
    let instructions: usize = thread::scope(|scope| {
        let count = |words: Range<u64>| words.filter(|word| is_instruction(*word as u32)).count();
        let parts: Vec<_> =
            (0..threads).map(|index| scope.spawn(move || count(share(index)))).collect();
        parts.into_iter().map(|part| part.join().expect("no panic")).sum()
    });
    let fields = Opcode::ALL.iter().map(|opcode| 1_usize << opcode.format().mask().count_zeros());
    assert_eq!(instructions, fields.sum::<usize>());
    report(&format!("decoder: 4294967296 words, {instructions} of them instructions"));
}
