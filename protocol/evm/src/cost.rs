//! The meter's static table. Every figure is in cycle-equivalents and marked †: measured figures
//! replace this table when the batch guest can be profiled.

use revm::bytecode::opcode as op;

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

/// Signature recovery, decoding and bookkeeping of one transaction.†
pub const TRANSACTION_BASE: u64 = 45_000;
/// Hashing and copying of one byte of input.†
pub const TRANSACTION_PER_BYTE: u64 = 25;
/// One authorization of EIP-7702: a signature recovery.†
pub const AUTHORIZATION: u64 = 40_000;
/// One entry of an access list: an account or a slot is proven.†
pub const ACCESS_LIST_ENTRY: u64 = 8_000;

/// What one instruction costs to prove.
#[must_use]
pub const fn instruction_cost(opcode: u8) -> InstructionCost {
    match opcode {
        op::STOP | op::JUMPDEST | op::PC | op::GAS | op::MSIZE => InstructionCost::flat(60),
        op::ADD | op::SUB | op::LT..=op::SAR | op::CLZ => InstructionCost::flat(120),
        op::MUL | op::SIGNEXTEND => InstructionCost::flat(200),
        op::DIV..=op::SMOD => InstructionCost::flat(900),
        op::ADDMOD => InstructionCost::flat(1_100),
        op::MULMOD => InstructionCost::flat(1_500),
        op::EXP => InstructionCost::flat(55_000),
        op::KECCAK256 => InstructionCost::words(1_500, 300, 1, 6),
        op::CALLDATACOPY | op::CODECOPY | op::RETURNDATACOPY | op::MCOPY => {
            InstructionCost::words(200, 60, 2, 3)
        }
        op::EXTCODECOPY => InstructionCost::words(9_000, 60, 3, 3),
        op::BALANCE | op::EXTCODESIZE | op::EXTCODEHASH => InstructionCost::flat(8_000),
        op::SELFBALANCE => InstructionCost::flat(400),
        op::BLOCKHASH => InstructionCost::flat(4_000),
        op::SLOAD => InstructionCost::flat(9_000),
        op::SSTORE => InstructionCost::flat(14_000),
        op::TLOAD | op::TSTORE => InstructionCost::flat(900),
        op::LOG0..=op::LOG4 => InstructionCost::words(4_000, 300, 1, 256),
        op::CREATE => InstructionCost::words(20_000, 400, 2, 2),
        op::CREATE2 => InstructionCost::words(22_000, 700, 2, 8),
        op::CALL | op::CALLCODE | op::DELEGATECALL | op::STATICCALL => {
            InstructionCost::flat(10_000)
        }
        op::SELFDESTRUCT => InstructionCost::flat(12_000),
        op::RETURN | op::REVERT => InstructionCost::words(200, 40, 1, 3),
        _ => InstructionCost::flat(100),
    }
}

/// What one call of a precompile costs to prove: `base` and `per_byte` of its input, before it
/// runs. Precompiles are named by the last two bytes of their address.
#[must_use]
pub const fn precompile_cost(address: u16, input_bytes: u64) -> u64 {
    let (base, per_byte) = match address {
        0x01 => (45_000, 0),
        0x02 => (1_500, 40),
        0x03 => (4_000, 120),
        0x04 => (200, 2),
        0x05 => (5_000, 20),
        0x06 => (60_000, 0),
        0x07 => (3_000_000, 0),
        0x08 => (20_000_000, 120_000),
        // The rounds are the first four bytes, priced by gas: see `PER_GAS`.
        0x09 => (3_000, 0),
        0x0a => (60_000_000, 0),
        0x0b => (120_000, 0),
        0x0c => (0, 40_000),
        0x0d => (250_000, 0),
        0x0e => (0, 60_000),
        0x0f => (30_000_000, 130_000),
        0x10 => (6_000_000, 0),
        0x11 => (25_000_000, 0),
        0x100 => (4_000_000, 0),
        _ => (1_000, 100),
    };
    let per_byte: u64 = per_byte;
    per_byte.saturating_mul(input_bytes).saturating_add(base)
}

/// Cycle-equivalents per unit of gas used, charged after a precompile whose work its input's
/// length does not bound (modexp and BLAKE2 rounds); zero for the others.†
#[must_use]
pub const fn precompile_cycles_per_gas(address: u16) -> u64 {
    match address {
        0x05 => 60,
        0x09 => 700,
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
