//! State as the tree has it.

use alloc::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{Address, B256, Bytes, KECCAK256_EMPTY, U256, keccak256};
use minster_evm::{Bytecode, Oracle, bytecode};
use minster_params::constants::{HISTORY_SERVE_WINDOW, HISTORY_STORAGE_ADDRESS};
use minster_primitives::{Account, AddressWords};
use minster_state::{BasicData, BasicDataError, Blake3, Stem, Tree, TreeError, TreeKey, keys};
use thiserror::Error;

/// Why the tree does not answer: in the guest a lying witness, in the node a bug.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TreeOracleError {
    /// The tree is partial and does not show the value.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// A leaf is no account.
    #[error(transparent)]
    BasicData(#[from] BasicDataError),
    /// An account has code, and its leaf does not name it.
    #[error("the account {address} has code and no code hash")]
    CodeHashMissing {
        /// The account.
        address: Address,
    },
    /// The code behind a hash is not given.
    #[error("no code has hash {code_hash}")]
    CodeMissing {
        /// The hash.
        code_hash: B256,
    },
    /// The chain has no EIP-2935 contract, which block hashes are read from.
    #[error("the state has no history of block hashes")]
    HistoryMissing,
}

/// Where code comes from.
pub trait Codes {
    /// The code with this hash.
    fn code(&mut self, code_hash: B256) -> Option<Bytes>;
}

/// An oracle over the state tree, whole or partial. It writes down what was asked for.
#[derive(Debug)]
pub struct TreeOracle<H, C> {
    /// The tree, which whoever runs blocks keeps up to date.
    pub tree: Tree<H>,
    /// Number and hash of the last block, which the tree does not have yet.
    parent: Option<(u64, B256)>,
    codes: C,
    stems: BTreeMap<AddressWords, Stem>,
    slots: BTreeMap<(AddressWords, U256), TreeKey>,
    code_hashes: BTreeSet<AddressWords>,
    used_codes: BTreeMap<B256, Bytecode>,
    new_codes: BTreeMap<B256, Bytecode>,
}

impl<H: Blake3, C: Codes> TreeOracle<H, C> {
    /// An oracle over a tree and the codes that its accounts name.
    pub fn new(tree: Tree<H>, codes: C) -> Self {
        Self {
            tree,
            parent: None,
            codes,
            stems: BTreeMap::new(),
            slots: BTreeMap::new(),
            code_hashes: BTreeSet::new(),
            used_codes: BTreeMap::new(),
            new_codes: BTreeMap::new(),
        }
    }

    /// Every key that was asked for, some of them maybe twice.
    pub fn reads(&self) -> impl Iterator<Item = TreeKey> {
        let basic = self.stems.values().map(keys::account_key_of);
        let stem = |address| self.stems.get(address);
        let code = self.code_hashes.iter().filter_map(stem).map(keys::code_hash_key_of);
        basic.chain(code).chain(self.slots.values().copied())
    }

    /// The codes that were asked for and not made by the run itself, by hash.
    pub fn used_codes(&self) -> impl Iterator<Item = (&B256, &Bytecode)> {
        self.used_codes.iter()
    }

    /// Opens the block after this one. It is what writes the hash into the history contract, so the
    /// tree does not have it before that block ends.
    pub const fn begin_block(&mut self, parent_number: u64, parent_hash: B256) {
        self.parent = Some((parent_number, parent_hash));
    }

    /// Takes in a code that the run has made.
    pub fn learn(&mut self, code_hash: B256, code: Bytes) {
        self.new_codes.insert(code_hash, bytecode(code));
    }
}

impl<H: Blake3 + Send + Sync + 'static, C: Codes> Oracle for TreeOracle<H, C> {
    type Error = TreeOracleError;

    fn account(&mut self, address: Address) -> Result<Option<Account>, TreeOracleError> {
        let name = AddressWords::from(address);
        let stem = *self.stems.entry(name).or_insert_with(|| keys::header_stem::<H>(address));
        let Some(leaf) = self.tree.leaf(&keys::account_key_of(&stem))? else { return Ok(None) };
        let BasicData { code_size, nonce, balance } = BasicData::decode(leaf)?;
        let code_hash = match code_size {
            0 => KECCAK256_EMPTY,
            _ => {
                self.code_hashes.insert(name);
                let leaf = self.tree.leaf(&keys::code_hash_key_of(&stem))?;
                *leaf.ok_or(TreeOracleError::CodeHashMissing { address })?
            }
        };
        Ok(Some(Account { nonce, balance: U256::from(balance), code_hash }))
    }

    fn code(&mut self, code_hash: B256) -> Result<Bytecode, TreeOracleError> {
        let known = self.new_codes.get(&code_hash).or_else(|| self.used_codes.get(&code_hash));
        if let Some(code) = known {
            return Ok(code.clone());
        }
        let code = self.codes.code(code_hash).ok_or(TreeOracleError::CodeMissing { code_hash })?;
        let code = bytecode(code);
        self.used_codes.insert(code_hash, code.clone());
        Ok(code)
    }

    fn storage(&mut self, address: Address, slot: U256) -> Result<U256, TreeOracleError> {
        let name = AddressWords::from(address);
        let key = *self.slots.entry((name, slot)).or_insert_with(|| {
            let stem = self.stems.get(&name);
            let stem = stem.copied().unwrap_or_else(|| keys::header_stem::<H>(address));
            keys::storage_key_of::<H>(address, &stem, slot)
        });
        Ok(self.tree.leaf(&key)?.map_or(U256::ZERO, |value| (*value).into()))
    }

    /// From the history contract (EIP-2935); the parent's is what the open block writes into it.
    fn block_hash(&mut self, number: u64) -> Result<B256, TreeOracleError> {
        if let Some((parent, hash)) = self.parent
            && parent == number
        {
            return Ok(hash);
        }
        let history = self.account(HISTORY_STORAGE_ADDRESS)?;
        if history.is_none_or(|account| account.code_hash == KECCAK256_EMPTY) {
            return Err(TreeOracleError::HistoryMissing);
        }
        let slot = number.checked_rem(HISTORY_SERVE_WINDOW).unwrap_or_default();
        Ok(self.storage(HISTORY_STORAGE_ADDRESS, U256::from(slot))?.into())
    }
}

/// Codes by their hashes, each computed here.
#[derive(Debug, Default)]
pub struct CodeMap(BTreeMap<B256, Bytes>);

impl CodeMap {
    /// The codes under their hashes.
    pub fn new(codes: impl IntoIterator<Item = Bytes>) -> Self {
        Self(codes.into_iter().map(|code| (keccak256(&code), code)).collect())
    }
}

impl Codes for CodeMap {
    fn code(&mut self, code_hash: B256) -> Option<Bytes> {
        self.0.get(&code_hash).cloned()
    }
}
