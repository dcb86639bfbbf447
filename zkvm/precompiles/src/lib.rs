#![doc = include_str!("../README.md")]
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

#[cfg(feature = "software")]
pub mod blake3;
#[cfg(feature = "software")]
pub mod keccak_f;
#[cfg(feature = "software")]
pub mod modular;
#[cfg(feature = "software")]
pub mod secp256k1;
#[cfg(feature = "software")]
pub mod sha256;

/// Words of a block.
pub const BLOCK_WORDS: usize = 8;
/// What a call reads or writes at once: 8 words of memory that follow each other.
pub type Block = [u32; BLOCK_WORDS];
/// The most operands of a function.
pub const OPERANDS_MAX: usize = 4;
/// The most blocks of all operands of a function.
pub const BLOCKS_MAX: usize = 7;
/// Operands lie below this address and end at most [`BLOCKS_MAX`] blocks behind it: all of them are
/// in RAM, and one comparison of an address's upper half shows it.
pub const ADDRESS_END: u32 = 0x7fff_0000;

/// A function with a chip of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u32)]
pub enum Function {
    /// Keccak-f\[1600\].
    KeccakF = 0x2000,
    /// The compression of SHA-256.
    Sha256 = 0x2001,
    /// The compression of BLAKE3, first half of its output.
    Blake3 = 0x2002,
    /// `a·b mod m`.
    ModMul = 0x2003,
    /// `(a + b) mod m`.
    ModAdd = 0x2004,
    /// `(a - b) mod m`.
    ModSub = 0x2005,
    /// Addition of two points of secp256k1.
    SecpAdd = 0x2006,
    /// Doubling of a point of secp256k1.
    SecpDouble = 0x2007,
}

/// How many units there are.
pub const UNITS: usize = 5;

/// The functions that share a chip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(usize)]
pub enum Unit {
    /// Keccak-f\[1600\].
    Keccak,
    /// The compression of SHA-256.
    Sha256,
    /// The compression of BLAKE3.
    Blake3,
    /// Arithmetic modulo any number.
    Modular,
    /// Points of secp256k1.
    Secp256k1,
}

impl Unit {
    /// All of them, by rising index.
    pub const ALL: [Self; UNITS] =
        [Self::Keccak, Self::Sha256, Self::Blake3, Self::Modular, Self::Secp256k1];

    /// The position in arrays with one element for each unit.
    pub const fn index(self) -> usize {
        self as usize
    }
}

/// Operands that a function is not defined for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Of modular functions.
    #[error("no remainder: the modulus is 0, or the quotient is negative or has over 256 bits")]
    NoRemainder,
    /// Of point functions.
    #[error("a coordinate is not below the modulus of the field")]
    Coordinate,
    /// Of additions of points.
    #[error("the points have the same x")]
    SameX,
    /// Of doublings of points.
    #[error("the point has y = 0")]
    ZeroY,
}

impl Function {
    /// All of them, by rising number.
    pub const ALL: [Self; 8] = [
        Self::KeccakF,
        Self::Sha256,
        Self::Blake3,
        Self::ModMul,
        Self::ModAdd,
        Self::ModSub,
        Self::SecpAdd,
        Self::SecpDouble,
    ];

    /// The number that a7 holds in a call.
    pub const fn number(self) -> u32 {
        self as u32
    }

    /// The function of a number.
    pub fn from_number(number: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|function| function.number() == number)
    }

    /// The unit that computes it.
    pub const fn unit(self) -> Unit {
        match self {
            Self::KeccakF => Unit::Keccak,
            Self::Sha256 => Unit::Sha256,
            Self::Blake3 => Unit::Blake3,
            Self::ModMul | Self::ModAdd | Self::ModSub => Unit::Modular,
            Self::SecpAdd | Self::SecpDouble => Unit::Secp256k1,
        }
    }

    /// The blocks of each operand. Operand 0 is written, the others are read.
    pub const fn operands(self) -> &'static [usize] {
        match self {
            Self::KeccakF => &[7],
            Self::Sha256 => &[1, 2],
            Self::Blake3 => &[1, 2, 1],
            Self::ModMul | Self::ModAdd | Self::ModSub => &[1, 1, 1, 1],
            Self::SecpAdd => &[2, 2, 2],
            Self::SecpDouble => &[2, 2],
        }
    }

    /// The blocks of all operands.
    pub fn blocks(self) -> usize {
        self.operands().iter().sum()
    }

    /// The blocks of operand 0: those that the function writes.
    pub const fn written(self) -> usize {
        match self.operands() {
            [first, ..] => *first,
            [] => 0,
        }
    }

    /// Computes the function on the blocks of its operands, one operand behind the other. Operand 0
    /// becomes the result.
    ///
    /// # Errors
    /// The function is not defined for these operands; then the blocks are as they were.
    #[cfg(feature = "software")]
    pub fn compute(self, blocks: &mut [Block; BLOCKS_MAX]) -> Result<(), Refusal> {
        match (self, blocks) {
            (Self::KeccakF, state) => keccak_f::permute(state),
            (Self::Sha256, [state, first, second, ..]) => sha256::compress(state, [first, second]),
            (Self::Blake3, [value, first, second, parameters, ..]) => {
                blake3::compress(value, [first, second], parameters);
            }
            (Self::ModMul, [result, a, b, m, ..]) => *result = modular::mul(a, b, m)?.result,
            (Self::ModAdd, [result, a, b, m, ..]) => *result = modular::add(a, b, m)?.result,
            (Self::ModSub, [result, a, b, m, ..]) => *result = modular::sub(a, b, m)?.result,
            (Self::SecpAdd, [x, y, px, py, qx, qy, ..]) => {
                [*x, *y] = secp256k1::add([px, py], [qx, qy])?;
            }
            (Self::SecpDouble, [x, y, px, py, ..]) => [*x, *y] = secp256k1::double([px, py])?,
        }
        Ok(())
    }
}
