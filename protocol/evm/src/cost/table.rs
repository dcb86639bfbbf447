//! Figures of the meter in cycle-equivalents, measured: `cargo xtask bench meter --write`
//! makes this file. `tests/src/batches/meter` says what each is measured by.

/// access list entry.
pub const ACCESS_LIST_ENTRY: u64 = 4_700;

/// add.
pub const ADD: u64 = 310;

/// addmod.
pub const ADDMOD: u64 = 4_700;

/// and.
pub const AND: u64 = 240;

/// authorization.
pub const AUTHORIZATION: u64 = 79_000;

/// balance.
pub const BALANCE: u64 = 2_300;

/// blake2f: a call, and each byte of its input.
pub const BLAKE2F: (u64, u64) = (5_800, 0);

/// blake2f gas.
pub const BLAKE2F_GAS: u64 = 2_300;

/// blockhash.
pub const BLOCKHASH: u64 = 15_000;

/// bls g1 add: a call, and each byte of its input.
pub const BLS_G1_ADD: (u64, u64) = (1_900_000, 0);

/// bls g1 msm: a call, and each byte of its input.
pub const BLS_G1_MSM: (u64, u64) = (43_000_000, 65_000);

/// bls g2 add: a call, and each byte of its input.
pub const BLS_G2_ADD: (u64, u64) = (2_400_000, 0);

/// bls g2 msm: a call, and each byte of its input.
pub const BLS_G2_MSM: (u64, u64) = (140_000_000, 52_000);

/// bls map g1: a call, and each byte of its input.
pub const BLS_MAP_G1: (u64, u64) = (21_000_000, 0);

/// bls map g2: a call, and each byte of its input.
pub const BLS_MAP_G2: (u64, u64) = (57_000_000, 0);

/// bls pairing: a call, and each byte of its input.
pub const BLS_PAIRING: (u64, u64) = (150_000_000, 210_000);

/// bn add: a call, and each byte of its input.
pub const BN_ADD: (u64, u64) = (890_000, 0);

/// bn mul: a call, and each byte of its input.
pub const BN_MUL: (u64, u64) = (23_000_000, 0);

/// bn pairing: a call, and each byte of its input.
pub const BN_PAIRING: (u64, u64) = (94_000_000, 340_000);

/// byte.
pub const BYTE: u64 = 300;

/// call.
pub const CALL: u64 = 20_000;

/// callcode.
pub const CALLCODE: u64 = 20_000;

/// calldatacopy.
pub const CALLDATACOPY: u64 = 2_100;

/// calldatacopy word.
pub const CALLDATACOPY_WORD: u64 = 560;

/// calldataload.
pub const CALLDATALOAD: u64 = 1_900;

/// changed account.
pub const CHANGED_ACCOUNT: u64 = 80_000;

/// changed slot.
pub const CHANGED_SLOT: u64 = 89_000;

/// clz.
pub const CLZ: u64 = 1_200;

/// codecopy.
pub const CODECOPY: u64 = 2_200;

/// codecopy word.
pub const CODECOPY_WORD: u64 = 560;

/// code byte.
pub const CODE_BYTE: u64 = 92;

/// code word.
pub const CODE_WORD: u64 = 9_100;

/// cold account.
pub const COLD_ACCOUNT: u64 = 110_000;

/// cold slot.
pub const COLD_SLOT: u64 = 97_000;

/// create.
pub const CREATE: u64 = 61_000;

/// create2.
pub const CREATE2: u64 = 67_000;

/// create2 word.
pub const CREATE2_WORD: u64 = 5_100;

/// create word.
pub const CREATE_WORD: u64 = 1_500;

/// creation byte.
pub const CREATION_BYTE: u64 = 42;

/// delegatecall.
pub const DELEGATECALL: u64 = 17_000;

/// div.
pub const DIV: u64 = 4_300;

/// dup.
pub const DUP: u64 = 430;

/// ecrecover: a call, and each byte of its input.
pub const ECRECOVER: (u64, u64) = (170_000, 0);

/// eq.
pub const EQ: u64 = 250;

/// exp.
pub const EXP: u64 = 910;

/// exponent byte.
pub const EXPONENT_BYTE: u64 = 13_000;

/// extcodecopy.
pub const EXTCODECOPY: u64 = 4_300;

/// extcodecopy word.
pub const EXTCODECOPY_WORD: u64 = 560;

/// extcodehash.
pub const EXTCODEHASH: u64 = 3_000;

/// extcodesize.
pub const EXTCODESIZE: u64 = 2_400;

/// gt.
pub const GT: u64 = 320;

/// identity: a call, and each byte of its input.
pub const IDENTITY: (u64, u64) = (1_100, 18);

/// iszero.
pub const ISZERO: u64 = 330;

/// jump.
pub const JUMP: u64 = 500;

/// jumpdest.
pub const JUMPDEST: u64 = 360;

/// jumpi.
pub const JUMPI: u64 = 550;

/// keccak256.
pub const KECCAK256: u64 = 14_000;

/// keccak256 word.
pub const KECCAK256_WORD: u64 = 3_600;

/// log.
pub const LOG: u64 = 6_200;

/// log topic.
pub const LOG_TOPIC: u64 = 6_000;

/// log word.
pub const LOG_WORD: u64 = 1_700;

/// lt.
pub const LT: u64 = 320;

/// mcopy.
pub const MCOPY: u64 = 2_300;

/// mcopy down word.
pub const MCOPY_DOWN_WORD: u64 = 850;

/// mcopy word.
pub const MCOPY_WORD: u64 = 560;

/// memory word.
pub const MEMORY_WORD: u64 = 450;

/// mload.
pub const MLOAD: u64 = 2_000;

/// mod.
pub const MOD: u64 = 4_200;

/// modexp: a call, and each byte of its input.
pub const MODEXP: (u64, u64) = (630_000, 0);

/// modexp gas.
pub const MODEXP_GAS: u64 = 630;

/// modexp halving.
pub const MODEXP_HALVING: u64 = 430;

/// mstore.
pub const MSTORE: u64 = 2_000;

/// mstore8.
pub const MSTORE8: u64 = 2_000;

/// mul.
pub const MUL: u64 = 770;

/// mulmod.
pub const MULMOD: u64 = 7_900;

/// not.
pub const NOT: u64 = 330;

/// or.
pub const OR: u64 = 240;

/// p256 verify: a call, and each byte of its input.
pub const P256_VERIFY: (u64, u64) = (67_000_000, 0);

/// point evaluation: a call, and each byte of its input.
pub const POINT_EVALUATION: (u64, u64) = (420_000_000, 0);

/// pop.
pub const POP: u64 = 430;

/// push.
pub const PUSH: u64 = 330;

/// push byte.
pub const PUSH_BYTE: u64 = 29;

/// reload.
pub const RELOAD: u64 = 7_900;

/// return.
pub const RETURN: u64 = 5_600;

/// returndatacopy.
pub const RETURNDATACOPY: u64 = 2_200;

/// returndatacopy word.
pub const RETURNDATACOPY_WORD: u64 = 560;

/// return word.
pub const RETURN_WORD: u64 = 670;

/// ripemd160: a call, and each byte of its input.
pub const RIPEMD160: (u64, u64) = (21_000, 240);

/// sar.
pub const SAR: u64 = 1_100;

/// sdiv.
pub const SDIV: u64 = 3_600;

/// selfbalance.
pub const SELFBALANCE: u64 = 4_100;

/// selfdestruct.
pub const SELFDESTRUCT: u64 = 30_000;

/// sgt.
pub const SGT: u64 = 420;

/// sha256: a call, and each byte of its input.
pub const SHA256: (u64, u64) = (18_000, 170);

/// shl.
pub const SHL: u64 = 930;

/// shr.
pub const SHR: u64 = 940;

/// signextend.
pub const SIGNEXTEND: u64 = 490;

/// sload.
pub const SLOAD: u64 = 4_700;

/// slt.
pub const SLT: u64 = 410;

/// smod.
pub const SMOD: u64 = 3_600;

/// sstore.
pub const SSTORE: u64 = 16_000;

/// staticcall.
pub const STATICCALL: u64 = 20_000;

/// sub.
pub const SUB: u64 = 330;

/// surroundings.
pub const SURROUNDINGS: u64 = 1_900;

/// swap.
pub const SWAP: u64 = 2_800;

/// tload.
pub const TLOAD: u64 = 2_600;

/// transaction.
pub const TRANSACTION: u64 = 140_000;

/// transaction byte.
pub const TRANSACTION_BYTE: u64 = 130;

/// tstore.
pub const TSTORE: u64 = 15_000;

/// xor.
pub const XOR: u64 = 240;
