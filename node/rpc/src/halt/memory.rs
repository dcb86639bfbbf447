//! Whether what an instruction asks of memory has a price.

use alloy_primitives::U256;
use revm::bytecode::opcode;

/// The largest memory that geth has a price for, in bytes: the square of more words than these
/// does not fit its 64 bits.
const PRICED_MAX: u64 = 0x1f_ffff_ffe0;

/// How far into memory an instruction reaches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reach {
    /// So far that there is a price for it, or nowhere.
    #[default]
    Priced,
    /// Further than that.
    Unpriced,
    /// Further than 64 bits count, rounded up to words.
    Uncounted,
}

/// Bytes of a region.
#[derive(Debug, Clone, Copy)]
enum Length {
    /// As many as an operand says, by its place on the stack.
    Operand(usize),
    Bytes(u64),
}

/// How far an instruction reaches, given what is on the stack; the first operand is on top.
pub(super) fn reach(opcode: u8, operand: impl Fn(usize) -> Option<U256>) -> Reach {
    let operand = |place| operand(place).unwrap_or_default();
    let reach = |(offset, length): &(usize, Length)| {
        let length = match *length {
            Length::Operand(place) => operand(place),
            Length::Bytes(bytes) => U256::from(bytes),
        };
        region(operand(*offset), length)
    };
    regions(opcode).iter().map(reach).max().unwrap_or_default()
}

fn region(offset: U256, length: U256) -> Reach {
    // Of nothing it does not matter where it is.
    if length.is_zero() {
        return Reach::Priced;
    }
    let (Ok(offset), Ok(length)) = (u64::try_from(offset), u64::try_from(length)) else {
        return Reach::Uncounted;
    };
    match offset.checked_add(length).filter(|end| end.checked_next_multiple_of(32).is_some()) {
        None => Reach::Uncounted,
        Some(end) if end > PRICED_MAX => Reach::Unpriced,
        Some(_) => Reach::Priced,
    }
}

/// Offsets and lengths of an instruction's regions of memory.
const fn regions(opcode: u8) -> &'static [(usize, Length)] {
    use Length::{Bytes, Operand};
    match opcode {
        opcode::MLOAD | opcode::MSTORE => &[(0, Bytes(32))],
        opcode::MSTORE8 => &[(0, Bytes(1))],
        opcode::KECCAK256 | opcode::RETURN | opcode::REVERT | opcode::LOG0..=opcode::LOG4 => {
            &[(0, Operand(1))]
        }
        opcode::CALLDATACOPY | opcode::CODECOPY | opcode::RETURNDATACOPY => &[(0, Operand(2))],
        opcode::MCOPY => &[(0, Operand(2)), (1, Operand(2))],
        opcode::EXTCODECOPY => &[(1, Operand(3))],
        opcode::CREATE | opcode::CREATE2 => &[(1, Operand(2))],
        opcode::CALL | opcode::CALLCODE => &[(3, Operand(4)), (5, Operand(6))],
        opcode::DELEGATECALL | opcode::STATICCALL => &[(2, Operand(3)), (4, Operand(5))],
        _ => &[],
    }
}

#[cfg(test)]
mod tests;
