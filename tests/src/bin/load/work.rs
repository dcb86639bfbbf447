//! What the load does, and all of its transactions, each by its index.

use std::{str::FromStr, thread};

use alloy_primitives::{Address, B256, Bytes};
use eyre::{Report, Result, bail, ensure};
use minster_tests::batches::scenarios::workloads::{
    Exchange, Step, token_creation, token_transfer,
};

use super::accounts::{Account, TRANSFER_GAS, funded};
use super::node::Node;

/// Accounts that send, one after the other.
const SENDERS: u64 = 1_000;

/// Enough for each contract's creation.
const SETUP_GAS: u64 = 6_000_000;

/// Enough for a transfer of a token between its holders, and for a swap.
const TOKEN_GAS: u64 = 60_000;
const SWAP_GAS: u64 = 200_000;

/// Units of the token that each account is given.
const TOKENS: u64 = 1_000_000;

/// What every transaction does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A transfer of ether to the next account.
    Transfer,
    /// A transfer of an ERC-20 token to the next account, which holds some.
    Erc20,
    /// A swap of ether for a token on Uniswap v2.
    Swap,
}

impl FromStr for Kind {
    type Err = Report;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "transfer" => Ok(Self::Transfer),
            "erc20" => Ok(Self::Erc20),
            "swap" => Ok(Self::Swap),
            _ => bail!("`{name}` is no work: transfer, erc20 or swap"),
        }
    }
}

/// What is called.
enum Contract {
    None,
    Token(Address),
    Exchange(Exchange),
}

/// Transactions that follow each other, from index 0 on.
pub struct Work {
    accounts: Vec<Account>,
    contract: Contract,
}

impl Work {
    /// Gives the accounts what they need, and waits until it is in blocks.
    ///
    /// # Errors
    /// When the node refuses something, or anything fails.
    pub fn prepare(node: &Node, kind: Kind) -> Result<Self> {
        let (mut bank, accounts) = funded(node, SENDERS)?;
        let contract = match kind {
            Kind::Transfer => Contract::None,
            Kind::Erc20 => Contract::Token(token(node, &mut bank, &accounts)?),
            Kind::Swap => {
                let exchange = Exchange::of(bank.address, bank.nonce);
                run(node, &mut bank, exchange.setup())?;
                Contract::Exchange(exchange)
            }
        };
        node.settle(bank.address, bank.nonce)?;
        Ok(Self { accounts, contract })
    }

    /// How many accounts send. Transactions are theirs in turn.
    pub fn senders(&self) -> usize {
        self.accounts.len()
    }

    /// How many transactions the accounts had sent before index 0.
    pub fn sent(&self) -> u64 {
        self.accounts.iter().map(|account| account.nonce).sum()
    }

    /// Goes on: what has index `count` gets index 0. All before it was sent.
    pub fn advance(&mut self, count: u64) {
        let accounts = self.accounts.len() as u64;
        for (at, account) in (0..).zip(&mut self.accounts) {
            account.nonce += (count + accounts - 1 - at) / accounts;
        }
        self.accounts.rotate_left((count % accounts) as usize);
    }

    /// The signed transaction with this index, in its network form.
    pub fn raw(&self, index: u64) -> Vec<u8> {
        let (account, next) = (self.account(index), self.account(index + 1));
        let (step, gas_limit) = match &self.contract {
            Contract::None => (Step::call(next.address, 1, Bytes::new()), TRANSFER_GAS),
            Contract::Token(token) => (token_transfer(*token, next.address, 1), TOKEN_GAS),
            Contract::Exchange(exchange) => (exchange.swap(account.address), SWAP_GAS),
        };
        self.signed(index, step, gas_limit)
    }

    fn account(&self, index: u64) -> &Account {
        &self.accounts[index as usize % self.accounts.len()]
    }

    fn signed(&self, index: u64, step: Step, gas_limit: u64) -> Vec<u8> {
        let account = self.account(index);
        account.sign(account.nonce + index / self.accounts.len() as u64, step, gas_limit)
    }

    /// Which of so many connections the transaction takes: all of an account take one, so that
    /// they arrive in the order of their nonces.
    pub fn lane(&self, index: u64, lanes: usize) -> usize {
        index as usize % self.accounts.len() % lanes
    }

    /// Transactions from 0 to `count`, signed on all cores.
    pub fn raws(&self, count: u64) -> Result<Vec<Vec<u8>>> {
        Self::on_all_cores(count, |index| self.raw(index))
    }

    /// The same of one wei each to an address of its own.
    pub fn raws_to(&self, count: u64, to: impl Fn(u64) -> Address + Sync) -> Result<Vec<Vec<u8>>> {
        Self::on_all_cores(count, |index| {
            self.signed(index, Step::call(to(index), 1, Bytes::new()), TRANSFER_GAS)
        })
    }

    fn on_all_cores(count: u64, make: impl Fn(u64) -> Vec<u8> + Sync) -> Result<Vec<Vec<u8>>> {
        let threads = thread::available_parallelism()?.get() as u64;
        let part = count.div_ceil(threads);
        thread::scope(|scope| {
            let parts: Vec<_> = (0..threads)
                .map(|thread| thread * part..((thread + 1) * part).min(count))
                .map(|range| scope.spawn(|| range.map(&make).collect::<Vec<_>>()))
                .collect();
            let mut raws = Vec::new();
            for part in parts {
                raws.extend(part.join().map_err(|_| Report::msg("signing failed"))?);
            }
            Ok(raws)
        })
    }
}

/// A token that every account holds.
fn token(node: &Node, bank: &mut Account, accounts: &[Account]) -> Result<Address> {
    let token = bank.address.create(bank.nonce);
    let mut steps = vec![token_creation(bank.address)];
    steps.extend(accounts.iter().map(|account| token_transfer(token, account.address, TOKENS)));
    run(node, bank, steps)?;
    Ok(token)
}

/// Runs what prepares, and makes sure of the last step.
fn run(node: &Node, bank: &mut Account, steps: Vec<Step>) -> Result<()> {
    let mut last = B256::ZERO;
    for step in steps {
        last = bank.send(node, step, SETUP_GAS)?;
    }
    let receipt = node.receipt(last)?;
    ensure!(receipt["status"] == "0x1", "what prepares failed: {receipt}");
    Ok(())
}
