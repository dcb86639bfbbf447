//! Each instruction at its edges. The bulk of the cases are random programs against qemu.

use minster_riscv::Opcode::{self, *};
use minster_riscv::{Program, RAM_SIZE};

use super::{A0, CODE, CYCLES_MAX, DATA, T0, T1, T2, ZERO, assemble};
use crate::{Io, RunError, Trap, TrapKind, ecall, run};

const MIN: u32 = 0x8000_0000;
const MAX: u32 = 0x7fff_ffff;
const NEG: u32 = u32::MAX;

#[test]
fn register_operations() {
    let cases: &[(Opcode, u32, u32, u32)] = &[
        (Add, MAX, 1, MIN),
        (Add, NEG, 1, 0),
        (Sub, 0, 1, NEG),
        (Sub, MIN, 1, MAX),
        (Sll, 1, 31, MIN),
        (Sll, 1, 32, 1),
        (Sll, 3, 63, MIN),
        (Srl, MIN, 31, 1),
        (Srl, NEG, 33, MAX),
        (Sra, MIN, 31, NEG),
        (Sra, MIN, 32, MIN),
        (Sra, MAX, 0xffff_ffe1, 0x3fff_ffff),
        (Slt, MIN, MAX, 1),
        (Slt, MAX, MIN, 0),
        (Slt, 5, 5, 0),
        (Sltu, MIN, MAX, 0),
        (Sltu, MAX, MIN, 1),
        (Sltu, NEG, NEG, 0),
        (Xor, 0xff00_ff00, 0x0ff0_0ff0, 0xf0f0_f0f0),
        (Or, 0xff00_ff00, 0x0ff0_0ff0, 0xfff0_fff0),
        (And, 0xff00_ff00, 0x0ff0_0ff0, 0x0f00_0f00),
        (Mul, NEG, NEG, 1),
        (Mul, 0x1_0001, 0x1_0001, 0x2_0001),
        (Mulh, NEG, NEG, 0),
        (Mulh, MIN, MIN, 0x4000_0000),
        (Mulh, MIN, 1, NEG),
        (Mulhsu, NEG, NEG, NEG),
        (Mulhsu, MIN, NEG, MIN),
        (Mulhsu, MAX, NEG, 0x7fff_fffe),
        (Mulhu, NEG, NEG, 0xffff_fffe),
        (Mulhu, MIN, 2, 1),
        (Div, 7, 0xffff_fffe, 0xffff_fffd),
        (Div, 0xffff_fff9, 2, 0xffff_fffd),
        (Div, 5, 0, NEG),
        (Div, MIN, 0, NEG),
        (Div, MIN, NEG, MIN),
        (Divu, NEG, 2, MAX),
        (Divu, MIN, NEG, 0),
        (Divu, 5, 0, NEG),
        (Rem, 7, 0xffff_fffe, 1),
        (Rem, 0xffff_fff9, 2, NEG),
        (Rem, 0xffff_fff9, 0, 0xffff_fff9),
        (Rem, MIN, NEG, 0),
        (Remu, NEG, 16, 15),
        (Remu, MIN, NEG, MIN),
        (Remu, 5, 0, 5),
    ];
    for (opcode, a, b, expected) in cases.iter().copied() {
        let code = assemble().set(T0, a).set(T1, b).op(opcode, T2, T0, T1, 0).halt_with(T2);
        assert_eq!(code.exit_code(), expected, "{opcode:?} {a:#x} {b:#x}");
    }
}

#[test]
fn immediate_operations() {
    let cases: &[(Opcode, u32, i32, u32)] = &[
        (Addi, 0, -2048, 0xffff_f800),
        (Addi, MAX, 2047, 0x8000_07fe),
        (Slti, NEG, 0, 1),
        (Slti, 0, -1, 0),
        (Sltiu, 5, -1, 1),
        (Sltiu, NEG, -1, 0),
        (Xori, 0x55, -1, 0xffff_ffaa),
        (Ori, 0x1000, -2048, 0xffff_f800),
        (Andi, 0x1234_5678, -256, 0x1234_5600),
        (Slli, 3, 31, MIN),
        (Slli, 3, 0, 3),
        (Srli, MIN, 31, 1),
        (Srai, MIN, 31, NEG),
    ];
    for (opcode, a, imm, expected) in cases.iter().copied() {
        let code = assemble().set(T0, a).op(opcode, T2, T0, 0, imm).halt_with(T2);
        assert_eq!(code.exit_code(), expected, "{opcode:?} {a:#x} {imm}");
    }
}

#[test]
fn upper_immediates_and_fence() {
    let upper = 0x8000_0000_u32.cast_signed();
    assert_eq!(assemble().op(Lui, T0, 0, 0, upper).halt_with(T0).exit_code(), MIN);
    let code = assemble().op(Fence, 0, 0, 0, 0).op(Auipc, T0, 0, 0, upper).halt_with(T0);
    assert_eq!(code.exit_code(), MIN + CODE + 4);
}

#[test]
fn x0_stays_zero_and_is_always_read_as_zero() {
    let code = assemble()
        .op(Addi, ZERO, ZERO, 0, 5)
        .op(Lui, ZERO, 0, 0, 0x1000)
        .op(Jal, ZERO, 0, 0, 4)
        .set(T0, DATA)
        .op(Sw, 0, T0, T0, 0)
        .op(Lw, ZERO, T0, 0, 0)
        .op(Add, T1, ZERO, ZERO, 0)
        .halt_with(T1);
    assert_eq!(code.exit_code(), 0);
}

#[test]
fn all_registers_start_as_zero() {
    let code = (1..32).fold(assemble(), |code, register| code.op(Or, A0, A0, register, 0));
    assert_eq!(code.ecall(ecall::HALT).exit_code(), 0);
}

#[test]
fn jumps_link_and_clear_the_low_bit() {
    let code = assemble().op(Jal, T0, 0, 0, 8).op(Ebreak, 0, 0, 0, 0).halt_with(T0);
    assert_eq!(code.exit_code(), CODE + 4);
    // The destination may be the source: the target is the old value.
    let target = (CODE + 4 * 4) | 1;
    let code =
        assemble().set(T0, target + 8).op(Jalr, T0, T0, 0, -8).op(Ebreak, 0, 0, 0, 0).halt_with(T0);
    assert_eq!(code.exit_code(), CODE + 12);
}

#[test]
fn branches() {
    let cases: &[(Opcode, u32, u32, bool)] = &[
        (Beq, 3, 3, true),
        (Beq, 3, 4, false),
        (Bne, 3, 3, false),
        (Bne, 3, 4, true),
        (Blt, MIN, MAX, true),
        (Blt, MAX, MIN, false),
        (Blt, 1, 1, false),
        (Bge, MIN, MAX, false),
        (Bge, MAX, MIN, true),
        (Bge, 1, 1, true),
        (Bltu, MIN, MAX, false),
        (Bltu, MAX, MIN, true),
        (Bltu, 1, 1, false),
        (Bgeu, MIN, MAX, true),
        (Bgeu, MAX, MIN, false),
        (Bgeu, 1, 1, true),
    ];
    for (opcode, a, b, taken) in cases.iter().copied() {
        let code = assemble().set(T0, a).set(T1, b).op(opcode, 0, T0, T1, 8);
        let code = code.op(Addi, T2, ZERO, 0, 1).halt_with(T2);
        assert_eq!(code.exit_code() == 0, taken, "{opcode:?} {a:#x} {b:#x}");
    }
}

#[test]
fn loads_extend() {
    let word = 0x80ff_7f01_u32;
    let cases: &[(Opcode, i32, u32)] = &[
        (Lw, 0, word),
        (Lh, 0, 0x7f01),
        (Lh, 2, 0xffff_80ff),
        (Lhu, 2, 0x80ff),
        (Lb, 0, 1),
        (Lb, 1, 0x7f),
        (Lb, 2, NEG),
        (Lb, 3, 0xffff_ff80),
        (Lbu, 2, 0xff),
        (Lbu, 3, 0x80),
    ];
    for (opcode, offset, expected) in cases.iter().copied() {
        let code = assemble().set(T0, DATA).op(opcode, T1, T0, 0, offset).halt_with(T1);
        let program = code.program(&[(DATA, &word.to_le_bytes())]);
        let outcome = run(&program, Io::default(), CYCLES_MAX).expect("the program halts");
        assert_eq!(outcome.exit_code, expected, "{opcode:?} {offset}");
    }
}

#[test]
fn stores_change_their_bytes_only() {
    let cases: &[(Opcode, i32, u32)] = &[
        (Sw, 0, 0xaabb_ccdd),
        (Sh, 0, 0x1122_ccdd),
        (Sh, 2, 0xccdd_3344),
        (Sb, 0, 0x1122_33dd),
        (Sb, 1, 0x1122_dd44),
        (Sb, 2, 0x11dd_3344),
        (Sb, 3, 0xdd22_3344),
    ];
    for (opcode, offset, expected) in cases.iter().copied() {
        let code = assemble().set(T0, DATA).set(T1, 0xaabb_ccdd).op(opcode, 0, T0, T1, offset);
        let program = code.op(Lw, T2, T0, 0, 0).halt_with(T2);
        let program = program.program(&[(DATA, &0x1122_3344_u32.to_le_bytes())]);
        let outcome = run(&program, Io::default(), CYCLES_MAX).expect("the program halts");
        assert_eq!(outcome.exit_code, expected, "{opcode:?} {offset}");
    }
}

#[test]
fn ram_ends_at_two_gib() {
    let last = RAM_SIZE - 4;
    let at = |address: u32| assemble().set(T0, address).set(T1, 7);
    let code = at(last).op(Sw, 0, T0, T1, 0).op(Lw, T2, T0, 0, 0).halt_with(T2);
    assert_eq!(code.exit_code(), 7);
    let outside = |address| TrapKind::OutsideRam { address };
    assert_eq!(at(last).op(Lw, T2, T0, 0, 4).trap(), outside(RAM_SIZE));
    assert_eq!(at(last).op(Sw, 0, T0, T1, 4).trap(), outside(RAM_SIZE));
    assert_eq!(at(0).op(Lb, T2, T0, 0, -1).trap(), outside(u32::MAX));
    assert_eq!(at(0).op(Sb, 0, T0, T1, -1).trap(), outside(u32::MAX));
    assert_eq!(at(0).op(Sh, 0, T0, T1, -2).trap(), outside(u32::MAX - 1));
}

#[test]
fn misaligned_accesses_trap() {
    let cases: &[(Opcode, i32)] = &[
        (Lw, 1),
        (Lw, 2),
        (Lw, 3),
        (Lh, 1),
        (Lh, 3),
        (Lhu, 1),
        (Sw, 1),
        (Sw, 2),
        (Sw, -1),
        (Sh, 1),
        (Sh, 3),
    ];
    for (opcode, offset) in cases.iter().copied() {
        let code = assemble().set(T0, DATA).op(opcode, ZERO, T0, ZERO, offset);
        let address = DATA.wrapping_add_signed(offset);
        assert_eq!(code.trap(), TrapKind::MisalignedAccess { address }, "{opcode:?} {offset}");
    }
}

#[test]
fn bad_fetches_trap_at_their_target() {
    let jump = |address: u32| assemble().set(T0, address).op(Jalr, ZERO, T0, 0, 0);
    let cases = [
        (CODE + 2, TrapKind::MisalignedFetch),
        (CODE + 12, TrapKind::FetchOutsideCode),
        (CODE - 4, TrapKind::FetchOutsideCode),
        (0, TrapKind::FetchOutsideCode),
        (DATA, TrapKind::FetchOutsideCode),
        (0xffff_fffc, TrapKind::FetchOutsideCode),
        (0xffff_fffe, TrapKind::MisalignedFetch),
    ];
    for (pc, kind) in cases {
        let result = jump(pc).run(Io::default());
        assert_eq!(result, Err(RunError::Trap(Trap { pc, kind })), "{pc:#x}");
    }
}

#[test]
fn what_is_no_instruction_traps() {
    let program = Program::new(CODE, CODE, &[0], &[]).expect("a valid program");
    let trap = Trap { pc: CODE, kind: TrapKind::IllegalInstruction };
    assert_eq!(run(&program, Io::default(), CYCLES_MAX), Err(RunError::Trap(trap)));
    assert_eq!(assemble().op(Ebreak, 0, 0, 0, 0).trap(), TrapKind::Breakpoint);
}

#[test]
fn stores_to_code_change_data_only() {
    // Overwrites the instruction that sets t1 to 1 by zeros, then runs and loads it.
    let code = assemble()
        .set(T0, CODE + 12)
        .op(Sw, 0, T0, ZERO, 0)
        .op(Addi, T1, ZERO, 0, 1)
        .op(Lw, T2, T0, 0, 0)
        .op(Sub, T1, T1, T2, 0)
        .halt_with(T1);
    assert_eq!(code.exit_code(), 1);
}

#[test]
fn an_endless_loop_ends() {
    let endless = assemble().op(Jal, ZERO, 0, 0, 0);
    let error = RunError::CyclesExhausted { max: CYCLES_MAX };
    assert_eq!(endless.run(Io::default()), Err(error));
    // The limit is inclusive.
    let code = assemble().halt_with(ZERO);
    let program = code.program(&[]);
    let cycles = code.words.len() as u64;
    let outcome = run(&program, Io::default(), cycles).expect("exactly enough");
    assert_eq!(outcome.cycles, cycles);
    let error = RunError::CyclesExhausted { max: cycles - 1 };
    assert_eq!(run(&program, Io::default(), cycles - 1), Err(error));
}
