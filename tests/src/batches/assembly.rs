//! Code for the EVM from words.

use alloy_primitives::{Bytes, U256, hex};

/// Those without a number in their name.
const OPCODES: &[(&str, u8)] = &[
    ("STOP", 0x00),
    ("ADD", 0x01),
    ("MUL", 0x02),
    ("SUB", 0x03),
    ("DIV", 0x04),
    ("SDIV", 0x05),
    ("MOD", 0x06),
    ("SMOD", 0x07),
    ("ADDMOD", 0x08),
    ("MULMOD", 0x09),
    ("EXP", 0x0a),
    ("SIGNEXTEND", 0x0b),
    ("LT", 0x10),
    ("GT", 0x11),
    ("SLT", 0x12),
    ("SGT", 0x13),
    ("EQ", 0x14),
    ("ISZERO", 0x15),
    ("AND", 0x16),
    ("OR", 0x17),
    ("XOR", 0x18),
    ("NOT", 0x19),
    ("BYTE", 0x1a),
    ("SHL", 0x1b),
    ("SHR", 0x1c),
    ("SAR", 0x1d),
    ("CLZ", 0x1e),
    ("KECCAK256", 0x20),
    ("ADDRESS", 0x30),
    ("BALANCE", 0x31),
    ("ORIGIN", 0x32),
    ("CALLER", 0x33),
    ("CALLVALUE", 0x34),
    ("CALLDATALOAD", 0x35),
    ("CALLDATASIZE", 0x36),
    ("CALLDATACOPY", 0x37),
    ("CODESIZE", 0x38),
    ("CODECOPY", 0x39),
    ("GASPRICE", 0x3a),
    ("EXTCODESIZE", 0x3b),
    ("EXTCODECOPY", 0x3c),
    ("RETURNDATASIZE", 0x3d),
    ("RETURNDATACOPY", 0x3e),
    ("EXTCODEHASH", 0x3f),
    ("BLOCKHASH", 0x40),
    ("COINBASE", 0x41),
    ("TIMESTAMP", 0x42),
    ("NUMBER", 0x43),
    ("PREVRANDAO", 0x44),
    ("GASLIMIT", 0x45),
    ("CHAINID", 0x46),
    ("SELFBALANCE", 0x47),
    ("BASEFEE", 0x48),
    ("BLOBHASH", 0x49),
    ("BLOBBASEFEE", 0x4a),
    ("POP", 0x50),
    ("MLOAD", 0x51),
    ("MSTORE", 0x52),
    ("MSTORE8", 0x53),
    ("SLOAD", 0x54),
    ("SSTORE", 0x55),
    ("JUMP", 0x56),
    ("JUMPI", 0x57),
    ("PC", 0x58),
    ("MSIZE", 0x59),
    ("GAS", 0x5a),
    ("JUMPDEST", 0x5b),
    ("TLOAD", 0x5c),
    ("TSTORE", 0x5d),
    ("MCOPY", 0x5e),
    ("CREATE", 0xf0),
    ("CALL", 0xf1),
    ("CALLCODE", 0xf2),
    ("RETURN", 0xf3),
    ("DELEGATECALL", 0xf4),
    ("CREATE2", 0xf5),
    ("STATICCALL", 0xfa),
    ("REVERT", 0xfd),
    ("INVALID", 0xfe),
    ("SELFDESTRUCT", 0xff),
];

/// Those with a number, and what their number is added to.
const NUMBERED: &[(&str, u8)] = &[("DUP", 0x7f), ("SWAP", 0x8f), ("LOG", 0xa0)];

fn opcode(word: &str) -> Option<u8> {
    let numbered = NUMBERED.iter().find_map(|(name, base)| {
        let number: u8 = word.strip_prefix(name)?.parse().ok()?;
        Some(base + number)
    });
    numbered.or_else(|| OPCODES.iter().find(|(name, _)| *name == word).map(|(_, code)| *code))
}

/// The code that a text says: opcodes by name; numbers, decimal or `0x` and hexadecimal, are pushed
/// in the fewest bytes; `name:` is a JUMPDEST, and `@name` pushes its place.
///
/// # Panics
/// At a word that is none of these.
#[must_use]
pub fn code(text: &str) -> Bytes {
    let mut out = Vec::new();
    let mut labels = Vec::new();
    let mut uses = Vec::new();
    for word in text.split_whitespace() {
        if let Some(label) = word.strip_suffix(':') {
            labels.push((label, out.len()));
            out.push(0x5b);
        } else if let Some(label) = word.strip_prefix('@') {
            out.push(0x61);
            uses.push((label, out.len()));
            out.extend([0, 0]);
        } else if let Some(opcode) = opcode(word) {
            out.push(opcode);
        } else {
            let number: U256 = word.parse().unwrap_or_else(|_| panic!("no opcode {word}"));
            out.extend(push(number));
        }
    }
    for (label, place) in uses {
        let known = labels.iter().find(|(name, _)| *name == label);
        let (_, target) = known.unwrap_or_else(|| panic!("no label {label}"));
        let target = u16::try_from(*target).expect("short code");
        out[place..place + 2].copy_from_slice(&target.to_be_bytes());
    }
    out.into()
}

/// Pushes a number in the fewest bytes.
fn push(number: U256) -> Vec<u8> {
    let bytes = number.to_be_bytes_trimmed_vec();
    let opcode = 0x5f + u8::try_from(bytes.len()).expect("at most 32");
    [&[opcode][..], &bytes].concat()
}

/// Creation code for this code: copies what follows it and returns that.
///
/// # Panics
/// When the code is of 2^16 bytes or more.
#[must_use]
pub fn creation(runtime: &[u8]) -> Bytes {
    let size = u16::try_from(runtime.len()).expect("short code").to_be_bytes();
    // PUSH2 size, DUP1, PUSH1 10, PUSH0, CODECOPY, PUSH0, RETURN
    let prologue = [&[0x61][..], &size, &hex!("80600a5f395ff3")].concat();
    [&prologue, runtime].concat().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_code() {
        assert_eq!(code("0 256 @end JUMP end: STOP")[..], hex!("5f 610100 610008 56 5b 00"));
        let prologue = creation(&[0xfe]);
        assert_eq!(prologue.len(), 11);
        assert_eq!(prologue[10], 0xfe);
    }
}
