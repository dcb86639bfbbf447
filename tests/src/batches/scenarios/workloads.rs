//! Batches of many alike transactions, for measuring what one of them costs.

use std::str::FromStr;

use alloy_primitives::{Address, Bytes, TxKind};
use minster_evm::Outcome;

use super::super::abi::{Value, call};
use super::super::chain::Chain;
use super::super::contracts::{ERC20, UNISWAP_V2_FACTORY, UNISWAP_V2_ROUTER, WETH, with_arguments};
use super::super::{genesis, other, signer, transfer};
use super::{approve, deadline, token, token_code};

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
    let exchange = Exchange::of(signer(owner).address(), chain.nonce(owner));
    let contract = prepare(&mut chain, workload, count, owner, &exchange);
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
            Workload::Swap => run(&mut chain, key, exchange.swap(signer(key).address())),
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

/// What the transactions call, if it is a token.
fn prepare(
    chain: &mut Chain,
    workload: Workload,
    count: u64,
    owner: u64,
    exchange: &Exchange,
) -> Address {
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
        Workload::Swap => {
            exchange.setup().into_iter().for_each(|step| run(chain, owner, step));
            chain.seal();
            exchange.token
        }
    };
    chain.cut();
    contract
}

/// A transaction that nobody has signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Whom it calls, if it creates nothing.
    pub to: TxKind,
    /// The ether that it sends.
    pub wei: u64,
    /// Its input.
    pub input: Bytes,
}

impl Step {
    /// A creation.
    const fn create(input: Bytes) -> Self {
        Self { to: TxKind::Create, wei: 0, input }
    }

    /// A call.
    #[must_use]
    pub const fn call(to: Address, wei: u64, input: Bytes) -> Self {
        Self { to: TxKind::Call(to), wei, input }
    }
}

fn run(chain: &mut Chain, key: u64, step: Step) {
    let execution = chain.run(key, step.to, step.wei, step.input).execution;
    assert_eq!(execution.outcome, Outcome::Success, "output {}", execution.output);
}

/// Uniswap v2 with one pair, of ether and a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exchange {
    owner: Address,
    token: Address,
    weth: Address,
    factory: Address,
    router: Address,
}

impl Exchange {
    /// What `owner` makes with the transactions from this nonce on.
    #[must_use]
    pub fn of(owner: Address, nonce: u64) -> Self {
        let [token, weth, factory, router] = [0, 1, 2, 3].map(|later| owner.create(nonce + later));
        Self { owner, token, weth, factory, router }
    }

    /// What the owner does so that it is there.
    #[must_use]
    pub fn setup(&self) -> Vec<Step> {
        let to: Value = self.owner.into();
        let (factory, weth) = (self.factory.into(), self.weth.into());
        let add = "addLiquidityETH(address,uint256,uint256,uint256,address,uint256)";
        let depth = 1_000_000_000_000_u64;
        let amounts = [self.token.into(), depth.into(), 0.into(), 0.into(), to.clone(), deadline()];
        vec![
            token_creation(self.owner),
            Step::create(Bytes::from_static(WETH)),
            Step::create(with_arguments(UNISWAP_V2_FACTORY, &[to])),
            Step::create(with_arguments(UNISWAP_V2_ROUTER, &[factory, weth])),
            Step::call(self.token, 0, approve(self.router)),
            Step::call(self.router, depth, call(add, &amounts)),
        ]
    }

    /// A swap of ether for a token, which `to` gets.
    #[must_use]
    pub fn swap(&self, to: Address) -> Step {
        let path = Value::Array(vec![self.weth.into(), self.token.into()]);
        let signature = "swapExactETHForTokens(uint256,address[],address,uint256)";
        let arguments = [1.into(), path, to.into(), deadline()];
        Step::call(self.router, 10_000, call(signature, &arguments))
    }
}

/// The creation of a token, all of it with `owner`.
#[must_use]
pub fn token_creation(owner: Address) -> Step {
    Step::create(token_code(owner))
}

/// A transfer of so much of the token.
#[must_use]
pub fn token_transfer(token: Address, to: Address, amount: u64) -> Step {
    Step::call(token, 0, super::transfer(to, amount))
}
