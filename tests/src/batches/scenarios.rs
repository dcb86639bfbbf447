//! Chains that did something, each natively through the OS, ready to be held against the guest.
//!
//! Each scenario makes sure by itself that what it is about did happen.

pub mod accounts;
pub mod blocks;
pub mod creation;
pub mod delegation;
pub mod failures;
pub mod precompiles;
pub mod safe;
pub mod small;
pub mod tokens;
pub mod transfers;
pub mod uniswap;
pub mod user_operations;
pub mod workloads;

use alloy_primitives::{Address, Bytes, U256};

use super::abi::{Value, call};
use super::chain::Chain;
use super::contracts::{ERC20, with_arguments};
use super::{genesis, signer};

/// Accounts with a key and ether that a scenario has.
pub const KEYS: u64 = 8;
/// Accounts beside them, so that paths in the tree are not those of an empty one.
const OTHERS: u64 = 100;
/// A token's first supply.
const SUPPLY: u64 = 10_u64.pow(18);

/// A chain before its first block.
#[must_use]
pub fn chain() -> Chain {
    Chain::new(genesis(KEYS, OTHERS))
}

/// A new token, all of it with the account of this key.
pub fn token(chain: &mut Chain, key: u64) -> Address {
    chain.create(key, token_code(signer(key).address()))
}

/// The creation code of a token, all of it with `owner`.
fn token_code(owner: Address) -> Bytes {
    let (name, symbol) = (&b"Token"[..], &b"TKN"[..]);
    with_arguments(ERC20, &[name.into(), symbol.into(), SUPPLY.into(), owner.into()])
}

/// `approve` for everything.
fn approve(spender: Address) -> Bytes {
    call("approve(address,uint256)", &[spender.into(), U256::MAX.into()])
}

/// `transfer`.
fn transfer(to: Address, amount: u64) -> Bytes {
    call("transfer(address,uint256)", &[to.into(), amount.into()])
}

/// What a token says that an account has.
fn balance(chain: &Chain, token: Address, owner: Address) -> U256 {
    super::abi::word(&chain.view(token, call("balanceOf(address)", &[owner.into()])), 0)
}

/// A time after every block.
fn deadline() -> Value {
    U256::from(u64::MAX).into()
}
