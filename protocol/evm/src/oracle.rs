//! Where state comes from.

use alloc::collections::BTreeMap;
use core::convert::Infallible;

use alloy_primitives::{Address, B256, Bytes, U256};
use minster_primitives::{Account, StateDiff};
use revm::bytecode::Bytecode;

/// State before the first transaction of a run. The node answers from memory, the guest from a
/// checked witness; an error means "I do not know", never "it does not exist".
pub trait Oracle {
    /// Why an answer is not to be had.
    type Error: core::error::Error + Send + Sync + 'static;

    /// The account, or `None` when it does not exist.
    ///
    /// # Errors
    /// When the oracle cannot know.
    fn account(&mut self, address: Address) -> Result<Option<Account>, Self::Error>;

    /// The code behind a hash that an account names.
    ///
    /// # Errors
    /// When the oracle cannot know.
    fn code(&mut self, code_hash: B256) -> Result<Bytecode, Self::Error>;

    /// The value of a storage slot; zero when it was never written.
    ///
    /// # Errors
    /// When the oracle cannot know.
    fn storage(&mut self, address: Address, slot: U256) -> Result<U256, Self::Error>;

    /// The hash of one of the last 256 blocks.
    ///
    /// # Errors
    /// When the oracle cannot know.
    fn block_hash(&mut self, number: u64) -> Result<B256, Self::Error>;
}

impl<O: Oracle + ?Sized> Oracle for &mut O {
    type Error = O::Error;

    fn account(&mut self, address: Address) -> Result<Option<Account>, Self::Error> {
        (**self).account(address)
    }

    fn code(&mut self, code_hash: B256) -> Result<Bytecode, Self::Error> {
        (**self).code(code_hash)
    }

    fn storage(&mut self, address: Address, slot: U256) -> Result<U256, Self::Error> {
        (**self).storage(address, slot)
    }

    fn block_hash(&mut self, number: u64) -> Result<B256, Self::Error> {
        (**self).block_hash(number)
    }
}

/// Code as the machine takes it, whatever the bytes. EIP-3541 keeps users from deploying code that
/// looks like a delegation and is none, but a genesis may have it: it runs as any other.
#[must_use]
pub fn bytecode(code: Bytes) -> Bytecode {
    Bytecode::new_raw_checked(code.clone()).unwrap_or_else(|_| Bytecode::new_legacy(code))
}

/// A whole state in ordered maps: genesis building, tests, and the reference for other oracles.
#[derive(Debug, Clone, Default)]
pub struct MapOracle {
    /// Everything that exists.
    pub state: StateDiff,
    /// Hashes of recent blocks.
    pub block_hashes: BTreeMap<u64, B256>,
}

impl MapOracle {
    /// Lays a diff over the state.
    pub fn apply(&mut self, diff: StateDiff) {
        self.state.extend(diff);
    }
}

impl Oracle for MapOracle {
    type Error = Infallible;

    fn account(&mut self, address: Address) -> Result<Option<Account>, Infallible> {
        Ok(self.state.accounts.get(&address).copied().flatten())
    }

    fn code(&mut self, code_hash: B256) -> Result<Bytecode, Infallible> {
        Ok(self.state.codes.get(&code_hash).map(|code| bytecode(code.clone())).unwrap_or_default())
    }

    fn storage(&mut self, address: Address, slot: U256) -> Result<U256, Infallible> {
        Ok(self.state.storage.get(&(address, slot)).copied().unwrap_or_default())
    }

    fn block_hash(&mut self, number: u64) -> Result<B256, Infallible> {
        Ok(self.block_hashes.get(&number).copied().unwrap_or_default())
    }
}
