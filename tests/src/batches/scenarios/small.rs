//! Small scenarios, to be proved: of each the last batch.

use alloy_primitives::{Address, Bytes, TxKind, U256};

use super::super::assembly::{code, creation};
use super::super::chain::Chain;
use super::super::signed::{authorize, legacy, with_authorizations};
use super::super::{CHAIN_ID, call, genesis, other, signer, transfer};
use super::failures::{WITNESS, contract, witnessed};

/// A scenario and its name.
pub type Small = (&'static str, fn() -> Chain);

/// All of them, the one that holds most first.
pub const SMALL: [Small; 5] = [
    ("mixed", mixed),
    ("token", token),
    ("precompiles", precompiles),
    ("failures", failures),
    ("delegation", delegation),
];

/// A plain transfer and a legacy one; a call that writes a slot, clears one and logs; a contract
/// created; a call of a precompile; a call that reverts; a block without a transaction.
fn mixed() -> Chain {
    let mut genesis = genesis(4, 0);
    let witness = contract(&mut genesis, 10_000, code(WITNESS));
    let writer = contract(&mut genesis, 10_001, code("CALLVALUE 1 SSTORE 0 2 SSTORE 32 0 LOG0"));
    let slots = &mut genesis.accounts.entry(writer).or_default().storage;
    slots.insert(U256::from(2), U256::from(7));
    let reverting = contract(&mut genesis, 10_002, code("0 0 REVERT"));
    let mut chain = Chain::new(genesis);
    chain.send(&transfer(0, 0, other(1), 1));
    chain.send(&legacy(1, 0, other(2), 2, true));
    chain.seal();
    chain.call(2, writer, 3, Bytes::new());
    chain.create(0, creation(&code("CALLER 0 SSTORE")));
    let sha = Address::with_last_byte(2);
    chain.call(1, witness, 0, witnessed(sha, 100_000, b"abc"));
    chain.send(&call(0, 2, TxKind::Call(reverting), 0, Bytes::new(), 50_000));
    chain.seal();
    chain.seal();
    chain
}

/// An authorization, and a call of the code that it names.
fn delegation() -> Chain {
    let mut genesis = genesis(4, 0);
    let writer = contract(&mut genesis, 10_001, code("CALLER 1 SSTORE"));
    let mut chain = Chain::new(genesis);
    let own = signer(3).address();
    let list = vec![authorize(3, CHAIN_ID, 0, writer)];
    chain.send(&with_authorizations(2, 0, own, Bytes::new(), list));
    assert!(!chain.slot(own, 1).is_zero());
    chain
}

/// Two transfers of a token that an earlier batch created.
fn token() -> Chain {
    let mut chain = Chain::new(genesis(4, 0));
    let token = super::token(&mut chain, 0);
    chain.cut();
    for to in 1..3 {
        chain.call(0, token, 0, super::transfer(other(to), to));
    }
    chain
}

/// Those with circuits of their own, and a power.
fn precompiles() -> Chain {
    let mut genesis = genesis(4, 0);
    let witness = contract(&mut genesis, 10_000, code(WITNESS));
    let mut chain = Chain::new(genesis);
    for number in [1, 2, 4, 5] {
        let target = Address::with_last_byte(number);
        chain.call(0, witness, 0, witnessed(target, 100_000, &[number; 128]));
    }
    chain
}

/// Out of gas, an invalid opcode, a revert with data, and a creation that does not happen.
fn failures() -> Chain {
    let mut genesis = genesis(4, 0);
    let texts = ["1 0 SSTORE 0 0x1000000 MSTORE", "INVALID", "7 0 MSTORE 32 0 REVERT"];
    let targets: Vec<_> = (10_000..)
        .zip(texts)
        .map(|(number, text)| contract(&mut genesis, number, code(text)))
        .collect();
    let mut chain = Chain::new(genesis);
    for target in targets {
        chain.fail(0, target, 0, Bytes::new());
    }
    assert!(!chain.run(1, TxKind::Create, 5, code("INVALID")).receipt.success);
    assert_eq!(chain.account(other(10_000)).balance, U256::ZERO);
    chain
}
