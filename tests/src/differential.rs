//! The OS against an EVM by others, on random code and transactions.

pub mod case;
pub mod generate;
pub mod native;
pub mod oracle;

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, Bytes, U64, U256};
use serde::{Deserialize, Serialize};

/// An account as both sides write it down.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountState {
    /// Balance in wei.
    pub balance: U256,
    /// Nonce.
    pub nonce: U64,
    /// Code.
    pub code: Bytes,
    /// Slots that are not zero.
    pub storage: BTreeMap<U256, U256>,
}

/// Accounts that are not empty.
pub type Accounts = BTreeMap<Address, AccountState>;

/// What became of a transaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Ended {
    /// It may not be in a block.
    Refused {
        /// Why, in words of one's own.
        refused: String,
    },
    /// It ran.
    #[serde(rename_all = "camelCase")]
    Ran {
        /// Whether the outermost call returned.
        success: bool,
        /// Gas, refunds taken off.
        gas_used: U64,
        /// What the call returned, or the code that a creation left.
        output: Bytes,
        /// Address, topics and data of each log.
        logs: Vec<(Address, Vec<B256>, Bytes)>,
    },
}

impl Ended {
    /// Whether both say the same, whatever the words.
    #[must_use]
    pub fn agrees(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Refused { .. }, Self::Refused { .. }) => true,
            (own, other) => own == other,
        }
    }
}

/// What became of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Of each transaction.
    pub results: Vec<Ended>,
    /// After the last one.
    pub accounts: Accounts,
}

impl Answer {
    /// The first thing that the two say otherwise.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Option<String> {
        let mut pairs = self.results.iter().zip(&other.results).enumerate();
        let result = pairs.find(|(_, (own, other))| !own.agrees(other));
        if let Some((index, (own, other))) = result {
            return Some(format!("transaction {index}:\n  {own:?}\n  {other:?}"));
        }
        let addresses = self.accounts.keys().chain(other.accounts.keys());
        let differs =
            |address: &&Address| self.accounts.get(*address) != other.accounts.get(*address);
        addresses.copied().collect::<Vec<_>>().iter().find(differs).map(|address| {
            let of = |accounts: &Accounts| accounts.get(address).cloned();
            format!("{address}:\n  {:?}\n  {:?}", of(&self.accounts), of(&other.accounts))
        })
    }
}
