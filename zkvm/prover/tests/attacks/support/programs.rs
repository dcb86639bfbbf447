//! The runs that most attacks forge.

use std::sync::OnceLock;

use minster_emulator::{Io, ecall};
use minster_riscv::Opcode;

use super::{Assembler, DATA, Run};

const BINARY: [Opcode; 18] = [
    Opcode::Add,
    Opcode::Sub,
    Opcode::Sll,
    Opcode::Slt,
    Opcode::Sltu,
    Opcode::Xor,
    Opcode::Srl,
    Opcode::Sra,
    Opcode::Or,
    Opcode::And,
    Opcode::Mul,
    Opcode::Mulh,
    Opcode::Mulhsu,
    Opcode::Mulhu,
    Opcode::Div,
    Opcode::Divu,
    Opcode::Rem,
    Opcode::Remu,
];
const BRANCHES: [Opcode; 6] =
    [Opcode::Beq, Opcode::Bne, Opcode::Blt, Opcode::Bge, Opcode::Bltu, Opcode::Bgeu];
/// Small ones, mixed signs, the overflow of a division, a division by zero, large ones.
const OPERANDS: [(u32, u32); 6] = [
    (7, 3),
    (0xffff_fff9, 2),
    (7, 0xffff_fffe),
    (0x8000_0000, u32::MAX),
    (5, 0),
    (0xfedc_ba98, 0x0001_2345),
];

/// A run with every instruction of RV32IM and every call, in one segment.
pub fn tour() -> &'static Run {
    static RUN: OnceLock<Run> = OnceLock::new();
    RUN.get_or_init(|| {
        let mut code = Assembler::default();
        calls(&mut code);
        arithmetic(&mut code);
        memory(&mut code);
        control(&mut code);
        code.call(ecall::COMMIT, &[DATA + 0x40, 3]);
        code.halt(0);
        let program = code.program_at(0, &[0x8081_8283, 2, 3, 4, 0x0403_0201]);
        let io = Io { hints: vec![9; 8], ..Io::with_input((1..=16).collect()) };
        Run::new(program, io)
    })
}

fn calls(code: &mut Assembler) {
    code.call(ecall::READ_INPUT, &[DATA + 0x20, 3]);
    code.call(ecall::READ_HINT, &[DATA + 0x2c, 1]);
    code.call(ecall::READ_INPUT, &[DATA + 0x20, 0]);
    code.call(ecall::COMMIT, &[DATA + 0x20, 12]);
    code.call(ecall::COMMIT, &[DATA, 0]);
    code.call(ecall::WRITE, &[1, DATA, 4]);
    // The last commit's word: three bytes and a zero.
    code.load(5, DATA);
    code.load(6, 0x00ab_cdef);
    code.store(Opcode::Sw, 6, 5, 0x40);
}

fn arithmetic(code: &mut Assembler) {
    for (left, right) in OPERANDS {
        code.load(5, left);
        code.load(6, right);
        for opcode in BINARY {
            code.register(opcode, 7, 5, 6);
        }
        // Both operands in one register.
        code.register(Opcode::Sub, 8, 5, 5);
        code.register(Opcode::Mul, 8, 6, 6);
        for opcode in
            [Opcode::Addi, Opcode::Slti, Opcode::Sltiu, Opcode::Xori, Opcode::Ori, Opcode::Andi]
        {
            code.immediate(opcode, 7, 5, -5);
            code.immediate(opcode, 7, 6, 0x123);
        }
        for (opcode, distance) in [(Opcode::Slli, 9), (Opcode::Srli, 16), (Opcode::Srai, 31)] {
            code.immediate(opcode, 7, 5, distance);
        }
    }
    // Writes to x0.
    code.immediate(Opcode::Addi, 0, 5, 1);
    code.register(Opcode::Add, 0, 5, 6);
    code.immediate(Opcode::Addi, 7, 0, 0);
}

fn memory(code: &mut Assembler) {
    code.load(5, DATA + 8);
    code.load(6, 0xc0de_f00d);
    for offset in 0..4 {
        code.store(Opcode::Sb, 6, 5, offset);
        code.immediate(Opcode::Lb, 7, 5, offset - 8);
        code.immediate(Opcode::Lbu, 7, 5, offset);
    }
    for offset in [0, 2] {
        code.store(Opcode::Sh, 6, 5, 4 + offset);
        code.immediate(Opcode::Lh, 7, 5, offset - 8);
        code.immediate(Opcode::Lhu, 7, 5, offset);
    }
    code.store(Opcode::Sw, 6, 5, 0);
    code.immediate(Opcode::Lw, 7, 5, 0);
    code.immediate(Opcode::Lw, 7, 5, -8);
    // A load whose value is dropped.
    code.immediate(Opcode::Lw, 0, 5, -8);
    // The first word of the program.
    code.immediate(Opcode::Lui, 5, 0, 0x0020_0000);
    code.immediate(Opcode::Lw, 7, 5, 0);
}

fn control(code: &mut Assembler) {
    for (left, right) in [(1, 1), (1, 0xffff_ffff), (0x0001_0000, 2), (3, 0x0001_0003)] {
        code.load(5, left);
        code.load(6, right);
        for opcode in BRANCHES {
            code.branch(opcode, 5, 6, 8);
            code.immediate(Opcode::Addi, 8, 8, 1);
        }
    }
    code.push(Opcode::Jal, 1, 0, 0, 8);
    code.immediate(Opcode::Addi, 8, 8, 1);
    code.push(Opcode::Auipc, 9, 0, 0, 0);
    // The low bit of the target is cleared.
    code.immediate(Opcode::Jalr, 1, 9, 13);
    code.immediate(Opcode::Addi, 8, 8, 1);
    code.push(Opcode::Fence, 0, 0, 0, 0);
    code.immediate(Opcode::Lui, 9, 0, 0x7fff_f000);
}

/// A run of three segments: adds a number of its input up in a loop, keeps the sum in memory, and
/// commits the number before and the sum after.
pub fn chain(input: u32) -> Run {
    let mut code = Assembler::default();
    code.call(ecall::READ_INPUT, &[DATA, 1]);
    code.call(ecall::COMMIT, &[DATA, 4]);
    code.load(5, DATA);
    code.immediate(Opcode::Lw, 6, 5, 0);
    code.load(7, 600);
    code.register(Opcode::Add, 8, 8, 6);
    code.store(Opcode::Sw, 8, 5, 4);
    code.immediate(Opcode::Addi, 7, 7, -1);
    code.branch(Opcode::Bne, 7, 0, -12);
    code.call(ecall::COMMIT, &[DATA + 4, 4]);
    code.halt(0);
    let run = Run::new(code.program(), Io::with_input(input.to_le_bytes().to_vec()));
    assert_eq!(run.parts.len(), 3, "the loop fills two segments");
    run
}

/// A short run: x6 = x5 + x5, of an x5 that nothing has written; the word of data is committed.
pub fn doubling() -> Assembler {
    let mut code = Assembler::default();
    code.register(Opcode::Add, 6, 5, 5);
    code.call(ecall::COMMIT, &[DATA, 4]);
    code.halt(0);
    code
}
