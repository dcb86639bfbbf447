//! Figures of the meter in cycle-equivalents, measured: `cargo xtask bench meter --write`
//! makes this file. `tests/src/batches/meter` says what each is measured by.

/// access list entry.
pub const ACCESS_LIST_ENTRY: u64 = 4_800;

/// add.
pub const ADD: u64 = 300;

/// addmod.
pub const ADDMOD: u64 = 2_700;

/// and.
pub const AND: u64 = 180;

/// authorization.
pub const AUTHORIZATION: u64 = 79_000;

/// balance.
pub const BALANCE: u64 = 1_600;

/// blake2f: a call, and each byte of its input.
pub const BLAKE2F: (u64, u64) = (2_500, 0);

/// blake2f gas.
pub const BLAKE2F_GAS: u64 = 2_100;

/// blockhash.
pub const BLOCKHASH: u64 = 200;

/// bls g1 add: a call, and each byte of its input.
pub const BLS_G1_ADD: (u64, u64) = (1_100_000, 0);

/// bls g1 msm: a call, and each byte of its input.
pub const BLS_G1_MSM: (u64, u64) = (40_000_000, 58_000);

/// bls g2 add: a call, and each byte of its input.
pub const BLS_G2_ADD: (u64, u64) = (1_300_000, 0);

/// bls g2 msm: a call, and each byte of its input.
pub const BLS_G2_MSM: (u64, u64) = (120_000_000, 47_000);

/// bls map g1: a call, and each byte of its input.
pub const BLS_MAP_G1: (u64, u64) = (17_000_000, 0);

/// bls map g2: a call, and each byte of its input.
pub const BLS_MAP_G2: (u64, u64) = (51_000_000, 0);

/// bls pairing: a call, and each byte of its input.
pub const BLS_PAIRING: (u64, u64) = (150_000_000, 130_000);

/// bn add: a call, and each byte of its input.
pub const BN_ADD: (u64, u64) = (840_000, 0);

/// bn mul: a call, and each byte of its input.
pub const BN_MUL: (u64, u64) = (18_000_000, 0);

/// bn pairing: a call, and each byte of its input.
pub const BN_PAIRING: (u64, u64) = (59_000_000, 260_000);

/// byte.
pub const BYTE: u64 = 200;

/// call.
pub const CALL: u64 = 8_200;

/// callcode.
pub const CALLCODE: u64 = 8_200;

/// calldatacopy.
pub const CALLDATACOPY: u64 = 1_300;

/// calldatacopy word.
pub const CALLDATACOPY_WORD: u64 = 110;

/// calldataload.
pub const CALLDATALOAD: u64 = 470;

/// changed account.
pub const CHANGED_ACCOUNT: u64 = 87_000;

/// changed slot.
pub const CHANGED_SLOT: u64 = 89_000;

/// clz.
pub const CLZ: u64 = 530;

/// codecopy.
pub const CODECOPY: u64 = 1_300;

/// codecopy word.
pub const CODECOPY_WORD: u64 = 110;

/// code byte.
pub const CODE_BYTE: u64 = 92;

/// code word.
pub const CODE_WORD: u64 = 9_100;

/// cold account.
pub const COLD_ACCOUNT: u64 = 110_000;

/// cold slot.
pub const COLD_SLOT: u64 = 97_000;

/// create.
pub const CREATE: u64 = 62_000;

/// create2.
pub const CREATE2: u64 = 68_000;

/// create2 word.
pub const CREATE2_WORD: u64 = 2_700;

/// create word.
pub const CREATE_WORD: u64 = 1_500;

/// creation byte.
pub const CREATION_BYTE: u64 = 41;

/// delegatecall.
pub const DELEGATECALL: u64 = 8_100;

/// div.
pub const DIV: u64 = 2_800;

/// dup.
pub const DUP: u64 = 220;

/// ecrecover: a call, and each byte of its input.
pub const ECRECOVER: (u64, u64) = (48_000, 0);

/// eq.
pub const EQ: u64 = 180;

/// exp.
pub const EXP: u64 = 470;

/// exponent byte.
pub const EXPONENT_BYTE: u64 = 11_000;

/// extcodecopy.
pub const EXTCODECOPY: u64 = 3_100;

/// extcodecopy word.
pub const EXTCODECOPY_WORD: u64 = 110;

/// extcodehash.
pub const EXTCODEHASH: u64 = 1_900;

/// extcodesize.
pub const EXTCODESIZE: u64 = 1_800;

/// gt.
pub const GT: u64 = 380;

/// identity: a call, and each byte of its input.
pub const IDENTITY: (u64, u64) = (2, 10);

/// iszero.
pub const ISZERO: u64 = 200;

/// jump.
pub const JUMP: u64 = 250;

/// jumpdest.
pub const JUMPDEST: u64 = 230;

/// jumpi.
pub const JUMPI: u64 = 240;

/// keccak256.
pub const KECCAK256: u64 = 3_600;

/// keccak256 word.
pub const KECCAK256_WORD: u64 = 840;

/// log.
pub const LOG: u64 = 6_600;

/// log topic.
pub const LOG_TOPIC: u64 = 6_200;

/// log word.
pub const LOG_WORD: u64 = 1_700;

/// lt.
pub const LT: u64 = 380;

/// mcopy.
pub const MCOPY: u64 = 1_300;

/// mcopy down word.
pub const MCOPY_DOWN_WORD: u64 = 470;

/// mcopy word.
pub const MCOPY_WORD: u64 = 110;

/// memory word.
pub const MEMORY_WORD: u64 = 350;

/// mload.
pub const MLOAD: u64 = 400;

/// mod.
pub const MOD: u64 = 2_800;

/// modexp: a call, and each byte of its input.
pub const MODEXP: (u64, u64) = (440_000, 0);

/// modexp gas.
pub const MODEXP_GAS: u64 = 640;

/// modexp halving.
pub const MODEXP_HALVING: u64 = 360;

/// mstore.
pub const MSTORE: u64 = 430;

/// mstore8.
pub const MSTORE8: u64 = 430;

/// mul.
pub const MUL: u64 = 770;

/// mulmod.
pub const MULMOD: u64 = 5_400;

/// not.
pub const NOT: u64 = 200;

/// or.
pub const OR: u64 = 180;

/// p256 verify: a call, and each byte of its input.
pub const P256_VERIFY: (u64, u64) = (48_000_000, 0);

/// point evaluation: a call, and each byte of its input.
pub const POINT_EVALUATION: (u64, u64) = (370_000_000, 0);

/// pop.
pub const POP: u64 = 220;

/// push.
pub const PUSH: u64 = 210;

/// push byte.
pub const PUSH_BYTE: u64 = 7;

/// reload.
pub const RELOAD: u64 = 9_800;

/// return.
pub const RETURN: u64 = 1_600;

/// returndatacopy.
pub const RETURNDATACOPY: u64 = 1_300;

/// returndatacopy word.
pub const RETURNDATACOPY_WORD: u64 = 110;

/// return word.
pub const RETURN_WORD: u64 = 240;

/// ripemd160: a call, and each byte of its input.
pub const RIPEMD160: (u64, u64) = (11_000, 170);

/// sar.
pub const SAR: u64 = 430;

/// sdiv.
pub const SDIV: u64 = 1_800;

/// selfbalance.
pub const SELFBALANCE: u64 = 2_200;

/// selfdestruct.
pub const SELFDESTRUCT: u64 = 30_000;

/// sgt.
pub const SGT: u64 = 350;

/// sha256: a call, and each byte of its input.
pub const SHA256: (u64, u64) = (44_000, 16);

/// shl.
pub const SHL: u64 = 370;

/// shr.
pub const SHR: u64 = 370;

/// signextend.
pub const SIGNEXTEND: u64 = 490;

/// sload.
pub const SLOAD: u64 = 3_000;

/// slt.
pub const SLT: u64 = 330;

/// smod.
pub const SMOD: u64 = 1_800;

/// sstore.
pub const SSTORE: u64 = 5_000;

/// staticcall.
pub const STATICCALL: u64 = 8_100;

/// sub.
pub const SUB: u64 = 320;

/// surroundings.
pub const SURROUNDINGS: u64 = 940;

/// swap.
pub const SWAP: u64 = 1_400;

/// tload.
pub const TLOAD: u64 = 2_600;

/// transaction.
pub const TRANSACTION: u64 = 140_000;

/// transaction byte.
pub const TRANSACTION_BYTE: u64 = 130;

/// tstore.
pub const TSTORE: u64 = 7_800;

/// xor.
pub const XOR: u64 = 180;
