//! What the meter charges. The figures are measured: `cargo xtask bench meter` writes them to
//! [`table`], and says there how.

pub mod table;

use revm::bytecode::opcode as op;

/// What every new code costs beside its bytes: the leaf that says that it is published.
pub const NEW_CODE: u64 = table::COLD_SLOT.saturating_add(table::CHANGED_SLOT);

/// Cost of one instruction: `base`, and `per_word` for every 32 bytes that it reads or writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InstructionCost {
    /// Charged always.
    pub base: u64,
    /// Charged per 32-byte word of the operand `length_operand` names.
    pub per_word: u64,
    /// Stack position of the length operand, from the top.
    pub length_operand: Option<usize>,
    /// Gas that the machine itself takes per word: a length that the remaining gas cannot pay is
    /// not charged here, because the instruction runs out of gas instead of doing the work.
    pub gas_per_word: u64,
}

impl InstructionCost {
    const fn flat(base: u64) -> Self {
        Self { base, per_word: 0, length_operand: None, gas_per_word: 0 }
    }

    const fn words(base: u64, per_word: u64, length_operand: usize, gas_per_word: u64) -> Self {
        Self { base, per_word, length_operand: Some(length_operand), gas_per_word }
    }
}

/// What an MCOPY costs beside what others do where it moves down.
pub const MOVE_DOWN: InstructionCost = InstructionCost::words(0, table::MCOPY_DOWN_WORD, 2, 3);

/// What one instruction costs to prove, without memory that grows and state that is touched first.
#[must_use]
pub const fn instruction_cost(opcode: u8) -> InstructionCost {
    match opcode {
        op::ADD..=op::SIGNEXTEND => InstructionCost::flat(arithmetic(opcode)),
        op::LT..=op::CLZ => InstructionCost::flat(comparison(opcode)),
        op::KECCAK256 => InstructionCost::words(table::KECCAK256, table::KECCAK256_WORD, 1, 6),
        op::CALLDATACOPY => {
            InstructionCost::words(table::CALLDATACOPY, table::CALLDATACOPY_WORD, 2, 3)
        }
        op::CODECOPY => InstructionCost::words(table::CODECOPY, table::CODECOPY_WORD, 2, 3),
        op::RETURNDATACOPY => {
            InstructionCost::words(table::RETURNDATACOPY, table::RETURNDATACOPY_WORD, 2, 3)
        }
        op::MCOPY => InstructionCost::words(table::MCOPY, table::MCOPY_WORD, 2, 3),
        op::EXTCODECOPY => {
            InstructionCost::words(table::EXTCODECOPY, table::EXTCODECOPY_WORD, 3, 3)
        }
        op::LOG0..=op::LOG4 => {
            // Topics are 0 to 4.
            let topics = opcode.saturating_sub(op::LOG0);
            let mut base = table::LOG;
            let mut topic = 0;
            while topic < topics {
                base = base.saturating_add(table::LOG_TOPIC);
                topic = topic.saturating_add(1);
            }
            InstructionCost::words(base, table::LOG_WORD, 1, 256)
        }
        op::CREATE => InstructionCost::words(table::CREATE, table::CREATE_WORD, 2, 2),
        // It copies its initcode before it takes the gas for the hash.
        op::CREATE2 => InstructionCost::words(table::CREATE2, table::CREATE2_WORD, 2, 2),
        op::PUSH0..=op::PUSH32 => {
            let bytes = opcode.saturating_sub(op::PUSH0);
            let mut base = table::PUSH;
            let mut byte = 0;
            while byte < bytes {
                base = base.saturating_add(table::PUSH_BYTE);
                byte = byte.saturating_add(1);
            }
            InstructionCost::flat(base)
        }
        op::DUP1..=op::DUP16 => InstructionCost::flat(table::DUP),
        op::SWAP1..=op::SWAP16 => InstructionCost::flat(table::SWAP),
        _ => InstructionCost::flat(other(opcode)),
    }
}

const fn arithmetic(opcode: u8) -> u64 {
    match opcode {
        op::ADD => table::ADD,
        op::MUL => table::MUL,
        op::SUB => table::SUB,
        op::DIV => table::DIV,
        op::SDIV => table::SDIV,
        op::MOD => table::MOD,
        op::SMOD => table::SMOD,
        op::ADDMOD => table::ADDMOD,
        op::MULMOD => table::MULMOD,
        // And for the bytes of the exponent: see `EXPONENT_BYTE`.
        op::EXP => table::EXP,
        _ => table::SIGNEXTEND,
    }
}

const fn comparison(opcode: u8) -> u64 {
    match opcode {
        op::LT => table::LT,
        op::GT => table::GT,
        op::SLT => table::SLT,
        op::SGT => table::SGT,
        op::EQ => table::EQ,
        op::ISZERO => table::ISZERO,
        op::AND => table::AND,
        op::OR => table::OR,
        op::XOR => table::XOR,
        op::NOT => table::NOT,
        op::BYTE => table::BYTE,
        op::SHL => table::SHL,
        op::SHR => table::SHR,
        op::SAR => table::SAR,
        _ => table::CLZ,
    }
}

/// What takes the same whatever its operands, and is neither arithmetic nor a comparison.
const fn other(opcode: u8) -> u64 {
    match opcode {
        op::POP => table::POP,
        op::MLOAD => table::MLOAD,
        op::MSTORE => table::MSTORE,
        op::MSTORE8 => table::MSTORE8,
        op::JUMP => table::JUMP,
        op::JUMPI => table::JUMPI,
        op::JUMPDEST => table::JUMPDEST,
        op::CALLDATALOAD => table::CALLDATALOAD,
        op::SLOAD => table::SLOAD,
        op::SSTORE => table::SSTORE,
        op::TLOAD => table::TLOAD,
        op::TSTORE => table::TSTORE,
        op::BALANCE => table::BALANCE,
        op::EXTCODESIZE => table::EXTCODESIZE,
        op::EXTCODEHASH => table::EXTCODEHASH,
        op::SELFBALANCE => table::SELFBALANCE,
        op::BLOCKHASH => table::BLOCKHASH,
        op::CALL => table::CALL,
        op::CALLCODE => table::CALLCODE,
        op::DELEGATECALL => table::DELEGATECALL,
        op::STATICCALL => table::STATICCALL,
        // And for the words: they take no gas, so no length tells what cannot be paid.
        op::RETURN | op::REVERT => table::RETURN,
        op::SELFDESTRUCT => table::SELFDESTRUCT,
        // What the transaction, the block or the frame knows, and opcodes that halt.
        _ => table::SURROUNDINGS,
    }
}

/// What one call of a precompile costs to prove: a base and so much for each byte of its input.
/// Precompiles are named by the last two bytes of their address.
#[must_use]
pub const fn precompile_cost(address: u16, input_bytes: u64) -> u64 {
    let (base, per_byte) = match address {
        0x01 => table::ECRECOVER,
        0x02 => table::SHA256,
        0x03 => table::RIPEMD160,
        0x04 => table::IDENTITY,
        // And by gas: see `precompile_cycles_per_gas`.
        0x05 => table::MODEXP,
        0x06 => table::BN_ADD,
        0x07 => table::BN_MUL,
        0x08 => table::BN_PAIRING,
        0x09 => table::BLAKE2F,
        0x0a => table::POINT_EVALUATION,
        0x0b => table::BLS_G1_ADD,
        0x0c => table::BLS_G1_MSM,
        0x0d => table::BLS_G2_ADD,
        0x0e => table::BLS_G2_MSM,
        0x0f => table::BLS_PAIRING,
        0x10 => table::BLS_MAP_G1,
        0x11 => table::BLS_MAP_G2,
        _ => table::P256_VERIFY,
    };
    per_byte.saturating_mul(input_bytes).saturating_add(base)
}

/// Cycle-equivalents per unit of gas, charged for a precompile whose work its input's length does
/// not bound (modexp and BLAKE2 rounds); zero for the others.
#[must_use]
pub const fn precompile_cycles_per_gas(address: u16) -> u64 {
    match address {
        0x05 => table::MODEXP_GAS,
        0x09 => table::BLAKE2F_GAS,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_opcode_costs_something() {
        for opcode in 0..=u8::MAX {
            assert!(instruction_cost(opcode).base > 0, "{opcode:#x}");
        }
        for address in (1..=0x11).chain([0x100]) {
            assert!(precompile_cost(address, 1) > 0, "{address:#x}");
        }
    }
}
