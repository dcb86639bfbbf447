//! The instruction table: the only place of the project that states what RV32IM consists of.

/// How an instruction word is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Two source registers and a destination.
    R,
    /// A source register, a destination and a sign-extended 12-bit immediate.
    I,
    /// As [`Format::I`], but the immediate is a 5-bit shift amount below a fixed `funct7`.
    Shift,
    /// Stores: two source registers and a sign-extended 12-bit immediate.
    S,
    /// Branches: two source registers and a sign-extended even 13-bit immediate.
    B,
    /// A destination and the upper 20 bits of an immediate.
    U,
    /// A destination and a sign-extended even 21-bit immediate.
    J,
    /// `fence`: every field is ignored, as the specification asks of an implementation that
    /// orders all accesses.
    Fence,
    /// A single word without fields.
    System,
}

impl Format {
    /// The bits of a word that choose the instruction; the others are its fields.
    pub const fn mask(self) -> u32 {
        match self {
            Self::R | Self::Shift => 0xfe00_707f,
            Self::I | Self::S | Self::B | Self::Fence => 0x0000_707f,
            Self::U | Self::J => 0x0000_007f,
            Self::System => 0xffff_ffff,
        }
    }
}

macro_rules! instruction_table {
    ($($opcode:ident $mnemonic:literal $format:ident $bits:literal)*) => {
        /// The instructions of RV32IM, in the order of the specification's listing.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Opcode {
            $(#[doc = concat!("`", $mnemonic, "`")] $opcode,)*
        }

        impl Opcode {
            /// Every opcode, in increasing order.
            pub const ALL: &[Self] = &[$(Self::$opcode,)*];

            /// The name in assembly.
            pub const fn mnemonic(self) -> &'static str {
                match self { $(Self::$opcode => $mnemonic,)* }
            }

            /// The layout of the instruction word.
            pub const fn format(self) -> Format {
                match self { $(Self::$opcode => Format::$format,)* }
            }

            /// The bits of the word under [`Format::mask`].
            pub const fn bits(self) -> u32 {
                match self { $(Self::$opcode => $bits,)* }
            }
        }
    };
}

instruction_table! {
    Lui    "lui"    U      0x0000_0037
    Auipc  "auipc"  U      0x0000_0017
    Jal    "jal"    J      0x0000_006f
    Jalr   "jalr"   I      0x0000_0067
    Beq    "beq"    B      0x0000_0063
    Bne    "bne"    B      0x0000_1063
    Blt    "blt"    B      0x0000_4063
    Bge    "bge"    B      0x0000_5063
    Bltu   "bltu"   B      0x0000_6063
    Bgeu   "bgeu"   B      0x0000_7063
    Lb     "lb"     I      0x0000_0003
    Lh     "lh"     I      0x0000_1003
    Lw     "lw"     I      0x0000_2003
    Lbu    "lbu"    I      0x0000_4003
    Lhu    "lhu"    I      0x0000_5003
    Sb     "sb"     S      0x0000_0023
    Sh     "sh"     S      0x0000_1023
    Sw     "sw"     S      0x0000_2023
    Addi   "addi"   I      0x0000_0013
    Slti   "slti"   I      0x0000_2013
    Sltiu  "sltiu"  I      0x0000_3013
    Xori   "xori"   I      0x0000_4013
    Ori    "ori"    I      0x0000_6013
    Andi   "andi"   I      0x0000_7013
    Slli   "slli"   Shift  0x0000_1013
    Srli   "srli"   Shift  0x0000_5013
    Srai   "srai"   Shift  0x4000_5013
    Add    "add"    R      0x0000_0033
    Sub    "sub"    R      0x4000_0033
    Sll    "sll"    R      0x0000_1033
    Slt    "slt"    R      0x0000_2033
    Sltu   "sltu"   R      0x0000_3033
    Xor    "xor"    R      0x0000_4033
    Srl    "srl"    R      0x0000_5033
    Sra    "sra"    R      0x4000_5033
    Or     "or"     R      0x0000_6033
    And    "and"    R      0x0000_7033
    Fence  "fence"  Fence  0x0000_000f
    Ecall  "ecall"  System 0x0000_0073
    Ebreak "ebreak" System 0x0010_0073
    Mul    "mul"    R      0x0200_0033
    Mulh   "mulh"   R      0x0200_1033
    Mulhsu "mulhsu" R      0x0200_2033
    Mulhu  "mulhu"  R      0x0200_3033
    Div    "div"    R      0x0200_4033
    Divu   "divu"   R      0x0200_5033
    Rem    "rem"    R      0x0200_6033
    Remu   "remu"   R      0x0200_7033
}
