//! The table against encodings that GNU as made, and the loader's view of pieces.

use proptest::prelude::*;

use crate::program::Piece;
use crate::{
    CODE_WORDS_MAX, Format, IMAGE_SIZE_MAX, Instruction, LayoutError, Opcode, Program, RAM_SIZE,
    decode, encode,
};

/// Words from `riscv64-unknown-elf-as -march=rv32im`: mnemonic, rd, rs1, rs2, immediate.
const ASSEMBLED: &[(u32, &str, u8, u8, u8, i32)] = &[
    (0xffff_f2b7, "lui", 5, 0, 0, 0xffff_f000_u32.cast_signed()),
    (0x1234_5f97, "auipc", 31, 0, 0, 0x1234_5000_u32.cast_signed()),
    (0xffdf_f0ef, "jal", 1, 0, 0, -4),
    (0x00e7_f06f, "jal", 0, 0, 0, 520206),
    (0x8000_01ef, "jal", 3, 0, 0, -1048576),
    (0x8004_03e7, "jalr", 7, 8, 0, -2048),
    (0x8020_8063, "beq", 0, 1, 2, -4096),
    (0x7e41_9fe3, "bne", 0, 3, 4, 4094),
    (0xffef_cfe3, "blt", 0, 31, 30, -2),
    (0x0062_d463, "bge", 0, 5, 6, 8),
    (0x00a4_e0e3, "bltu", 0, 9, 10, 2048),
    (0x8110_70e3, "bgeu", 0, 0, 17, -2048),
    (0xfff1_0083, "lb", 1, 2, 0, -1),
    (0x7ff2_1183, "lh", 3, 4, 0, 2047),
    (0x8003_2283, "lw", 5, 6, 0, -2048),
    (0x0004_4383, "lbu", 7, 8, 0, 0),
    (0x0045_5483, "lhu", 9, 10, 0, 4),
    (0xfff1_0fa3, "sb", 0, 2, 31, -1),
    (0x7e32_1fa3, "sh", 0, 4, 3, 2047),
    (0x8053_2023, "sw", 0, 6, 5, -2048),
    (0xfff1_0093, "addi", 1, 2, 0, -1),
    (0x7ff2_2193, "slti", 3, 4, 0, 2047),
    (0x8003_3293, "sltiu", 5, 6, 0, -2048),
    (0x0014_4393, "xori", 7, 8, 0, 1),
    (0x5555_6493, "ori", 9, 10, 0, 1365),
    (0xaaa6_7593, "andi", 11, 12, 0, -1366),
    (0x01f7_1693, "slli", 13, 14, 0, 31),
    (0x0018_5793, "srli", 15, 16, 0, 1),
    (0x41f9_5893, "srai", 17, 18, 0, 31),
    (0x015a_09b3, "add", 19, 20, 21, 0),
    (0x418b_8b33, "sub", 22, 23, 24, 0),
    (0x01bd_1cb3, "sll", 25, 26, 27, 0),
    (0x01ee_ae33, "slt", 28, 29, 30, 0),
    (0x0020_bfb3, "sltu", 31, 1, 2, 0),
    (0x0052_41b3, "xor", 3, 4, 5, 0),
    (0x0083_d333, "srl", 6, 7, 8, 0),
    (0x40b5_54b3, "sra", 9, 10, 11, 0),
    (0x00e6_e633, "or", 12, 13, 14, 0),
    (0x0118_77b3, "and", 15, 16, 17, 0),
    (0x0ff0_000f, "fence", 0, 0, 0, 0),
    (0x0000_0073, "ecall", 0, 0, 0, 0),
    (0x0010_0073, "ebreak", 0, 0, 0, 0),
    (0x0349_8933, "mul", 18, 19, 20, 0),
    (0x037b_1ab3, "mulh", 21, 22, 23, 0),
    (0x03ac_ac33, "mulhsu", 24, 25, 26, 0),
    (0x03de_3db3, "mulhu", 27, 28, 29, 0),
    (0x021f_cf33, "div", 30, 31, 1, 0),
    (0x0241_d133, "divu", 2, 3, 4, 0),
    (0x0273_62b3, "rem", 5, 6, 7, 0),
    (0x02a4_f433, "remu", 8, 9, 10, 0),
];

#[test]
fn the_table_agrees_with_an_assembler() {
    let mut seen = Vec::new();
    for (word, mnemonic, rd, rs1, rs2, imm) in ASSEMBLED.iter().copied() {
        let found = decode(word).unwrap_or_else(|| panic!("{mnemonic} {word:#x}"));
        let imm = imm.cast_unsigned();
        assert_eq!(found, Instruction { opcode: found.opcode, rd, rs1, rs2, imm }, "{mnemonic}");
        assert_eq!(found.opcode.mnemonic(), mnemonic);
        if found.opcode != Opcode::Fence {
            assert_eq!(encode(&found), word, "{mnemonic}");
        }
        seen.push(found.opcode);
    }
    let missing: Vec<_> = Opcode::ALL.iter().filter(|opcode| !seen.contains(opcode)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn no_word_matches_two_rows() {
    for (index, a) in Opcode::ALL.iter().enumerate() {
        assert_eq!(a.bits() & !a.format().mask(), 0, "{a:?}");
        for b in &Opcode::ALL[..index] {
            let common = a.format().mask() & b.format().mask();
            assert_ne!(a.bits() & common, b.bits() & common, "{a:?} {b:?}");
        }
    }
}

/// All 2^17 combinations of opcode, funct3 and funct7, the other fields 0: as many decode as the
/// specification's listing has.
#[test]
fn every_other_encoding_is_refused() {
    let words = (0..1 << 7).flat_map(|opcode| {
        (0..1 << 10).map(move |functs| opcode | (functs & 7) << 12 | (functs >> 3) << 25)
    });
    let count = words.filter(|word| decode(*word).is_some()).count();
    let upper_or_jump = 3 << 10;
    let one_funct3 = (1 + 6 + 5 + 3 + 6 + 1) << 7; // jalr, branches, loads, stores, op-imm, fence
    let one_word = 3 + 18 + 1; // immediate shifts, register operations, ecall
    assert_eq!(count, upper_or_jump + one_funct3 + one_word);
}

#[test]
fn reserved_and_foreign_words_are_refused() {
    let cases = [
        (0x0000_0000, "all zeros"),
        (0xffff_ffff, "all ones"),
        (0x0000_0001, "compressed"),
        (0x0200_1013 | 5 << 7, "slli with bit 25"),
        (0x4000_1013, "slli with funct7 of srai"),
        (0x0200_5013, "srli with bit 25"),
        (0x0000_1067, "jalr with funct3 1"),
        (0x0000_2063, "branch with funct3 2"),
        (0x0000_3003, "ld"),
        (0x0000_6003, "lwu"),
        (0x0000_3023, "sd"),
        (0x4000_1033, "sll with funct7 of sub"),
        (0x0400_0033, "unknown funct7"),
        (0x0000_100f, "fence.i"),
        (0x0020_0073, "uret"),
        (0x3020_0073, "mret"),
        (0x1050_0073, "wfi"),
        (0xc000_2573, "csrrs a0, cycle"),
        (0x0000_00f3, "ecall with rd"),
        (0x0000_8073, "ecall with rs1"),
        (0x0000_202f, "amoadd.w"),
        (0x0000_0007, "flw"),
        (0x0000_001b, "addiw"),
        (0x0000_003b, "addw"),
    ];
    for (word, what) in cases {
        assert_eq!(decode(word), None, "{what}");
    }
}

#[test]
fn fence_ignores_its_fields() {
    for word in [0x0ff0_000f, 0x8330_000f, 0x0000_000f, 0xffff_8f8f] {
        let fence = decode(word).expect("a fence");
        assert_eq!(fence, Instruction { opcode: Opcode::Fence, rd: 0, rs1: 0, rs2: 0, imm: 0 });
    }
}

fn instruction() -> impl Strategy<Value = Instruction> {
    let opcode = prop::sample::select(Opcode::ALL);
    (opcode, 0_u8..32, 0_u8..32, 0_u8..32, any::<i32>()).prop_map(|(opcode, rd, rs1, rs2, any)| {
        let none = Instruction { opcode, rd: 0, rs1: 0, rs2: 0, imm: 0 };
        // The shift to the right keeps the sign, so that these are all values of a field.
        let signed = |bits: u32| (any >> (32 - bits)).cast_unsigned();
        match opcode.format() {
            Format::R => Instruction { rd, rs1, rs2, ..none },
            Format::I => Instruction { rd, rs1, imm: signed(12), ..none },
            Format::Shift => Instruction { rd, rs1, imm: signed(12) & 31, ..none },
            Format::S => Instruction { rs1, rs2, imm: signed(12), ..none },
            Format::B => Instruction { rs1, rs2, imm: signed(12) << 1, ..none },
            Format::U => Instruction { rd, imm: signed(20) << 12, ..none },
            Format::J => Instruction { rd, imm: signed(20) << 1, ..none },
            Format::Fence | Format::System => none,
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn decoding_inverts_encoding(instruction in instruction()) {
        prop_assert_eq!(decode(encode(&instruction)), Some(instruction));
    }

    #[test]
    fn encoding_inverts_decoding(word in any::<u32>()) {
        let rows = Opcode::ALL.iter();
        let matching = rows.filter(|row| word & row.format().mask() == row.bits()).count();
        prop_assert_eq!(matching, usize::from(decode(word).is_some()));
        if let Some(found) = decode(word).filter(|found| found.opcode != Opcode::Fence) {
            prop_assert_eq!(encode(&found), word);
        }
    }
}

const NOP: u32 = 0x13;

#[test]
fn a_program_has_its_words_at_their_places() {
    let data: &[(u32, &[u8])] = &[(0x2003, &[1, 2, 3]), (0x2007, &[4]), (0x1ffc, &[9, 0, 0])];
    let program = Program::new(0x1004, 0x1000, &[0, NOP, 7], data).expect("valid");
    let nop = decode(NOP);
    assert_eq!(program.entry(), 0x1004);
    let code: Vec<_> = program.code().collect();
    assert_eq!(code, [(0x1000, None), (0x1004, nop), (0x1008, None)]);
    let image: Vec<_> = program.image().collect();
    let words = [(0x1004, NOP), (0x1008, 7), (0x1ffc, 9), (0x2000, 0x0100_0000)];
    assert_eq!(image[..4], words);
    assert_eq!(image[4..], [(0x2004, 0x0400_0302)]);
    assert_eq!(program.function_at(0x1004), None);
}

#[test]
fn pieces_of_code_may_lie_apart_and_end_inside_words() {
    let piece = |address, size, bytes, executable| Piece { address, size, bytes, executable };
    let nop = NOP.to_le_bytes();
    let shifted = [&[0xff; 2][..], &nop, &[0xff; 3]].concat();
    let pieces = vec![
        piece(0x100a, 9, &shifted, true),
        piece(0x1000, 4, &nop, true),
        piece(0x1004, 4, &nop, false),
    ];
    let program = Program::from_pieces(0x100c, pieces, Vec::new()).expect("valid");
    let code: Vec<_> = program.code().collect();
    let expected = [(0x1000, decode(NOP)), (0x1004, None), (0x1008, None), (0x100c, decode(NOP))];
    assert_eq!(code, expected);
}

#[test]
fn the_entry_is_an_address_of_code() {
    let entry = |entry, code: &[u32]| Program::new(entry, 0x1000, code, &[(0x2000, &[1; 4])]);
    assert!(entry(0x1004, &[NOP, NOP]).is_ok());
    let outside = [0, 0xffc, 0x1002, 0x1008, 0x2000, u32::MAX];
    for address in outside {
        let error = entry(address, &[NOP, NOP]).err();
        assert_eq!(error, Some(LayoutError::Entry { entry: address }));
    }
    assert_eq!(entry(0x1000, &[]).err(), Some(LayoutError::Entry { entry: 0x1000 }));
}

#[test]
fn pieces_do_not_overlap() {
    let with = |data: &[(u32, &[u8])]| Program::new(0x1000, 0x1000, &[NOP; 4], data).err();
    let overlap = |address, other| Some(LayoutError::Overlap { address, other });
    assert_eq!(with(&[(0x1010, &[1]), (0xfff, &[1])]), None);
    assert_eq!(with(&[(0x100f, &[1])]), overlap(0x100f, 0x1000));
    assert_eq!(with(&[(0xffe, &[1; 3])]), overlap(0x1000, 0xffe));
    assert_eq!(with(&[(0x1000, &[1])]), overlap(0x1000, 0x1000));
    assert_eq!(with(&[(0x1000, &[])]), None);
}

#[test]
fn pieces_are_inside_ram() {
    let with = |data: &[(u32, &[u8])]| Program::new(0x1000, 0x1000, &[NOP], data).err();
    assert_eq!(with(&[(RAM_SIZE - 2, &[1; 2])]), None);
    let outside = |address, size| Some(LayoutError::OutsideRam { address, size });
    assert_eq!(with(&[(RAM_SIZE - 2, &[1; 3])]), outside(RAM_SIZE - 2, 3));
    assert_eq!(with(&[(u32::MAX, &[1; 3])]), outside(u32::MAX, 3));
    let last = Program::new(RAM_SIZE - 4, RAM_SIZE - 4, &[NOP], &[]).expect("valid");
    assert_eq!(last.code().last(), Some((RAM_SIZE - 4, decode(NOP))));
    assert_eq!(last.image().last(), Some((RAM_SIZE - 4, NOP)));
}

#[test]
fn code_and_image_have_limits() {
    let words = CODE_WORDS_MAX as usize;
    let code = vec![NOP; words + 1];
    let program = Program::new(0, 0, &code[1..], &[]).expect("at the limit");
    assert_eq!(program.code().len(), words);
    let error = Program::new(0, 0, &code, &[]).err();
    assert_eq!(error, Some(LayoutError::CodeTooLarge { words: CODE_WORDS_MAX + 1 }));

    let piece = |address, executable| Piece { address, size: 4, bytes: &[1; 4], executable };
    let apart = |address| {
        Program::from_pieces(0, vec![piece(0, true), piece(address, true)], Vec::new()).err()
    };
    assert_eq!(apart(4 * CODE_WORDS_MAX - 4), None);
    assert_eq!(
        apart(4 * CODE_WORDS_MAX),
        Some(LayoutError::CodeTooLarge { words: CODE_WORDS_MAX + 1 })
    );

    let data = vec![1; IMAGE_SIZE_MAX as usize];
    let with = |size: usize| Program::new(0, 0, &[NOP], &[(0x1000, &data[..size])]).err();
    assert_eq!(with(data.len() - 4), None);
    let size = u64::from(IMAGE_SIZE_MAX) + 1;
    assert_eq!(with(data.len() - 3), Some(LayoutError::ImageTooLarge { size }));
}
