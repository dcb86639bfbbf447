//! An ERC-20 token.

use alloy_primitives::{U256, hex};
use minster_evm::Outcome;

use super::super::abi::call;
use super::super::chain::Chain;
use super::super::{other, signer};
use super::{approve, balance, chain, token, transfer};

/// Transfers to old and new holders, allowances, and what a token refuses.
#[must_use]
pub fn erc20() -> Chain {
    let mut chain = chain();
    let token = token(&mut chain, 0);
    chain.cut();
    let spender = signer(1).address();
    for holder in 0..5 {
        chain.call(0, token, 0, transfer(other(holder), 1_000 + holder));
    }
    chain.call(0, token, 0, transfer(spender, 500));
    chain.call(0, token, 0, approve(spender));
    chain.seal();
    let from = "transferFrom(address,address,uint256)";
    let owner = signer(0).address();
    chain.call(1, token, 0, call(from, &[owner.into(), other(7).into(), 5.into()]));
    let refused = chain.fail(2, token, 0, call(from, &[owner.into(), other(7).into(), 5.into()]));
    assert_eq!(refused, Outcome::Revert);
    assert_eq!(chain.fail(1, token, 0, transfer(owner, 506)), Outcome::Revert);
    assert_eq!(chain.fail(1, token, 1, transfer(owner, 1)), Outcome::Revert);
    assert_eq!(chain.fail(1, token, 0, hex!("12345678").into()), Outcome::Revert);
    // A slot that becomes zero leaves the tree.
    chain.call(1, token, 0, transfer(owner, 500));
    chain.call(0, token, 0, call("approve(address,uint256)", &[spender.into(), 0.into()]));
    assert_eq!(balance(&chain, token, spender), U256::ZERO);
    assert_eq!(balance(&chain, token, other(7)), U256::from(5));
    chain.call(3, token, 0, transfer(other(8), 0));
    chain
}
