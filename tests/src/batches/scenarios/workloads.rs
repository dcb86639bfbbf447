//! Batches of many alike transactions, for measuring what one of them costs.

use std::str::FromStr;

use alloy_primitives::Address;

use super::super::abi::{Value, call};
use super::super::chain::Chain;
use super::super::contracts::{ERC20, UNISWAP_V2_FACTORY, UNISWAP_V2_ROUTER, with_arguments};
use super::super::{genesis, other, signer, transfer};
use super::{approve, deadline, token, uniswap};

/// What all transactions of a batch do. Each is sent by an account of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Workload {
    /// A transfer of ether to an account that exists.
    Transfer,
    /// The same among ten recipients.
    Hot,
    /// A transfer of ether to an address without an account.
    NewAccount,
    /// A transfer of an ERC-20 token between holders.
    Erc20,
    /// A swap of ether for a token on Uniswap v2.
    Swap,
    /// A creation of an ERC-20 token: the same code, published once.
    Deployment,
}

impl FromStr for Workload {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "transfer" => Ok(Self::Transfer),
            "hot" => Ok(Self::Hot),
            "new-account" => Ok(Self::NewAccount),
            "erc20" => Ok(Self::Erc20),
            "swap" => Ok(Self::Swap),
            "deployment" => Ok(Self::Deployment),
            _ => Err(format!("no workload `{name}`")),
        }
    }
}

/// Transactions of a block here at most; a batch of more has several blocks.
const BLOCK_TRANSACTIONS: u64 = 100;

/// A chain whose last batch has this many transactions, in a state of at least `accounts`
/// accounts. The batches before it, if any, prepare what it needs.
#[must_use]
pub fn workload(workload: Workload, count: u64, accounts: u64) -> Chain {
    // The account after the senders prepares.
    let owner = count;
    let others = accounts.saturating_sub(count).max(10);
    let mut chain = Chain::new(genesis(count + 1, others));
    let contract = prepare(&mut chain, workload, count, owner);
    for key in 0..count {
        if key > 0 && key.is_multiple_of(BLOCK_TRANSACTIONS) {
            chain.seal();
        }
        let to = other(key * 7_919 % others);
        match workload {
            Workload::Transfer => drop(chain.send(&transfer(key, 0, to, 1_234_567_890 + key))),
            Workload::Hot => drop(chain.send(&transfer(key, 0, other(key % 10), 1_234_567_890))),
            Workload::NewAccount => {
                drop(chain.send(&transfer(key, 0, other(others + key), 1_234_567_890)));
            }
            Workload::Erc20 => {
                let to = signer((key + 1) % (count + 1)).address();
                drop(chain.call(key, contract, 0, super::transfer(to, 1_000 + key)));
            }
            Workload::Swap => swap(&mut chain, contract, key, owner),
            Workload::Deployment => {
                let name = &b"Token"[..];
                let to = signer(key).address();
                let arguments = [name.into(), name.into(), 1_000_000.into(), to.into()];
                chain.create(key, with_arguments(ERC20, &arguments));
            }
        }
    }
    chain.cut();
    chain
}

/// What the transactions call, if they call something.
fn prepare(chain: &mut Chain, workload: Workload, count: u64, owner: u64) -> Address {
    let contract = match workload {
        Workload::Transfer | Workload::Hot | Workload::NewAccount | Workload::Deployment => {
            return Address::ZERO;
        }
        Workload::Erc20 => {
            let token = token(chain, owner);
            for key in 0..count {
                chain.call(owner, token, 0, super::transfer(signer(key).address(), 1_000_000));
                if key % BLOCK_TRANSACTIONS == BLOCK_TRANSACTIONS - 1 {
                    chain.seal();
                }
            }
            token
        }
        Workload::Swap => exchange(chain, owner),
    };
    chain.cut();
    contract
}

/// A router with a pair of ether and the token that `owner` created first.
fn exchange(chain: &mut Chain, owner: u64) -> Address {
    let token = token(chain, owner);
    let weth = uniswap::weth(chain, owner);
    let to: Value = signer(owner).address().into();
    let factory =
        chain.create(owner, with_arguments(UNISWAP_V2_FACTORY, std::slice::from_ref(&to)));
    let arguments = [factory.into(), weth.into()];
    let router = chain.create(owner, with_arguments(UNISWAP_V2_ROUTER, &arguments));
    chain.call(owner, token, 0, approve(router));
    let add = "addLiquidityETH(address,uint256,uint256,uint256,address,uint256)";
    let depth = 1_000_000_000_000_u64;
    let amounts = [token.into(), depth.into(), 0.into(), 0.into(), to, deadline()];
    chain.call(owner, router, depth, call(add, &amounts));
    chain.seal();
    router
}

fn swap(chain: &mut Chain, router: Address, key: u64, owner: u64) {
    let creator = signer(owner).address();
    let path = Value::Array(vec![creator.create(1).into(), creator.create(0).into()]);
    let to = signer(key).address();
    let signature = "swapExactETHForTokens(uint256,address[],address,uint256)";
    let arguments = [1.into(), path, to.into(), deadline()];
    chain.call(key, router, 10_000, call(signature, &arguments));
}
