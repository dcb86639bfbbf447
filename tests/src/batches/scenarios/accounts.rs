//! Thousands of accounts and slots.

use alloy_primitives::{Bytes, U256};

use super::super::assembly::code;
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
