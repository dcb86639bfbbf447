//! From instruction words to instructions and back.

use crate::{Format, Opcode};

/// A decoded instruction. A field that the format lacks is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Instruction {
    /// Which row of the instruction table this is.
    pub opcode: Opcode,
    /// Destination register.
    pub rd: u8,
    /// First source register.
    pub rs1: u8,
    /// Second source register.
    pub rs2: u8,
    /// Sign-extended immediate in two's complement; of `lui` and `auipc` already shifted; of the
    /// immediate shifts the shift amount.
    pub imm: u32,
}

/// The instruction that a word encodes, or `None` for a word that RV32IM reserves or does not
/// define.
pub fn decode(word: u32) -> Option<Instruction> {
    let row = |opcode: &&Opcode| word & opcode.format().mask() == opcode.bits();
    let opcode = *Opcode::ALL.iter().find(row)?;
    let (rd, rs1, rs2) = (register(word >> 7), register(word >> 15), register(word >> 20));
    let none = Instruction { opcode, rd: 0, rs1: 0, rs2: 0, imm: 0 };
    Some(match opcode.format() {
        Format::R => Instruction { rd, rs1, rs2, ..none },
        Format::I => Instruction { rd, rs1, imm: signed_from(word, 20), ..none },
        Format::Shift => Instruction { rd, rs1, imm: u32::from(rs2), ..none },
        Format::S => {
            let imm = (signed_from(word, 20) & !0x1f) | u32::from(rd);
            Instruction { rs1, rs2, imm, ..none }
        }
        Format::B => {
            let low = (word >> 7 & 0x1e) | (word >> 20 & 0x7e0) | (word << 4 & 0x800);
            let imm = (signed_from(word, 19) & !0xfff) | low;
            Instruction { rs1, rs2, imm, ..none }
        }
        Format::U => Instruction { rd, imm: word & 0xffff_f000, ..none },
        Format::J => {
            let low = (word >> 20 & 0x7fe) | (word >> 9 & 0x800) | (word & 0xf_f000);
            let imm = (signed_from(word, 11) & !0xf_ffff) | low;
            Instruction { rd, imm, ..none }
        }
        Format::Fence | Format::System => none,
    })
}

/// The word of an instruction. Bits of a field that do not fit the format are dropped, so
/// `decode(encode(i)) == Some(i)` holds for every instruction that `decode` can return.
pub fn encode(instruction: &Instruction) -> u32 {
    let Instruction { opcode, rd, rs1, rs2, imm } = *instruction;
    let field = |register: u8| u32::from(register) & 0x1f;
    let (rd, rs1, rs2) = (field(rd) << 7, field(rs1) << 15, field(rs2) << 20);
    let fields = match opcode.format() {
        Format::R => rd | rs1 | rs2,
        Format::I => rd | rs1 | (imm << 20),
        Format::Shift => rd | rs1 | ((imm & 0x1f) << 20),
        Format::S => rs1 | rs2 | ((imm & 0x1f) << 7) | (imm << 20 & 0xfe00_0000),
        Format::B => {
            let low = ((imm & 0x1e) << 7) | (imm >> 4 & 0x80);
            rs1 | rs2 | low | (imm << 20 & 0x7e00_0000) | (imm << 19 & 0x8000_0000)
        }
        Format::U => rd | (imm & 0xffff_f000),
        Format::J => {
            let low = (imm & 0xf_f000) | (imm << 9 & 0x10_0000) | (imm << 20 & 0x7fe0_0000);
            rd | low | (imm << 11 & 0x8000_0000)
        }
        Format::Fence | Format::System => 0,
    };
    opcode.bits() | fields
}

fn register(shifted: u32) -> u8 {
    let [low, ..] = shifted.to_le_bytes();
    low & 0x1f
}

/// The top bits of a word from bit `shift` up, sign-extended.
fn signed_from(word: u32, shift: u32) -> u32 {
    word.cast_signed().wrapping_shr(shift).cast_unsigned()
}
