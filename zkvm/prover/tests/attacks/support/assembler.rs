//! Programs, an instruction at a time.

use minster_emulator::ecall;
use minster_riscv::{Instruction, Opcode, Program, decode, encode};

/// Where code begins.
pub const BASE: u32 = 0x0020_0000;
/// Where data is.
pub const DATA: u32 = 0x0030_0000;

/// Instructions so far.
#[derive(Clone, Default)]
pub struct Assembler(Vec<Instruction>);

impl Assembler {
    /// An instruction with all fields.
    pub fn push(&mut self, opcode: Opcode, rd: u8, rs1: u8, rs2: u8, imm: u32) {
        self.0.push(Instruction { opcode, rd, rs1, rs2, imm });
    }

    /// `rd = rs1 op rs2`.
    pub fn register(&mut self, opcode: Opcode, rd: u8, rs1: u8, rs2: u8) {
        self.push(opcode, rd, rs1, rs2, 0);
    }

    /// `rd = rs1 op imm`, loads too.
    pub fn immediate(&mut self, opcode: Opcode, rd: u8, rs1: u8, imm: i32) {
        self.push(opcode, rd, rs1, 0, imm.cast_unsigned());
    }

    /// A store of `rs2`.
    pub fn store(&mut self, opcode: Opcode, rs2: u8, rs1: u8, offset: i32) {
        self.push(opcode, 0, rs1, rs2, offset.cast_unsigned());
    }

    /// A branch, by bytes.
    pub fn branch(&mut self, opcode: Opcode, rs1: u8, rs2: u8, offset: i32) {
        self.push(opcode, 0, rs1, rs2, offset.cast_unsigned());
    }

    /// `rd = value`, in one or two instructions.
    pub fn load(&mut self, rd: u8, value: u32) {
        let low = ((value << 20).cast_signed() >> 20).cast_unsigned();
        let high = value.wrapping_sub(low);
        let base = if high == 0 { 0 } else { rd };
        if high != 0 {
            self.push(Opcode::Lui, rd, 0, 0, high);
        }
        self.push(Opcode::Addi, rd, base, 0, low);
    }

    /// Instructions by their words.
    pub fn words(&mut self, words: &[u32]) {
        self.0.extend(words.iter().map(|word| decode(*word).expect("an instruction")));
    }

    /// A call with its arguments.
    pub fn call(&mut self, number: u32, arguments: &[u32]) {
        for (register, argument) in (10..).zip(arguments) {
            self.load(register, *argument);
        }
        self.load(17, number);
        self.push(Opcode::Ecall, 0, 0, 0, 0);
    }

    /// The end of a run.
    pub fn halt(&mut self, exit_code: u32) {
        self.call(ecall::HALT, &[exit_code]);
    }

    /// Bytes from the start of the code to the next instruction.
    pub fn position(&self) -> u32 {
        4 * u32::try_from(self.0.len()).expect("a short program")
    }

    /// The program, that starts `entry` bytes into its code, with words of data at [`DATA`].
    pub fn program_at(&self, entry: u32, data: &[u32]) -> Program {
        let words: Vec<u32> = self.0.iter().map(encode).collect();
        let bytes: Vec<u8> = data.iter().flat_map(|word| word.to_le_bytes()).collect();
        Program::new(BASE + entry, BASE, &words, &[(DATA, &bytes)]).expect("a program")
    }

    /// The program.
    pub fn program(&self) -> Program {
        self.program_at(0, &[1, 2, 3, 4])
    }
}
