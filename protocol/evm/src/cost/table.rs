//! Figures of the meter in cycle-equivalents, measured: `cargo xtask bench meter --write`
//! makes this file. `tests/src/batches/meter` says what each is measured by.

/// access list entry.
pub const ACCESS_LIST_ENTRY: u64 = 2_900;

/// add.
pub const ADD: u64 = 150;

/// addmod.
pub const ADDMOD: u64 = 2_000;

/// and.
pub const AND: u64 = 120;

/// authorization.
pub const AUTHORIZATION: u64 = 43_000;

/// balance.
pub const BALANCE: u64 = 580;

/// blake2f: a call, and each byte of its input.
pub const BLAKE2F: (u64, u64) = (2_000, 0);

/// blake2f gas.
pub const BLAKE2F_GAS: u64 = 770;

/// blockhash.
pub const BLOCKHASH: u64 = 130;

/// bls g1 add: a call, and each byte of its input.
pub const BLS_G1_ADD: (u64, u64) = (42_000, 0);

/// bls g1 msm: a call, and each byte of its input.
pub const BLS_G1_MSM: (u64, u64) = (16_000_000, 47_000);

/// bls g2 add: a call, and each byte of its input.
pub const BLS_G2_ADD: (u64, u64) = (110_000, 0);

/// bls g2 msm: a call, and each byte of its input.
pub const BLS_G2_MSM: (u64, u64) = (46_000_000, 56_000);

/// bls map g1: a call, and each byte of its input.
pub const BLS_MAP_G1: (u64, u64) = (8_800_000, 0);

/// bls map g2: a call, and each byte of its input.
pub const BLS_MAP_G2: (u64, u64) = (27_000_000, 0);

/// bls pairing: a call, and each byte of its input.
pub const BLS_PAIRING: (u64, u64) = (69_000_000, 93_000);

/// bn add: a call, and each byte of its input.
pub const BN_ADD: (u64, u64) = (25_000, 0);

/// bn mul: a call, and each byte of its input.
pub const BN_MUL: (u64, u64) = (7_100_000, 0);

/// bn pairing: a call, and each byte of its input.
pub const BN_PAIRING: (u64, u64) = (38_000_000, 150_000);

/// byte.
pub const BYTE: u64 = 120;

/// call.
pub const CALL: u64 = 5_600;

/// callcode.
pub const CALLCODE: u64 = 5_600;

/// calldatacopy.
pub const CALLDATACOPY: u64 = 330;

/// calldatacopy word.
pub const CALLDATACOPY_WORD: u64 = 14;

/// calldataload.
pub const CALLDATALOAD: u64 = 370;

/// changed account.
pub const CHANGED_ACCOUNT: u64 = 35_000;

/// changed slot.
pub const CHANGED_SLOT: u64 = 37_000;

/// clz.
pub const CLZ: u64 = 280;

/// codecopy.
pub const CODECOPY: u64 = 330;

/// codecopy word.
pub const CODECOPY_WORD: u64 = 17;

/// code byte.
pub const CODE_BYTE: u64 = 42;

/// code word.
pub const CODE_WORD: u64 = 4_200;

/// cold account.
pub const COLD_ACCOUNT: u64 = 40_000;

/// cold slot.
pub const COLD_SLOT: u64 = 38_000;

/// create.
pub const CREATE: u64 = 30_000;

/// create2.
pub const CREATE2: u64 = 33_000;

/// create2 word.
pub const CREATE2_WORD: u64 = 1_300;

/// create word.
pub const CREATE_WORD: u64 = 680;

/// creation byte.
pub const CREATION_BYTE: u64 = 19;

/// delegatecall.
pub const DELEGATECALL: u64 = 5_000;

/// div.
pub const DIV: u64 = 1_400;

/// dup.
pub const DUP: u64 = 98;

/// ecrecover: a call, and each byte of its input.
pub const ECRECOVER: (u64, u64) = (19_000, 0);

/// eq.
pub const EQ: u64 = 130;

/// exp.
pub const EXP: u64 = 350;

/// exponent byte.
pub const EXPONENT_BYTE: u64 = 5_900;

/// extcodecopy.
pub const EXTCODECOPY: u64 = 930;

/// extcodecopy word.
pub const EXTCODECOPY_WORD: u64 = 59;

/// extcodehash.
pub const EXTCODEHASH: u64 = 750;

/// extcodesize.
pub const EXTCODESIZE: u64 = 630;

/// gt.
pub const GT: u64 = 140;

/// identity: a call, and each byte of its input.
pub const IDENTITY: (u64, u64) = (540, 2);

/// iszero.
pub const ISZERO: u64 = 96;

/// jump.
pub const JUMP: u64 = 130;

/// jumpdest.
pub const JUMPDEST: u64 = 86;

/// jumpi.
pub const JUMPI: u64 = 170;

/// keccak256.
pub const KECCAK256: u64 = 320;

/// keccak256 word.
pub const KECCAK256_WORD: u64 = 570;

/// log.
pub const LOG: u64 = 3_400;

/// log topic.
pub const LOG_TOPIC: u64 = 3_000;

/// log word.
pub const LOG_WORD: u64 = 880;

/// lt.
pub const LT: u64 = 140;

/// mcopy.
pub const MCOPY: u64 = 340;

/// mcopy word.
pub const MCOPY_WORD: u64 = 59;

/// memory word.
pub const MEMORY_WORD: u64 = 120;

/// mload.
pub const MLOAD: u64 = 360;

/// mod.
pub const MOD: u64 = 1_300;

/// modexp: a call, and each byte of its input.
pub const MODEXP: (u64, u64) = (200_000, 0);

/// modexp gas.
pub const MODEXP_GAS: u64 = 210;

/// mstore.
pub const MSTORE: u64 = 370;

/// mstore8.
pub const MSTORE8: u64 = 370;

/// mul.
pub const MUL: u64 = 430;

/// mulmod.
pub const MULMOD: u64 = 3_600;

/// not.
pub const NOT: u64 = 96;

/// or.
pub const OR: u64 = 120;

/// p256 verify: a call, and each byte of its input.
pub const P256_VERIFY: (u64, u64) = (29_000_000, 0);

/// point evaluation: a call, and each byte of its input.
pub const POINT_EVALUATION: (u64, u64) = (77_000_000, 0);

/// pop.
pub const POP: u64 = 98;

/// push.
pub const PUSH: u64 = 75;

/// push byte.
pub const PUSH_BYTE: u64 = 5;

/// reload.
pub const RELOAD: u64 = 5_200;

/// return.
pub const RETURN: u64 = 1_200;

/// returndatacopy.
pub const RETURNDATACOPY: u64 = 370;

/// returndatacopy word.
pub const RETURNDATACOPY_WORD: u64 = 59;

/// return word.
pub const RETURN_WORD: u64 = 98;

/// ripemd160: a call, and each byte of its input.
pub const RIPEMD160: (u64, u64) = (4_800, 55);

/// sar.
pub const SAR: u64 = 270;

/// sdiv.
pub const SDIV: u64 = 1_500;

/// selfbalance.
pub const SELFBALANCE: u64 = 690;

/// selfdestruct.
pub const SELFDESTRUCT: u64 = 14_000;

/// sgt.
pub const SGT: u64 = 180;

/// sha256: a call, and each byte of its input.
pub const SHA256: (u64, u64) = (4_400, 16);

/// shl.
pub const SHL: u64 = 250;

/// shr.
pub const SHR: u64 = 260;

/// signextend.
pub const SIGNEXTEND: u64 = 210;

/// sload.
pub const SLOAD: u64 = 900;

/// slt.
pub const SLT: u64 = 180;

/// smod.
pub const SMOD: u64 = 1_500;

/// sstore.
pub const SSTORE: u64 = 2_700;

/// staticcall.
pub const STATICCALL: u64 = 5_500;

/// sub.
pub const SUB: u64 = 160;

/// surroundings.
pub const SURROUNDINGS: u64 = 340;

/// swap.
pub const SWAP: u64 = 310;

/// tload.
pub const TLOAD: u64 = 450;

/// transaction.
pub const TRANSACTION: u64 = 70_000;

/// transaction byte.
pub const TRANSACTION_BYTE: u64 = 61;

/// tstore.
pub const TSTORE: u64 = 2_100;

/// xor.
pub const XOR: u64 = 120;
