//! Thousands of accounts and slots.

use alloy_primitives::{Bytes, U256};

use super::super::assembly::{code, creation};
use super::super::chain::Chain;
use super::super::{genesis, other, transfer};
use super::failures::contract;

/// Accounts with keys that send.
const SENDERS: u64 = 1_000;
/// Accounts that are there.
const OLD: u64 = 20_000;
/// Calls that each reach some hundred accounts or slots.
const ROUNDS: u64 = 4;

/// Sends 1 wei to as many accounts as the second word says, numbered from the first word by a
/// hash.
const DISPERSE: &str = "32 CALLDATALOAD \
     next: DUP1 ISZERO @end JUMPI \
     DUP1 0 CALLDATALOAD ADD 0 MSTORE \
     0 0 0 0 1 32 0 KECCAK256 GAS CALL POP \
     1 SWAP1 SUB @next JUMP end:";
/// Writes as many slots, at places that a hash gives.
const WRITE: &str = "32 CALLDATALOAD \
     next: DUP1 ISZERO @end JUMPI \
     DUP1 0 CALLDATALOAD ADD 0 MSTORE \
     DUP1 32 0 KECCAK256 SSTORE \
     1 SWAP1 SUB @next JUMP end:";

/// Writes the third word into as many slots, at the same places.
const FILL: &str = "32 CALLDATALOAD \
     next: DUP1 ISZERO @end JUMPI \
     DUP1 0 CALLDATALOAD ADD 0 MSTORE \
     64 CALLDATALOAD 32 0 KECCAK256 SSTORE \
     1 SWAP1 SUB @next JUMP end:";

/// Slots that come and go: over batches, over blocks, in one block and in one transaction. Leaves
/// and stems leave the tree, and their neighbours move up.
#[must_use]
pub fn slots_that_go() -> Chain {
    let mut genesis = genesis(2, 50);
    let fill = contract(&mut genesis, 20_000, code(FILL));
    let both = contract(&mut genesis, 20_001, code("CALLVALUE 0 SSTORE 0 0 SSTORE 0 1 SSTORE"));
    let mut chain = Chain::new(genesis);
    let set = |chain: &mut Chain, first: u64, count: u64, value: u64| {
        let words = [first, count, value].map(|word| U256::from(word).to_be_bytes::<32>());
        chain.call(0, fill, 0, words.concat().into());
    };
    set(&mut chain, 0, 300, 7);
    chain.call(1, both, 5, Bytes::new());
    chain.cut();
    set(&mut chain, 0, 150, 0);
    set(&mut chain, 1_000, 40, 9);
    set(&mut chain, 1_000, 20, 0);
    chain.seal();
    set(&mut chain, 100, 60, 8);
    set(&mut chain, 1_020, 20, 0);
    chain.seal();
    set(&mut chain, 100, 60, 0);
    chain.cut();
    set(&mut chain, 0, 300, 0);
    chain.call(1, both, 0, Bytes::new());
    chain
}

/// The largest transaction input, log, memory and code that gas pays for.
#[must_use]
pub fn sizes() -> Chain {
    let mut genesis = genesis(2, 50);
    let copy = contract(&mut genesis, 20_000, code(COPY));
    let log = contract(&mut genesis, 20_001, code("1000000 0 LOG0"));
    let mut chain = Chain::new(genesis);
    // Ten gas for each of them (EIP-7623), whose hash becomes a slot.
    chain.call(0, copy, 0, Bytes::from(vec![0; 1_000_000]));
    assert!(!chain.slot(copy, 0).is_zero());
    chain.call(0, log, 0, Bytes::new());
    chain.seal();
    for byte in 0..8 {
        chain.create(1, creation(&[byte; 24_576]));
    }
    chain
}

/// Copies its input, moves it by a word, and keeps its hash.
const COPY: &str = "CALLDATASIZE 0 0 CALLDATACOPY CALLDATASIZE 0 32 MCOPY \
     CALLDATASIZE 32 KECCAK256 0 SSTORE";

/// Senders that each reach an old account and a new one; contracts that reach hundreds in one
/// call.
#[must_use]
pub fn thousands() -> Chain {
    let mut genesis = genesis(SENDERS, OLD);
    let disperse = contract(&mut genesis, OLD + 1, code(DISPERSE));
    let write = contract(&mut genesis, OLD + 2, code(WRITE));
    let mut chain = Chain::new(genesis);
    for key in 0..SENDERS {
        chain.send(&transfer(key, 0, other(key * 17), 1));
    }
    chain.seal();
    for key in 0..SENDERS {
        chain.send(&transfer(key, 1, other(OLD + 10 + key), 1));
    }
    chain.cut();
    for round in 0..ROUNDS {
        let numbers = |count| -> Bytes {
            let words = [U256::from(round * 10_000), U256::from(count)];
            words.map(|word| word.to_be_bytes::<32>()).concat().into()
        };
        chain.call(round, disperse, 400, numbers(400));
        assert!(chain.account(disperse).balance.is_zero(), "everybody got something");
        chain.call(round, write, 0, numbers(600));
    }
    chain
}
