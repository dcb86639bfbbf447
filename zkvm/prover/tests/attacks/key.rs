//! Line 26: what the key's digest covers.

use std::collections::BTreeSet;

use minster_machine::config::Digest;
use minster_machine::fingerprint::fingerprint;
use minster_riscv::{Opcode, Program};
use minster_verifier::VerifyingKey;

use crate::support::{BASE, DATA, Score, doubling, proven_doubling};

fn digest(program: &Program) -> Digest {
    *VerifyingKey::new(program).expect("a key").digest()
}

/// Programs that differ in one thing have different keys: in an instruction or only in one of its
/// parts, in a word of data, in where it is, in the entry, in the place of the code.
#[test]
fn line_26_digest() {
    let mut score = Score::new("line 26");
    let code = |change: fn(&mut crate::support::Assembler)| {
        let mut code = doubling();
        change(&mut code);
        code.program()
    };
    let halt = 0x0000_0073;
    let placed = |entry, base, words: &[u32], data: &[(u32, &[u8])]| {
        Program::new(entry, base, words, data).expect("a program")
    };
    let programs = [
        doubling().program(),
        doubling().program_at(4, &[1, 2, 3, 4]),
        doubling().program_at(8, &[1, 2, 3, 4]),
        doubling().program_at(0, &[1, 2, 3, 5]),
        doubling().program_at(0, &[1, 2, 4, 3]),
        doubling().program_at(0, &[1, 2, 3, 4, 1]),
        doubling().program_at(0, &[0, 1, 2, 3, 4]),
        code(|code| code.register(Opcode::Add, 1, 2, 3)),
        code(|code| code.register(Opcode::Add, 1, 3, 2)),
        code(|code| code.register(Opcode::Add, 2, 2, 3)),
        code(|code| code.register(Opcode::Sub, 1, 2, 3)),
        code(|code| code.immediate(Opcode::Addi, 1, 2, 3)),
        code(|code| code.immediate(Opcode::Addi, 1, 2, -3)),
        code(|code| code.push(Opcode::Fence, 0, 0, 0, 0)),
        code(|code| code.push(Opcode::Ebreak, 0, 0, 0, 0)),
        placed(BASE, BASE, &[halt], &[]),
        placed(BASE, BASE, &[halt, halt], &[]),
        placed(BASE + 4, BASE, &[halt, halt], &[]),
        placed(BASE + 4, BASE + 4, &[halt], &[]),
        placed(BASE, BASE, &[halt], &[(DATA, &[1])]),
        placed(BASE, BASE, &[halt], &[(DATA + 1, &[1])]),
        placed(BASE, BASE, &[halt], &[(DATA + 4, &[1])]),
        // The same memory, but the second word is no code.
        placed(BASE, BASE, &[halt], &[(BASE + 4, &halt.to_le_bytes())]),
        placed(BASE, BASE, &[halt, 0], &[]),
    ];
    let mut seen = BTreeSet::new();
    for (index, program) in programs.iter().enumerate() {
        let digest =
            digest(program).map(|element| p3_field::PrimeField32::as_canonical_u32(&element));
        // A word that is no instruction and is 0 changes nothing that a run could see.
        let is_same = index + 1 == programs.len();
        score.caught(&format!("program {index}"), seen.insert(digest) != is_same);
    }
    score.end();
}

/// The fingerprint in the digest knows every chip, and their order.
#[test]
fn line_26_chips() {
    let mut score = Score::new("line 26, chips");
    let honest = proven_doubling().run.key().chips();
    for index in 0..honest.len() {
        let mut chips = honest.to_vec();
        chips.remove(index);
        score.caught("a chip left out", fingerprint(&chips) != fingerprint(honest));
        let mut chips = honest.to_vec();
        chips.swap(index, (index + 1) % honest.len());
        score.caught("two chips exchanged", fingerprint(&chips) != fingerprint(honest));
        let mut chips = honest.to_vec();
        chips[index] = honest[(index + 1) % honest.len()].clone();
        score.caught("a chip twice", fingerprint(&chips) != fingerprint(honest));
    }
    score.end();
}
