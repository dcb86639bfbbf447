//! Blocks: empty ones, many of them, and what code sees of them.

use alloy_primitives::{Address, Bytes, U256};
use minster_os::batch::BATCH_BLOCKS_MAX;
use minster_params::constants::{BLOCK_HASH_WINDOW, HISTORY_STORAGE_ADDRESS};

use super::super::abi::word;
use super::super::assembly::code;
use super::super::chain::Chain;
use super::super::{genesis, other, transfer};
use super::failures::contract;
use super::{KEYS, OTHERS, chain};

/// A batch of one empty block, and one with empty blocks around a full one.
#[must_use]
pub fn empty_blocks() -> Chain {
    let mut chain = chain();
    chain.seal();
    chain.cut();
    chain.seal();
    chain.seal();
    chain.timestamp += 1_000_000;
    chain.send(&transfer(0, 0, other(1), 1));
    chain.seal();
    chain.seal();
    chain
}

/// As many blocks as a batch may have.
#[must_use]
pub fn longest_batch() -> Chain {
    let mut chain = chain();
    for _ in 0..BATCH_BLOCKS_MAX {
        chain.seal();
    }
    chain
}

/// Returns what code sees of the block and of the transaction.
const ENVIRONMENT: &str = "NUMBER 0 MSTORE TIMESTAMP 32 MSTORE COINBASE 64 MSTORE \
     PREVRANDAO 96 MSTORE GASLIMIT 128 MSTORE CHAINID 160 MSTORE BASEFEE 192 MSTORE \
     BLOBBASEFEE 224 MSTORE 0 BLOBHASH 256 MSTORE GASPRICE 288 MSTORE ORIGIN 320 MSTORE \
     SELFBALANCE 352 MSTORE COINBASE BALANCE 384 MSTORE GAS 416 MSTORE \
     448 0 LOG0 448 0 RETURN";
/// Returns the hash of the block with the number in the input.
const BLOCK_HASH: &str = "0 CALLDATALOAD BLOCKHASH 0 MSTORE 32 0 LOG0 32 0 RETURN";
/// Returns what code sees of the account in the input: size, hash, the start of the code, balance.
const ACCOUNT: &str = "0 CALLDATALOAD EXTCODESIZE 0 MSTORE 0 CALLDATALOAD EXTCODEHASH 32 MSTORE \
     32 0 64 0 CALLDATALOAD EXTCODECOPY 0 CALLDATALOAD BALANCE 96 MSTORE 128 0 LOG0 128 0 RETURN";
/// Transient storage is forgotten at the end of a transaction; memory moves over itself.
const TRANSIENT: &str = "7 TLOAD 0 SSTORE 9 7 TSTORE 7 TLOAD 1 SSTORE \
     0x1122334455667788 0 MSTORE 32 3 17 MCOPY 17 MLOAD 2 SSTORE 255 CLZ 3 SSTORE";

/// Every opcode about blocks and accounts, hashes of blocks up to the oldest that there is.
#[must_use]
pub fn surroundings() -> Chain {
    let mut genesis = genesis(KEYS, OTHERS);
    let environment = contract(&mut genesis, 12_000, code(ENVIRONMENT));
    let hashes = contract(&mut genesis, 12_001, code(BLOCK_HASH));
    let account = contract(&mut genesis, 12_002, code(ACCOUNT));
    let transient = contract(&mut genesis, 12_003, code(TRANSIENT));
    let mut chain = Chain::new(genesis);
    chain.call(0, environment, 3, Bytes::new());
    let zero = word(&chain.call(0, hashes, 0, number(0)), 0);
    assert_ne!(zero, U256::ZERO, "genesis is a block with a hash");
    for _ in 0..BLOCK_HASH_WINDOW + 10 {
        chain.seal();
    }
    chain.cut();
    let now = word(&chain.call(0, environment, 5, Bytes::new()), 0).to::<u64>();
    for (back, is_known) in
        [(0, false), (1, true), (2, true), (255, true), (256, true), (257, false)]
    {
        let hash = word(&chain.call(0, hashes, 0, number(now - back)), 0);
        assert_eq!(!hash.is_zero(), is_known, "{back} blocks back");
    }
    for strange in [U256::from(now + 1), U256::from(u64::MAX), U256::MAX] {
        let hash = chain.call(0, hashes, 0, strange.to_be_bytes::<32>().into());
        assert!(word(&hash, 0).is_zero());
    }
    // The contract remembers longer (EIP-2935), and refuses what it does not.
    let old = chain.call(1, HISTORY_STORAGE_ADDRESS, 0, number(now - 260));
    assert!(!word(&old, 0).is_zero());
    chain.fail(1, HISTORY_STORAGE_ADDRESS, 0, number(now));
    chain.seal();
    let nobody = other(99_999);
    for who in [hashes, other(1), nobody, Address::ZERO, Address::with_last_byte(1)] {
        chain.call(2, account, 0, who.into_word().into());
    }
    for _ in 0..2 {
        chain.call(2, transient, 0, Bytes::new());
    }
    assert_eq!([0, 1].map(|slot| chain.slot(transient, slot)), [U256::ZERO, U256::from(9)]);
    assert_eq!(chain.slot(transient, 3), U256::from(248));
    chain
}

fn number(number: u64) -> Bytes {
    U256::from(number).to_be_bytes::<32>().into()
}
