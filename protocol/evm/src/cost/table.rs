//! Figures of the meter in cycle-equivalents, measured: `cargo xtask bench meter --write`
//! makes this file. `tests/src/batches/meter` says what each is measured by.

/// access list entry.
pub const ACCESS_LIST_ENTRY: u64 = 4_800;

/// add.
pub const ADD: u64 = 610;

/// addmod.
pub const ADDMOD: u64 = 7_400;

/// and.
pub const AND: u64 = 560;

/// authorization.
pub const AUTHORIZATION: u64 = 76_000;

/// balance.
pub const BALANCE: u64 = 3_000;

/// blake2f: a call, and each byte of its input.
pub const BLAKE2F: (u64, u64) = (7_400, 0);

/// blake2f gas.
pub const BLAKE2F_GAS: u64 = 2_700;

/// blockhash.
pub const BLOCKHASH: u64 = 17_000;

/// bls g1 add: a call, and each byte of its input.
pub const BLS_G1_ADD: (u64, u64) = (2_000_000, 0);

/// bls g1 msm: a call, and each byte of its input.
pub const BLS_G1_MSM: (u64, u64) = (53_000_000, 120_000);

/// bls g2 add: a call, and each byte of its input.
pub const BLS_G2_ADD: (u64, u64) = (2_600_000, 0);

/// bls g2 msm: a call, and each byte of its input.
pub const BLS_G2_MSM: (u64, u64) = (160_000_000, 150_000);

/// bls map g1: a call, and each byte of its input.
pub const BLS_MAP_G1: (u64, u64) = (21_000_000, 0);

/// bls map g2: a call, and each byte of its input.
pub const BLS_MAP_G2: (u64, u64) = (59_000_000, 0);

/// bls pairing: a call, and each byte of its input.
pub const BLS_PAIRING: (u64, u64) = (160_000_000, 230_000);

/// bn add: a call, and each byte of its input.
pub const BN_ADD: (u64, u64) = (930_000, 0);

/// bn mul: a call, and each byte of its input.
pub const BN_MUL: (u64, u64) = (22_000_000, 0);

/// bn pairing: a call, and each byte of its input.
pub const BN_PAIRING: (u64, u64) = (110_000_000, 360_000);

/// byte.
pub const BYTE: u64 = 610;

/// call.
pub const CALL: u64 = 26_000;

/// callcode.
pub const CALLCODE: u64 = 26_000;

/// calldatacopy.
pub const CALLDATACOPY: u64 = 2_700;

/// calldatacopy word.
pub const CALLDATACOPY_WORD: u64 = 690;

/// calldataload.
pub const CALLDATALOAD: u64 = 2_100;

/// changed account.
pub const CHANGED_ACCOUNT: u64 = 89_000;

/// changed slot.
pub const CHANGED_SLOT: u64 = 110_000;

/// clz.
pub const CLZ: u64 = 1_300;

/// codecopy.
pub const CODECOPY: u64 = 2_700;

/// codecopy word.
pub const CODECOPY_WORD: u64 = 690;

/// code byte.
pub const CODE_BYTE: u64 = 92;

/// code word.
pub const CODE_WORD: u64 = 31_000;

/// cold account.
pub const COLD_ACCOUNT: u64 = 89_000;

/// cold slot.
pub const COLD_SLOT: u64 = 88_000;

/// create.
pub const CREATE: u64 = 170_000;

/// create2.
pub const CREATE2: u64 = 190_000;

/// create2 word.
pub const CREATE2_WORD: u64 = 8_900;

/// create word.
pub const CREATE_WORD: u64 = 5_100;

/// creation byte.
pub const CREATION_BYTE: u64 = 42;

/// delegatecall.
pub const DELEGATECALL: u64 = 23_000;

/// div.
pub const DIV: u64 = 4_800;

/// dup.
pub const DUP: u64 = 350;

/// ecrecover: a call, and each byte of its input.
pub const ECRECOVER: (u64, u64) = (170_000, 0);

/// eq.
pub const EQ: u64 = 580;

/// exp.
pub const EXP: u64 = 1_500;

/// exponent byte.
pub const EXPONENT_BYTE: u64 = 13_000;

/// extcodecopy.
pub const EXTCODECOPY: u64 = 5_300;

/// extcodecopy word.
pub const EXTCODECOPY_WORD: u64 = 690;

/// extcodehash.
pub const EXTCODEHASH: u64 = 3_700;

/// extcodesize.
pub const EXTCODESIZE: u64 = 3_200;

/// gt.
pub const GT: u64 = 600;

/// identity: a call, and each byte of its input.
pub const IDENTITY: (u64, u64) = (1_300, 66);

/// iszero.
pub const ISZERO: u64 = 480;

/// jump.
pub const JUMP: u64 = 640;

/// jumpdest.
pub const JUMPDEST: u64 = 310;

/// jumpi.
pub const JUMPI: u64 = 750;

/// keccak256.
pub const KECCAK256: u64 = 14_000;

/// keccak256 word.
pub const KECCAK256_WORD: u64 = 3_600;

/// log.
pub const LOG: u64 = 6_300;

/// log topic.
pub const LOG_TOPIC: u64 = 6_100;

/// log word.
pub const LOG_WORD: u64 = 1_700;

/// lt.
pub const LT: u64 = 600;

/// mcopy.
pub const MCOPY: u64 = 2_900;

/// mcopy down word.
pub const MCOPY_DOWN_WORD: u64 = 870;

/// mcopy word.
pub const MCOPY_WORD: u64 = 690;

/// memory word.
pub const MEMORY_WORD: u64 = 400;

/// mload.
pub const MLOAD: u64 = 2_500;

/// mod.
pub const MOD: u64 = 4_700;

/// modexp: a call, and each byte of its input.
pub const MODEXP: (u64, u64) = (600_000, 0);

/// modexp gas.
pub const MODEXP_GAS: u64 = 910;

/// modexp halving.
pub const MODEXP_HALVING: u64 = 450;

/// mstore.
pub const MSTORE: u64 = 2_600;

/// mstore8.
pub const MSTORE8: u64 = 2_600;

/// mul.
pub const MUL: u64 = 1_100;

/// mulmod.
pub const MULMOD: u64 = 15_000;

/// not.
pub const NOT: u64 = 480;

/// or.
pub const OR: u64 = 560;

/// p256 verify: a call, and each byte of its input.
pub const P256_VERIFY: (u64, u64) = (80_000_000, 0);

/// point evaluation: a call, and each byte of its input.
pub const POINT_EVALUATION: (u64, u64) = (450_000_000, 0);

/// pop.
pub const POP: u64 = 350;

/// push.
pub const PUSH: u64 = 310;

/// push byte.
pub const PUSH_BYTE: u64 = 35;

/// reload.
pub const RELOAD: u64 = 13_000;

/// return.
pub const RETURN: u64 = 6_100;

/// returndatacopy.
pub const RETURNDATACOPY: u64 = 2_800;

/// returndatacopy word.
pub const RETURNDATACOPY_WORD: u64 = 690;

/// return word.
pub const RETURN_WORD: u64 = 1_100;

/// ripemd160: a call, and each byte of its input.
pub const RIPEMD160: (u64, u64) = (23_000, 240);

/// sar.
pub const SAR: u64 = 1_400;

/// sdiv.
pub const SDIV: u64 = 5_200;

/// selfbalance.
pub const SELFBALANCE: u64 = 4_800;

/// selfdestruct.
pub const SELFDESTRUCT: u64 = 91_000;

/// sgt.
pub const SGT: u64 = 720;

/// sha256: a call, and each byte of its input.
pub const SHA256: (u64, u64) = (20_000, 170);

/// shl.
pub const SHL: u64 = 1_300;

/// shr.
pub const SHR: u64 = 1_300;

/// signextend.
pub const SIGNEXTEND: u64 = 820;

/// sload.
pub const SLOAD: u64 = 5_500;

/// slt.
pub const SLT: u64 = 720;

/// smod.
pub const SMOD: u64 = 5_000;

/// sstore.
pub const SSTORE: u64 = 19_000;

/// staticcall.
pub const STATICCALL: u64 = 26_000;

/// sub.
pub const SUB: u64 = 650;

/// surroundings.
pub const SURROUNDINGS: u64 = 2_000;

/// swap.
pub const SWAP: u64 = 640;

/// tload.
pub const TLOAD: u64 = 5_100;

/// transaction.
pub const TRANSACTION: u64 = 140_000;

/// transaction byte.
pub const TRANSACTION_BYTE: u64 = 130;

/// tstore.
pub const TSTORE: u64 = 18_000;

/// xor.
pub const XOR: u64 = 560;
