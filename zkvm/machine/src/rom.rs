//! The program as the machine reads it: one line per instruction, with everything that is known
//! before the run already worked out.
//!
//! Decoding is done here, once, when the key is made; no constraint decodes anything. A chip
//! trusts a line because the preprocessed columns of the program are part of the key.

use alloc::vec::Vec;

use minster_emulator::{REGISTER_CELLS_START, sink_cell};
use minster_riscv::{Format, Instruction, Opcode, Program};
use p3_field::PrimeCharacteristicRing;

use crate::F;
use crate::access::Word;

#[cfg(test)]
mod tests;

/// Numbers of the operations, as the program bus carries them. 0 is no operation: a line that is
/// not used.
pub mod operation {
    /// `rd = rs1 + immediate`, then on to `next`. LUI, AUIPC and JAL add to x0, FENCE writes none.
    pub const ADDI: u32 = 1;
    /// `rd = link`, then on to `rs1 + immediate` with bit 0 cleared.
    pub const JALR: u32 = 2;
    /// Register additions.
    pub const ADD: u32 = 3;
    /// Subtractions.
    pub const SUB: u32 = 4;
    /// Signed comparisons; the second operand is `rs2 + immediate`, of which one is zero.
    pub const SLT: u32 = 5;
    /// Unsigned comparisons.
    pub const SLTU: u32 = 6;
    /// Bitwise and; the second operand is `rs2 + immediate`.
    pub const AND: u32 = 7;
    /// Bitwise or.
    pub const OR: u32 = 8;
    /// Bitwise exclusive or.
    pub const XOR: u32 = 9;
    /// Shifts to the left; the distance is `rs2 + immediate`.
    pub const SLL: u32 = 10;
    /// Logical shifts to the right.
    pub const SRL: u32 = 11;
    /// Arithmetic shifts to the right.
    pub const SRA: u32 = 12;
    /// The low word of a product.
    pub const MUL: u32 = 13;
    /// The high word of a signed product.
    pub const MULH: u32 = 14;
    /// The high word of a signed times an unsigned.
    pub const MULHSU: u32 = 15;
    /// The high word of an unsigned product.
    pub const MULHU: u32 = 16;
    /// Signed quotients.
    pub const DIV: u32 = 17;
    /// Unsigned quotients.
    pub const DIVU: u32 = 18;
    /// Signed remainders.
    pub const REM: u32 = 19;
    /// Unsigned remainders.
    pub const REMU: u32 = 20;
    /// Branches, to `next` if taken.
    pub const BEQ: u32 = 21;
    /// See [`BEQ`].
    pub const BNE: u32 = 22;
    /// See [`BEQ`].
    pub const BLT: u32 = 23;
    /// See [`BEQ`].
    pub const BGE: u32 = 24;
    /// See [`BEQ`].
    pub const BLTU: u32 = 25;
    /// See [`BEQ`].
    pub const BGEU: u32 = 26;
    /// Loads; `rd` is the register that is written.
    pub const LW: u32 = 27;
    /// Stores; `rd` is the register that is read.
    pub const SW: u32 = 28;
    /// Loads of parts of a word, as [`LW`].
    pub const LB: u32 = 29;
    /// See [`LB`].
    pub const LBU: u32 = 30;
    /// See [`LB`].
    pub const LH: u32 = 31;
    /// See [`LB`].
    pub const LHU: u32 = 32;
    /// Stores of parts of a word, as [`SW`].
    pub const SB: u32 = 33;
    /// See [`SB`].
    pub const SH: u32 = 34;
    /// A call of the environment.
    pub const ECALL: u32 = 35;
}

/// Where a jump to a misaligned address goes: to no instruction, so such a run is never proven.
pub const NOWHERE: u32 = 1 << 30;
/// The pc, in words, of a machine that has halted.
pub const HALTED: u32 = (1 << 30) + 1;
/// The register that stands for x0 where x0 is written.
pub const SINK: u32 = sink_cell() - REGISTER_CELLS_START;

/// The tuple of the program bus. Unused parts are 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Line<T> {
    /// Address of the instruction in words.
    pub pc: T,
    /// One of [`operation`].
    pub operation: T,
    /// The register that is written, or [`SINK`]; of a store, the register that is stored.
    pub rd: T,
    /// The register of the first operand.
    pub rs1: T,
    /// The register of the second operand, 0 for an immediate; of JALR, the link's low limb.
    pub rs2: T,
    /// The immediate.
    pub immediate: Word<T>,
    /// The address of the next instruction in words, of a branch the one if taken; of JALR, the
    /// link's high limb.
    pub next: T,
}

impl Line<u32> {
    /// The line as field elements. Every part is below p.
    pub fn cells(&self) -> [F; 8] {
        let Self { pc, operation, rd, rs1, rs2, immediate, next } = *self;
        [pc, operation, rd, rs1, rs2, immediate.low, immediate.high, next].map(F::from_u32)
    }

    /// The immediate's cells.
    pub fn immediate_cells(&self) -> Word<F> {
        Word { low: F::from_u32(self.immediate.low), high: F::from_u32(self.immediate.high) }
    }

    /// The immediate as a word.
    pub fn immediate_value(&self) -> u32 {
        self.immediate.low | self.immediate.high << 16
    }
}

/// The line of an instruction, or nothing for one that always traps.
pub fn lower(pc: u32, instruction: Instruction) -> Option<Line<u32>> {
    let Instruction { opcode, rd, rs1, rs2, imm } = instruction;
    let written = if rd == 0 { SINK } else { u32::from(rd) };
    let (rs1, rs2) = (u32::from(rs1), u32::from(rs2));
    let (link, aimed) = (pc.wrapping_add(4), pc.wrapping_add(imm));
    let sequential = Line {
        pc: pc / 4,
        operation: operation_of(opcode)?,
        rd: written,
        rs1,
        next: pc / 4 + 1,
        ..Line::default()
    };
    let target = if aimed.is_multiple_of(4) { aimed / 4 } else { NOWHERE };
    let immediate = split(imm);
    Some(match (opcode, opcode.format()) {
        (Opcode::Fence, _) => Line { rd: SINK, rs1: 0, ..sequential },
        (Opcode::Ecall, _) => Line { rd: 0, rs1: 0, ..sequential },
        (Opcode::Lui, _) => Line { rs1: 0, immediate, ..sequential },
        (Opcode::Auipc, _) => Line { rs1: 0, immediate: split(aimed), ..sequential },
        (Opcode::Jal, _) => Line { rs1: 0, immediate: split(link), next: target, ..sequential },
        (Opcode::Jalr, _) => {
            let Word { low, high } = split(link);
            Line { rs2: low, immediate, next: high, ..sequential }
        }
        (_, Format::B) => Line { rd: 0, rs2, next: target, ..sequential },
        (_, Format::S) => Line { rd: rs2, immediate, ..sequential },
        (_, Format::R) => Line { rs2, ..sequential },
        _ => Line { immediate, ..sequential },
    })
}

fn split(value: u32) -> Word<u32> {
    Word { low: value & 0xffff, high: value >> 16 }
}

/// The number of an instruction's operation, or nothing for one that always traps.
fn operation_of(opcode: Opcode) -> Option<u32> {
    Some(match opcode {
        Opcode::Lui | Opcode::Auipc | Opcode::Jal | Opcode::Addi | Opcode::Fence => operation::ADDI,
        Opcode::Jalr => operation::JALR,
        Opcode::Beq => operation::BEQ,
        Opcode::Bne => operation::BNE,
        Opcode::Blt => operation::BLT,
        Opcode::Bge => operation::BGE,
        Opcode::Bltu => operation::BLTU,
        Opcode::Bgeu => operation::BGEU,
        Opcode::Lb => operation::LB,
        Opcode::Lh => operation::LH,
        Opcode::Lw => operation::LW,
        Opcode::Lbu => operation::LBU,
        Opcode::Lhu => operation::LHU,
        Opcode::Sb => operation::SB,
        Opcode::Sh => operation::SH,
        Opcode::Sw => operation::SW,
        Opcode::Slt | Opcode::Slti => operation::SLT,
        Opcode::Sltu | Opcode::Sltiu => operation::SLTU,
        Opcode::Xor | Opcode::Xori => operation::XOR,
        Opcode::Or | Opcode::Ori => operation::OR,
        Opcode::And | Opcode::Andi => operation::AND,
        Opcode::Sll | Opcode::Slli => operation::SLL,
        Opcode::Srl | Opcode::Srli => operation::SRL,
        Opcode::Sra | Opcode::Srai => operation::SRA,
        Opcode::Add => operation::ADD,
        Opcode::Sub => operation::SUB,
        Opcode::Ecall => operation::ECALL,
        Opcode::Ebreak => return None,
        Opcode::Mul => operation::MUL,
        Opcode::Mulh => operation::MULH,
        Opcode::Mulhsu => operation::MULHSU,
        Opcode::Mulhu => operation::MULHU,
        Opcode::Div => operation::DIV,
        Opcode::Divu => operation::DIVU,
        Opcode::Rem => operation::REM,
        Opcode::Remu => operation::REMU,
    })
}

/// Elements of the program bus's tuple.
pub const LINE_WIDTH: usize = 8;
/// The fewest rows of a table, as a base-2 logarithm: FRI's last polynomial must be shorter.
pub const LOG_HEIGHT_MIN: u8 = 4;

/// The lines of a program, by increasing pc. What does not decode has no line.
#[derive(Clone, Debug)]
pub struct Rom {
    lines: Vec<Line<u32>>,
    /// First address of code in words.
    base: u32,
    /// By word of code: the position of its line.
    places: Vec<Option<u32>>,
}

impl Rom {
    /// Lowers a program.
    pub fn new(program: &Program) -> Self {
        let base = program.code_base() / 4;
        let mut lines = Vec::new();
        let mut places = Vec::new();
        for (pc, instruction) in program.code() {
            let line = instruction.and_then(|instruction| lower(pc, instruction));
            places.push(line.map(|_| lines.len() as u32));
            lines.extend(line);
        }
        Self { lines, base, places }
    }

    /// The lines.
    pub fn lines(&self) -> &[Line<u32>] {
        &self.lines
    }

    /// The position of the line at a byte address.
    pub fn place(&self, pc: u32) -> Option<usize> {
        let place = (pc / 4).checked_sub(self.base)?;
        self.places.get(place as usize).copied().flatten().map(|place| place as usize)
    }

    /// Base-2 logarithm of the rows of the program table.
    pub fn log_height(&self) -> u8 {
        let rows = self.lines.len().next_power_of_two();
        (rows.trailing_zeros() as u8).max(LOG_HEIGHT_MIN)
    }

    /// Rows of the program table.
    pub fn height(&self) -> usize {
        1 << self.log_height()
    }
}
