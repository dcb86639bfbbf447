//! EIP-7702: accounts with keys that run code.

use alloy_primitives::{Address, Bytes, U256, hex};
use minster_evm::Outcome;
use minster_os::Refusal;

use super::super::assembly::{code, creation};
use super::super::chain::Chain;
use super::super::signed::{authorize, with_authorizations};
use super::super::{CHAIN_ID, call, other, signer, transfer};
use super::{KEYS, chain};

/// Delegations that are set, changed and taken back; authorizations that count for nothing;
/// delegates that are precompiles, delegated themselves, or nothing.
#[must_use]
pub fn delegation() -> Chain {
    let mut chain = chain();
    // Counts its calls in slot 0 and who called in slot 1, and returns what code it has.
    let counter = code(
        "0 SLOAD 1 ADD 0 SSTORE CALLER 1 SSTORE \
         ADDRESS EXTCODESIZE 0 MSTORE ADDRESS EXTCODEHASH 32 MSTORE 64 0 RETURN",
    );
    let counter = chain.create(0, creation(&counter));
    let reverting = chain.create(0, creation(&code("0 0 REVERT")));
    chain.cut();

    let [first, second] = [signer(1).address(), signer(2).address()];
    set(&mut chain, first, vec![authorize(1, CHAIN_ID, 0, counter)]);
    assert_eq!(chain.slot(first, 0), U256::from(1));
    assert_eq!(chain.account(first).nonce, 1);
    // A delegated account still sends; its own call runs its code.
    let own = call(1, 1, first.into(), 0, Bytes::new(), 200_000);
    assert_eq!(chain.send(&own).execution.outcome, Outcome::Success);
    assert_eq!(chain.slot(first, 1), U256::from_be_slice(first.as_slice()));
    chain.seal();
    useless(&mut chain, counter, second);
    chain.seal();

    // Its code is one step away, never two.
    set(&mut chain, other(1), vec![authorize(2, 0, 0, first)]);
    assert_eq!(chain.run(0, second.into(), 0, Bytes::new()).execution.outcome, invalid());
    set(&mut chain, other(1), vec![authorize(2, CHAIN_ID, 1, reverting)]);
    assert_eq!(chain.fail(0, second, 0, Bytes::new()), Outcome::Revert);
    // A precompile as a delegate is empty code.
    set(&mut chain, other(1), vec![authorize(2, CHAIN_ID, 2, Address::with_last_byte(2))]);
    assert!(chain.call(0, second, 0, Bytes::from(vec![1; 3])).is_empty());
    set(&mut chain, other(1), vec![authorize(2, CHAIN_ID, 3, other(9_999))]);
    assert!(chain.call(0, second, 1, Bytes::new()).is_empty());
    chain.seal();
    several(&mut chain, counter, reverting);
    chain
}

fn invalid() -> Outcome {
    Outcome::Halt { reason: "OpcodeNotFound".to_owned() }
}

fn set(chain: &mut Chain, to: Address, list: Vec<alloy_eips::eip7702::SignedAuthorization>) {
    let nonce = chain.nonce(0);
    let executed = chain.send(&with_authorizations(0, nonce, to, Bytes::new(), list));
    assert_eq!(executed.execution.outcome, Outcome::Success);
}

/// None of these changes an account, and the transaction goes on.
fn useless(chain: &mut Chain, counter: Address, second: Address) {
    let before = chain.account(second);
    let mut high = authorize(2, CHAIN_ID, 0, counter);
    let order = U256::from_be_bytes(hex!(
        "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"
    ));
    let (inner, parity, r, s) = (high.inner().clone(), high.y_parity(), high.r(), high.s());
    let with = |parity, r, s| {
        alloy_eips::eip7702::SignedAuthorization::new_unchecked(inner.clone(), parity, r, s)
    };
    let list = vec![
        authorize(2, CHAIN_ID + 1, 0, counter),
        authorize(2, CHAIN_ID, 1, counter),
        authorize(2, CHAIN_ID, u64::MAX, counter),
        with(parity ^ 1, r, order - s),
        with(parity, U256::ZERO, s),
        with(2, r, s),
        with(parity, U256::MAX, U256::MAX),
    ];
    high = with(parity ^ 1, r, s);
    set(chain, other(1), list);
    // Of another parity a signature is another account's, which then has a nonce and code.
    set(chain, other(1), vec![high]);
    assert_eq!(chain.account(second), before);
    let nonce = chain.nonce(0);
    let empty = with_authorizations(0, nonce, other(1), Bytes::new(), Vec::new());
    assert!(matches!(chain.offer(&empty), Err(Refusal::Invalid(_))));
}

/// Several authorizations at once, of the sender too; a delegation stays when the call fails, and
/// goes when its owner says so.
fn several(chain: &mut Chain, counter: Address, reverting: Address) {
    let third = signer(3).address();
    let nonce = chain.nonce(0);
    let list = vec![
        authorize(3, CHAIN_ID, 0, counter),
        authorize(3, CHAIN_ID, 1, reverting),
        authorize(0, CHAIN_ID, nonce + 1, counter),
        authorize(3, CHAIN_ID, 1, counter),
    ];
    let sent = with_authorizations(0, nonce, third, Bytes::new(), list);
    assert_eq!(chain.send(&sent).execution.outcome, Outcome::Revert);
    assert_eq!(chain.account(third).nonce, 2);
    let delegated = signer(0).address();
    assert_ne!(chain.account(delegated).code_hash, minster_primitives::KECCAK256_EMPTY);
    chain.send(&transfer(4, chain.nonce(4), other(6), 1));
    chain.cut();

    let nonce = chain.nonce(0);
    let list = vec![
        authorize(3, CHAIN_ID, 2, Address::ZERO),
        authorize(0, CHAIN_ID, nonce + 1, Address::ZERO),
        authorize(60, CHAIN_ID, 0, counter),
    ];
    chain.send(&with_authorizations(0, nonce, delegated, Bytes::new(), list));
    for address in [delegated, third] {
        assert_eq!(chain.account(address).code_hash, minster_primitives::KECCAK256_EMPTY);
    }
    let new = signer(60).address();
    assert_eq!(chain.account(new).nonce, 1);
    // With the largest nonce there is nothing more to authorize.
    for key in 1..KEYS {
        chain.send(&transfer(key, chain.nonce(key), new, 1 << key));
    }
    assert_eq!(chain.slot(new, 0), U256::ZERO, "21,000 gas run no code");
}
