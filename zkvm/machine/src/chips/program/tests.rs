use minster_riscv::{Instruction, Opcode, encode};
use p3_field::{PrimeCharacteristicRing, PrimeField32};
use p3_matrix::Matrix;

use super::{Program, ProgramRow};
use crate::F;
use crate::buses::PROGRAM;
use crate::checker::{HonestRow, canonical, flatten, free_columns, report_with};
use crate::rom::{HALTED, LINE_WIDTH, NOWHERE, Rom, operation};

const BASE: u32 = 0x0020_0000;

/// Every instruction once, with what is none between them.
fn rom() -> Rom {
    let words = Opcode::ALL.iter().flat_map(|opcode| {
        let instruction = Instruction { opcode: *opcode, rd: 0, rs1: 3, rs2: 31, imm: 8 };
        [encode(&instruction), u32::MAX]
    });
    let words: Vec<u32> = words.collect();
    Rom::new(&minster_riscv::Program::new(BASE, BASE, &words, &[]).unwrap())
}

fn rows(count: u32) -> Vec<HonestRow> {
    let fixed = Program::preprocessed(&rom());
    let cells = flatten(ProgramRow { count: F::from_u32(count) });
    let row = |preprocessed: Vec<F>| HonestRow {
        cells: cells.clone(),
        preprocessed,
        ..Default::default()
    };
    fixed.rows().map(|line| row(line.collect())).collect()
}

#[test]
fn honest_rows_hold() {
    for count in [0, 1, 1 << 20] {
        for row in rows(count) {
            let report = report_with::<Program>(&row.cells, &row.preprocessed, &[]);
            assert_eq!(report.violations, Vec::<&str>::new());
            let sent: Vec<_> =
                report.messages.iter().map(|sent| (&*sent.bus, sent.count)).collect();
            let expected = (PROGRAM, -F::from_u32(count));
            assert_eq!(sent, if count == 0 { vec![] } else { vec![expected] });
        }
    }
}

#[test]
fn no_change_escapes() {
    for count in [0, 1, 77] {
        assert_eq!(free_columns::<Program>(&rows(count)), Vec::<String>::new());
    }
}

#[test]
fn a_row_says_what_the_key_holds() {
    for row in rows(3) {
        let [message] = &report_with::<Program>(&row.cells, &row.preprocessed, &[]).messages[..]
        else {
            panic!("one message");
        };
        assert_eq!(message.tuple, canonical(&row.preprocessed));
    }
}

#[test]
fn without_the_key_no_row_holds() {
    let row = flatten(ProgramRow { count: F::ZERO });
    for width in 0..LINE_WIDTH {
        let report = report_with::<Program>(&row, &vec![F::ONE; width], &[]);
        assert_eq!(report.violations, ["PROGRAM-0"]);
    }
}

#[test]
fn the_key_holds_each_line_once() {
    let rom = rom();
    let fixed = Program::preprocessed(&rom);
    assert_eq!(fixed.height(), rom.height());
    let lines: Vec<Vec<u32>> =
        fixed.rows().map(|line| line.map(|cell| cell.as_canonical_u32()).collect()).collect();
    let (used, padding) = lines.split_at(rom.lines().len());
    assert!(padding.iter().flatten().all(|cell| *cell == 0));
    assert!(used.windows(2).all(|pair| pair[0][0] < pair[1][0]), "each pc once");
    // All but EBREAK, and nothing of what is no instruction.
    assert_eq!(used.len(), Opcode::ALL.len() - 1);
    for line in used {
        assert!((operation::ADDI..=operation::ECALL).contains(&line[1]), "{line:?}");
        assert!(line[0] < 1 << 29 && line[5] < 1 << 16 && line[6] < 1 << 16, "{line:?}");
        // No line leads to where only a halt leads.
        assert!(line[1] == operation::JALR || line[7] <= NOWHERE, "{line:?}");
    }
    const { assert!(HALTED > NOWHERE) };
}

#[test]
fn x0_is_written_by_no_line() {
    for line in rom().lines() {
        let stores = [operation::SW, operation::SB, operation::SH].contains(&line.operation);
        let branches = (operation::BEQ..=operation::BGEU).contains(&line.operation);
        if !stores && !branches && line.operation != operation::ECALL {
            assert_ne!(line.rd, 0, "{line:?}");
        }
    }
}

#[test]
fn counts_are_of_their_lines() {
    let rom = rom();
    let counts: Vec<u32> = (1..=rom.lines().len() as u32).collect();
    let trace = Program::trace(&rom, &counts);
    assert_eq!(trace.height(), rom.height());
    for (row, cell) in trace.values.iter().enumerate() {
        let count = counts.get(row).copied().unwrap_or_default();
        assert_eq!(cell.as_canonical_u32(), count);
    }
}
