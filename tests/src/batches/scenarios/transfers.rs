//! Ether from account to account, by every type of transaction.

use alloy_primitives::{Address, Bytes, TxKind, U256};
use minster_evm::Outcome;
use minster_os::Refusal;
use minster_params::constants::FEE_VAULT;

use super::super::chain::Chain;
use super::super::signed::{access, authorize, legacy, with_access, with_authorizations};
use super::super::{CHAIN_ID, call, other, signer, transfer};
use super::chain;

/// To old and new accounts, to the sender itself, to the fee vault, of nothing, of everything.
#[must_use]
pub fn transfers() -> Chain {
    let mut chain = chain();
    for key in 0..4 {
        chain.send(&transfer(key, 0, other(key), 1));
        chain.send(&transfer(key, 1, other(1_000 + key), 1 << key));
    }
    chain.seal();
    let own = signer(0).address();
    for (nonce, (to, value)) in
        (2..).zip([(own, 5), (FEE_VAULT, 7), (other(2_000), 0), (other(3_000), 9), (own, 0)])
    {
        chain.send(&transfer(0, nonce, to, value));
    }
    assert_eq!(chain.account(other(2_000)), Default::default(), "nothing makes no account");
    chain.send(&call(1, 2, TxKind::Call(other(5)), 1, Bytes::from(vec![7; 300]), 100_000));
    chain.cut();
    types(&mut chain);
    everything(&mut chain);
    chain
}

/// One of each type, and what a pool refuses is refused here as well.
fn types(chain: &mut Chain) {
    let nonce = chain.nonce(2);
    chain.send(&legacy(2, nonce, other(10), 3, true));
    chain.send(&legacy(2, nonce + 1, other(10), 4, false));
    chain.send(&with_access(2, nonce + 2, other(11), Bytes::new(), access(other(12), 3)));
    chain.send(&transfer(2, nonce + 3, other(13), 5));
    let authorization = authorize(3, CHAIN_ID, 99, other(14));
    let set_code = with_authorizations(2, nonce + 4, other(15), Bytes::new(), vec![authorization]);
    let executed = chain.send(&set_code);
    assert_eq!(executed.execution.outcome, Outcome::Success);
    for refused in [
        transfer(2, nonce, other(16), 1),
        transfer(2, nonce + 9, other(16), 1),
        call(2, nonce + 5, TxKind::Call(other(16)), 1, Bytes::new(), 20_999),
        call(2, nonce + 5, TxKind::Call(other(16)), u64::MAX, Bytes::new(), 1 << 25),
        transfer(100, 0, other(16), 1),
    ] {
        assert!(matches!(chain.offer(&refused), Err(Refusal::Invalid(_))));
    }
    chain.seal();
}

/// An account sends all that it has, and is left with nothing but a nonce.
fn everything(chain: &mut Chain) {
    let poor = signer(50).address();
    let gift = 1_000_000_000_000_000;
    chain.send(&transfer(3, chain.nonce(3), poor, gift));
    let gas = 21_000;
    let fee = 10_000_000_000;
    // The tip is 1 wei, so what the base fee leaves over comes back.
    chain.send(&call(50, 0, TxKind::Call(other(17)), gift - gas * fee, Bytes::new(), gas));
    assert!(chain.account(poor).balance < U256::from(gas * fee));
    assert_eq!(chain.account(poor).nonce, 1);
    chain.send(&transfer(3, chain.nonce(3), Address::ZERO, 1));
    chain.seal();
}
