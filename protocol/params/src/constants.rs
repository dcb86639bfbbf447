//! Consensus constants, each with its source.

use alloy_primitives::{Address, address};

/// Largest gas limit of one transaction (EIP-7825).
pub const TRANSACTION_GAS_LIMIT_MAX: u64 = 16_777_216;

/// Largest RLP size of a block in bytes (EIP-7934).
pub const BLOCK_RLP_SIZE_MAX: usize = 8_388_608;

/// Largest gas limit of a block: bounds what a block can change, at 5,000 gas a slot.
pub const BLOCK_GAS_LIMIT_MAX: u64 = 4_000_000_000;

/// Largest sum of log bytes in a block (spec/blocks-and-slices.md, BS-3): a log counts 20 bytes, 32
/// for each topic, and its data. Gas alone would admit 250 MB.
pub const BLOCK_LOG_BYTES_MAX: u64 = 16 << 20;

/// The least gas that a byte of a log costs (Yellow Paper, `G_logdata`).
pub const LOG_GAS_PER_BYTE: u64 = 8;

/// Sender of system calls (EIP-4788, EIP-2935).
pub const SYSTEM_ADDRESS: Address = address!("fffffffffffffffffffffffffffffffffffffffe");

/// The contract that keeps the last 8,191 block hashes (EIP-2935).
pub const HISTORY_STORAGE_ADDRESS: Address = address!("0000F90827F1C53a10cb7A02335B175320002935");

/// Block hashes that this contract keeps, in as many slots (EIP-2935, `HISTORY_SERVE_WINDOW`).
pub const HISTORY_SERVE_WINDOW: u64 = 8_191;

/// Block hashes that the `BLOCKHASH` opcode reaches back.
pub const BLOCK_HASH_WINDOW: u64 = 256;

/// Default recipient of fees and value of `COINBASE`: an address without code
/// (spec/differences.md).
pub const FEE_VAULT: Address = address!("4d696e737465720000000000000000000000fee5");

/// Value of `BLOBBASEFEE`: there are no blobs on this chain (spec/differences.md).
pub const BLOB_BASE_FEE: u128 = 1;

/// Largest mint of one deposit in wei, 2^100: no such amount of ether exists, and balances stay
/// below 2^128 whatever an L1 sends.
pub const DEPOSIT_MINT_MAX: u128 = 1 << 100;

/// Largest sum of balances at genesis in wei.
pub const GENESIS_SUPPLY_MAX: u128 = 1 << 126;

/// Default proving budget of one L2 transaction, in cycle-equivalents: an eighth of a block's.
pub const TRANSACTION_CYCLES_MAX: u64 = 2_250_000_000;

/// Default proving budget of one block, in cycle-equivalents. It holds a second of 33,000 transfers
/// between accounts that nothing else in the block touches, at 540,000 each, and of three times as
/// many between accounts that do. It also bounds what the guest reads: what is charged for a byte
/// of a code (92) and for a proof of a leaf, 1,400 bytes at most (101,000), leaves no block more
/// than 250 MB of witness and codes, which the guest's largest input (256 MiB) holds.
pub const BLOCK_CYCLES_MAX: u64 = 18_000_000_000;

/// Proving budget of a deposit per unit of its gas limit, in cycle-equivalents. Instructions cost
/// from 100 to 900 for each gas, and what touches the state less; loops of what costs most, and
/// most precompiles, are L2's business.
pub const DEPOSIT_CYCLES_PER_GAS: u64 = 400;

const _: () = assert!(
    TRANSACTION_CYCLES_MAX <= BLOCK_CYCLES_MAX,
    "one transaction that an empty block cannot hold would never be included"
);
