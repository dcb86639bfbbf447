//! Tests of the interpreter and of the recorder. Tests against other emulators are in `tests/`.

mod calls;
mod ecalls;
mod instructions;
mod precompiles;
mod profile;
#[path = "../tests/random_programs/mod.rs"]
mod random_programs;
mod random_words;
mod recording;
mod segmentation;

use minster_riscv::{Instruction, Opcode, Program, encode};

use crate::{Io, Outcome, RunError, TrapKind, ecall, run};

const CODE: u32 = 0x1000;
const DATA: u32 = 0x1_0000;
const CYCLES_MAX: u64 = 200_000;

const ZERO: u8 = 0;
const T0: u8 = 5;
const T1: u8 = 6;
const T2: u8 = 7;
const A0: u8 = 10;
const A1: u8 = 11;
const A2: u8 = 12;
const A7: u8 = 17;

/// The words of a program, instruction by instruction.
#[derive(Default)]
struct Assembler {
    words: Vec<u32>,
}

impl Assembler {
    fn op(mut self, opcode: Opcode, rd: u8, rs1: u8, rs2: u8, imm: i32) -> Self {
        let imm = imm.cast_unsigned();
        self.words.push(encode(&Instruction { opcode, rd, rs1, rs2, imm }));
        self
    }

    fn set(self, rd: u8, value: u32) -> Self {
        let low = (value << 20).cast_signed() >> 20;
        let high = value.wrapping_sub(low.cast_unsigned()).cast_signed();
        self.op(Opcode::Lui, rd, 0, 0, high).op(Opcode::Addi, rd, rd, 0, low)
    }

    fn ecall(self, number: u32) -> Self {
        self.set(A7, number).op(Opcode::Ecall, 0, 0, 0, 0)
    }

    /// An ecall with arguments, a7 last.
    fn call(self, number: u32, arguments: &[u32]) -> Self {
        let set = |code: Self, (register, value): (u8, &u32)| code.set(register, *value);
        (A0..).zip(arguments).fold(self, set).ecall(number)
    }

    /// The end, with a register as exit code.
    fn halt_with(self, register: u8) -> Self {
        self.op(Opcode::Addi, A0, register, 0, 0).ecall(ecall::HALT)
    }

    fn program(&self, data: &[(u32, &[u8])]) -> Program {
        Program::new(CODE, CODE, &self.words, data).expect("a valid program")
    }

    fn run(&self, io: Io) -> Result<Outcome, RunError> {
        run(&self.program(&[]), io, CYCLES_MAX)
    }

    /// The exit code of a run without input.
    fn exit_code(&self) -> u32 {
        self.run(Io::default()).expect("the program halts").exit_code
    }

    /// How a run without input ends, which is at the last instruction.
    fn trap(&self) -> TrapKind {
        let at = CODE + 4 * (self.words.len() as u32 - 1);
        match self.run(Io::default()) {
            Err(RunError::Trap(trap)) if trap.pc == at => trap.kind,
            other => panic!("{other:x?}"),
        }
    }
}

fn assemble() -> Assembler {
    Assembler::default()
}
