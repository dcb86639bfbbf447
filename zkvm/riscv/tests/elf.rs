//! The ELF loader: what it takes, what it refuses and why, and damaged files.

mod elf_writer;

use elf_writer::{EXECUTE, ElfFile, HEADER_SIZE, LOAD, READ, SEGMENT_HEADER_SIZE, Segment, WRITE};
use minster_riscv::{
    ELF_SIZE_MAX, ElfError, Opcode, Program, SEGMENTS_MAX, SYMBOL_NAME_SIZE_MAX, SYMBOLS_MAX,
};
use proptest::prelude::*;

const NOP: u32 = 0x13;
const ECALL: u32 = 0x73;

fn valid() -> ElfFile {
    let code = Segment::code(0x1_0000, &[NOP, NOP, ECALL]);
    let mut data = Segment::new(READ | WRITE, 0x2_0001, vec![1, 2, 3, 4]);
    data.memory_size = 0x4000_0000;
    let zeros = Segment::zeros(0x7000_0000, 0x1000_0000);
    let mut file = ElfFile::executable(0x1_0004, vec![code, data, zeros]);
    file.symbols = vec![
        ("second".into(), 0x1_0008, 4),
        ("first".into(), 0x1_0000, 4),
        ("$x".into(), 0x1_0004, 0),
        ("label".into(), 0x1_000c, 0),
    ];
    file
}

fn refusal(file: &ElfFile) -> String {
    refusal_of_bytes(&file.to_bytes())
}

fn refusal_of_bytes(bytes: &[u8]) -> String {
    Program::from_elf(bytes).expect_err("refused").to_string()
}

#[test]
fn a_valid_file_loads() {
    let program = Program::from_elf(&valid().to_bytes()).expect("valid");
    assert_eq!(program.entry(), 0x1_0004);
    let code: Vec<_> = program.code().map(|(pc, op)| (pc, op.map(|op| op.opcode))).collect();
    let (nop, ecall) = (Some(Opcode::Addi), Some(Opcode::Ecall));
    assert_eq!(code, [(0x1_0000, nop), (0x1_0004, nop), (0x1_0008, ecall)]);
    let image: Vec<_> = program.image().collect();
    assert_eq!(image[..3], [(0x1_0000, NOP), (0x1_0004, NOP), (0x1_0008, ECALL)]);
    assert_eq!(image[3..], [(0x2_0000, 0x0302_0100), (0x2_0004, 4)]);
}

#[test]
fn symbols_name_functions() {
    let program = Program::from_elf(&valid().to_bytes()).expect("valid");
    let cases = [
        (0xfffc, None),
        (0x1_0000, Some("first")),
        (0x1_0004, None),
        (0x1_0008, Some("second")),
        (0x1_000c, Some("label")),
        (0x1_0010, Some("label")),
    ];
    for (pc, name) in cases {
        assert_eq!(program.function_at(pc), name, "{pc:#x}");
    }
}

#[test]
fn symbols_are_bounded() {
    let mut file = valid();
    let name = |size: usize| "n".repeat(size);
    file.symbols = vec![
        (name(SYMBOL_NAME_SIZE_MAX), 0x1_0000, 4),
        (name(SYMBOL_NAME_SIZE_MAX + 1), 0x1_0004, 4),
    ];
    let program = Program::from_elf(&file.to_bytes()).expect("valid");
    assert_eq!(program.symbols().len(), 1);
    file.symbols = (0..=SYMBOLS_MAX as u32).map(|at| (format!("f{at}"), at, 1)).collect();
    let program = Program::from_elf(&file.to_bytes()).expect("valid");
    assert_eq!(program.symbols().len(), SYMBOLS_MAX);
}

/// Reading the name of each to its end would take days.
#[test]
fn symbols_that_share_a_long_name_cost_no_time() {
    let mut file = valid();
    let symbol = |name: String| (name, 0x1_0000, 4);
    file.symbols = vec![symbol("n".repeat(16 << 20))];
    file.symbols.extend((0..1 << 20).map(|_| symbol(String::new())));
    let mut bytes = file.to_bytes();
    // The header of the symbol table is the last but one; its offset is its fifth word.
    let at = bytes.len() - 2 * 40 + 4 * 4;
    let table = u32::from_le_bytes(*bytes[at..].first_chunk().expect("a word")) as usize;
    for symbol in 1..=1 << 20 {
        bytes[table + 16 * symbol..][..4].copy_from_slice(&1u32.to_le_bytes());
    }
    let program = Program::from_elf(&bytes).expect("valid");
    assert!(program.symbols().is_empty());
}

#[test]
fn what_the_machine_cannot_run_is_refused_with_its_reason() {
    type Change = fn(&mut ElfFile);
    let cases: [(&str, Change); 19] = [
        ("architecture 62", |file| file.machine = 62),
        ("position-independent", |file| file.kind = 3),
        ("type 1, not an executable", |file| file.kind = 1),
        ("type 4, not an executable", |file| file.kind = 4),
        ("compressed", |file| file.flags = 1),
        ("floating-point", |file| file.flags = 2),
        ("floating-point", |file| file.flags = 4),
        ("floating-point", |file| file.flags = 6),
        ("unknown flags 0x20", |file| file.flags = 0x20),
        ("dynamically linked", |file| file.segments[2].kind = 2),
        ("dynamically linked", |file| file.segments[2].kind = 3),
        ("entry point 0x10002", |file| file.entry = 0x1_0002),
        ("entry point 0x1000c", |file| file.entry = 0x1_000c),
        ("entry point 0x20000", |file| file.entry = 0x2_0000),
        ("entry point", |file| file.segments[0].flags = READ),
        ("entry point", |file| file.segments.clear()),
        ("overlaps", |file| file.segments[2].address = 0x2_0000),
        ("not inside RAM", |file| file.segments[2].memory_size += 1),
        ("larger in the file than in memory", |file| file.segments[0].memory_size = 11),
    ];
    for (reason, change) in cases {
        let mut file = valid();
        change(&mut file);
        let text = refusal(&file);
        assert!(text.contains(reason), "{reason}: {text}");
    }
    for harmless in [8, 0x10, 0x18] {
        assert!(Program::from_elf(&ElfFile { flags: harmless, ..valid() }.to_bytes()).is_ok());
    }
}

#[test]
fn wrong_identities_are_refused() {
    let bytes = valid().to_bytes();
    let with = |at: usize, value: u8| {
        let mut bytes = bytes.clone();
        bytes[at] = value;
        refusal_of_bytes(&bytes)
    };
    assert_eq!(refusal_of_bytes(&[]), "not an ELF file");
    assert_eq!(refusal_of_bytes(b"#!/bin/sh"), "not an ELF file");
    assert_eq!(with(0, 0), "not an ELF file");
    assert!(with(4, 2).contains("64-bit"));
    assert!(with(4, 3).contains("damaged"));
    assert!(with(5, 2).contains("big-endian"));
    assert!(with(5, 0).contains("damaged"));
    assert!(with(6, 9).contains("damaged"));
}

#[test]
fn a_truncated_file_is_refused_wherever_it_ends() {
    let bytes = valid().to_bytes();
    for size in 0..bytes.len() {
        assert!(Program::from_elf(&bytes[..size]).is_err(), "{size}");
    }
    let tables = HEADER_SIZE + SEGMENT_HEADER_SIZE;
    for size in [5, 16, HEADER_SIZE - 1, HEADER_SIZE, tables, bytes.len() - 1] {
        assert!(refusal_of_bytes(&bytes[..size]).contains("damaged"), "{size}");
    }
}

#[test]
fn files_and_tables_have_limits() {
    let mut bytes = valid().to_bytes();
    bytes.resize(ELF_SIZE_MAX, 0);
    assert!(Program::from_elf(&bytes).is_ok());
    bytes.push(0);
    assert!(matches!(Program::from_elf(&bytes), Err(ElfError::FileTooLarge { .. })));

    let mut file = valid();
    file.segments.resize(SEGMENTS_MAX, Segment { kind: 4, ..Segment::zeros(0, 0) });
    assert!(Program::from_elf(&file.to_bytes()).is_ok());
    file.segments.push(Segment::zeros(0, 0));
    let count = SEGMENTS_MAX + 1;
    let error = Program::from_elf(&file.to_bytes()).expect_err("refused");
    assert!(matches!(error, ElfError::TooManySegments { count: found } if found == count));
}

/// Many segments may show the same bytes of the file: the image is limited, not the file alone.
#[test]
fn aliased_segments_count_towards_the_image() {
    let segments = (0..64).map(|index| Segment::zeros(0x10_0000 * index, 0x10_0000)).collect();
    let mut file = ElfFile::executable(0, segments);
    file.segments.push(Segment::new(READ, 0x4000_0000, vec![1; 0x10_0000]));
    let mut bytes = file.to_bytes();
    let headers = bytes[HEADER_SIZE..][..SEGMENT_HEADER_SIZE * 65].chunks_mut(32);
    let mut headers: Vec<_> = headers.collect();
    let last: [u8; 32] = (&*headers[64]).try_into().expect("32 bytes");
    for header in &mut headers {
        header[4..8].copy_from_slice(&last[4..8]);
        header[16..20].copy_from_slice(&last[16..20]);
    }
    assert!(refusal_of_bytes(&bytes).contains("memory image of 0x4100000 bytes"));
}

/// Looks at everything that a program offers.
fn exercise(program: &Program) {
    let code: Vec<_> = program.code().collect();
    assert!(code.iter().any(|(pc, _)| *pc == program.entry()));
    let mut last = None;
    for (address, word) in program.image() {
        assert!(last < Some(address) && address % 4 == 0 && word != 0);
        last = Some(address);
    }
    let _ = program.function_at(program.entry());
    assert!(program.symbols().is_sorted_by(|a, b| a.address < b.address));
}

fn mutation() -> impl Strategy<Value = (prop::sample::Index, [u8; 4], usize)> {
    let interesting = prop::sample::select(vec![
        0_u32,
        1,
        3,
        0x7f,
        0xff,
        0xffff,
        0x7fff_ffff,
        0x8000_0000,
        0xffff_fffc,
        u32::MAX,
    ]);
    let value = prop_oneof![any::<u32>(), interesting].prop_map(u32::to_le_bytes);
    (any::<prop::sample::Index>(), value, 1_usize..=4)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn no_bytes_make_the_loader_panic(bytes in prop::collection::vec(any::<u8>(), 0..256)) {
        let _ = Program::from_elf(&bytes);
        let identified = [b"\x7fELF\x01\x01\x01".as_slice(), &bytes].concat();
        if let Ok(program) = Program::from_elf(&identified) {
            exercise(&program);
        }
    }

    #[test]
    fn no_mutation_makes_the_loader_panic(
        mutations in prop::collection::vec(mutation(), 1..6),
        aimed in any::<bool>(),
        cut in prop::option::weighted(0.1, any::<prop::sample::Index>()),
    ) {
        // Without the page padding, so that the mutations meet something.
        let segments = vec![
            Segment { kind: LOAD, flags: READ | EXECUTE, ..Segment::code(0x1_0094, &[NOP; 3]) },
            Segment::new(READ | WRITE, 0x2_00a0, vec![1, 2, 3]),
            Segment::zeros(0x3_00a3, 0x100),
        ];
        let mut file = ElfFile::executable(0x1_0094, segments);
        file.symbols = vec![("one".into(), 0x1_0094, 8), ("two".into(), 0x1_009c, 0)];
        let mut bytes = file.to_bytes();
        let headers = HEADER_SIZE + 3 * SEGMENT_HEADER_SIZE;
        for (at, value, size) in mutations {
            let at = at.index(if aimed { headers } else { bytes.len() });
            let size = size.min(bytes.len() - at);
            bytes[at..at + size].copy_from_slice(&value[..size]);
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        if let Ok(program) = Program::from_elf(&bytes) {
            exercise(&program);
        }
    }
}
