//! Classes: the instructions that share a table of the machine, because they make the same
//! accesses and compute similar things.

use minster_riscv::Opcode;

/// The number of classes.
pub const CLASSES: usize = 12;

/// What kind of row an instruction makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(usize)]
pub enum Class {
    /// `addi`, `lui`, `auipc`, `jal`, `fence`: reads rs1, writes rd.
    Addi,
    /// `jalr`: reads rs1, writes rd.
    Jalr,
    /// `add`, `sub`: reads rs1 and rs2, writes rd; so do the classes up to [`Class::Div`].
    Add,
    /// `slt`, `sltu` and their immediate forms.
    Compare,
    /// `and`, `or`, `xor` and their immediate forms.
    Logic,
    /// `sll`, `srl`, `sra` and their immediate forms.
    Shift,
    /// `mul`, `mulh`, `mulhsu`, `mulhu`.
    Mul,
    /// `div`, `divu`, `rem`, `remu`.
    Div,
    /// The conditional branches: reads rs1 and rs2.
    Branch,
    /// `lw`, `sw`: reads rs1, accesses RAM, then writes rd or has read rs2.
    Word,
    /// `lb`, `lbu`, `lh`, `lhu`, `sb`, `sh`: as [`Class::Word`], on the word around the bytes.
    SubWord,
    /// `ecall`: reads a7, a1 and a2, writes a0.
    Ecall,
}

impl Class {
    /// Every class, in the order of [`SegmentRecord::steps`](crate::SegmentRecord::steps).
    pub const ALL: [Self; CLASSES] = [
        Self::Addi,
        Self::Jalr,
        Self::Add,
        Self::Compare,
        Self::Logic,
        Self::Shift,
        Self::Mul,
        Self::Div,
        Self::Branch,
        Self::Word,
        Self::SubWord,
        Self::Ecall,
    ];

    /// The class of an instruction; `None` for `ebreak`, which never completes.
    pub const fn of(opcode: Opcode) -> Option<Self> {
        Some(match opcode {
            Opcode::Addi | Opcode::Lui | Opcode::Auipc | Opcode::Jal | Opcode::Fence => Self::Addi,
            Opcode::Jalr => Self::Jalr,
            Opcode::Add | Opcode::Sub => Self::Add,
            Opcode::Slt | Opcode::Sltu | Opcode::Slti | Opcode::Sltiu => Self::Compare,
            Opcode::And | Opcode::Or | Opcode::Xor | Opcode::Andi | Opcode::Ori | Opcode::Xori => {
                Self::Logic
            }
            Opcode::Sll
            | Opcode::Srl
            | Opcode::Sra
            | Opcode::Slli
            | Opcode::Srli
            | Opcode::Srai => Self::Shift,
            Opcode::Mul | Opcode::Mulh | Opcode::Mulhsu | Opcode::Mulhu => Self::Mul,
            Opcode::Div | Opcode::Divu | Opcode::Rem | Opcode::Remu => Self::Div,
            Opcode::Beq | Opcode::Bne | Opcode::Blt | Opcode::Bge | Opcode::Bltu | Opcode::Bgeu => {
                Self::Branch
            }
            Opcode::Lw | Opcode::Sw => Self::Word,
            Opcode::Lb | Opcode::Lbu | Opcode::Lh | Opcode::Lhu | Opcode::Sb | Opcode::Sh => {
                Self::SubWord
            }
            Opcode::Ecall => Self::Ecall,
            Opcode::Ebreak => return None,
        })
    }

    /// The position in arrays with one element for each class.
    pub const fn index(self) -> usize {
        self as usize
    }
}
