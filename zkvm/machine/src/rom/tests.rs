use alloc::collections::BTreeSet;

use minster_emulator::Class;
use minster_riscv::{Instruction, Opcode};

use super::{Line, NOWHERE, SINK, lower, operation};

const PC: u32 = 0x0012_3450;

fn line(opcode: Opcode, imm: u32) -> Option<Line<u32>> {
    lower(PC, Instruction { opcode, rd: 5, rs1: 6, rs2: 7, imm })
}

#[test]
fn an_operation_belongs_to_one_class() {
    let mut seen: Vec<(u32, Class)> = Vec::new();
    for opcode in Opcode::ALL.iter().copied() {
        let Some(line) = line(opcode, 0) else {
            assert_eq!(Class::of(opcode), None, "{opcode:?}");
            continue;
        };
        let class = Class::of(opcode).expect("an instruction with a line has a class");
        assert_ne!(line.operation, 0);
        match seen.iter().find(|(operation, _)| *operation == line.operation) {
            Some((_, other)) => assert_eq!(*other, class, "{opcode:?}"),
            None => seen.push((line.operation, class)),
        }
    }
    let numbers: BTreeSet<u32> = seen.into_iter().map(|(operation, _)| operation).collect();
    assert_eq!(numbers, (operation::ADDI..=operation::ECALL).collect());
}

#[test]
fn x0_is_never_written() {
    for opcode in Opcode::ALL.iter().copied() {
        let instruction = Instruction { opcode, rd: 0, rs1: 6, rs2: 7, imm: 0 };
        let Some(line) = lower(PC, instruction) else { continue };
        let writes = !matches!(Class::of(opcode), Some(Class::Branch | Class::Ecall))
            && !matches!(opcode, Opcode::Sb | Opcode::Sh | Opcode::Sw);
        assert_eq!(line.rd == SINK, writes, "{opcode:?}: {line:?}");
    }
}

#[test]
fn addresses_known_before_the_run_are_in_the_line() {
    let lui = line(Opcode::Lui, 0xffff_f000).unwrap();
    assert_eq!((lui.rs1, lui.immediate_value(), lui.next), (0, 0xffff_f000, PC / 4 + 1));
    let auipc = line(Opcode::Auipc, 0xffff_f000).unwrap();
    assert_eq!((auipc.rs1, auipc.immediate_value()), (0, PC.wrapping_add(0xffff_f000)));
    let jal = line(Opcode::Jal, 0x40).unwrap();
    assert_eq!((jal.rs1, jal.immediate_value(), jal.next), (0, PC + 4, (PC + 0x40) / 4));
    let jalr = line(Opcode::Jalr, 12).unwrap();
    assert_eq!((jalr.rs1, jalr.immediate_value()), (6, 12));
    assert_eq!(jalr.rs2 | jalr.next << 16, PC + 4);
    let branch = line(Opcode::Bne, 8u32.wrapping_neg()).unwrap();
    assert_eq!((branch.rs1, branch.rs2, branch.next), (6, 7, (PC - 8) / 4));
    assert_eq!(branch.immediate_value(), 0);
}

#[test]
fn a_misaligned_target_is_nowhere() {
    for opcode in [Opcode::Jal, Opcode::Beq] {
        assert_eq!(line(opcode, 2).unwrap().next, NOWHERE);
    }
}

#[test]
fn an_operand_is_a_register_or_an_immediate() {
    let add = line(Opcode::Add, 0).unwrap();
    assert_eq!((add.rs2, add.immediate_value()), (7, 0));
    for opcode in [Opcode::Andi, Opcode::Slti, Opcode::Slli, Opcode::Lw, Opcode::Lb] {
        let instruction = Instruction { opcode, rd: 5, rs1: 6, rs2: 0, imm: 9 };
        let line = lower(PC, instruction).unwrap();
        assert_eq!((line.rd, line.rs1, line.rs2, line.immediate_value()), (5, 6, 0, 9));
    }
    let store = line(Opcode::Sw, 9).unwrap();
    assert_eq!((store.rd, store.rs1, store.rs2, store.immediate_value()), (7, 6, 0, 9));
    let fence = line(Opcode::Fence, 0).unwrap();
    assert_eq!((fence.rd, fence.rs1, fence.rs2, fence.immediate_value()), (SINK, 0, 0, 0));
}
