//! Chains in memory, and their batches: what the tests of the batch guest share.

pub mod abi;
pub mod assembly;
pub mod chain;
pub mod contracts;
pub mod meter;
pub mod record;
pub mod scenarios;
pub mod shapes;
pub mod signed;
pub mod sizes;
pub mod triangle;

use alloy_primitives::{Address, B256, Bytes, TxKind, U256};
use alloy_signer::SignerSync;
use alloy_signer_local::PrivateKeySigner;
use minster_batcher::{Base, BuildError, Built, build};
use minster_os::batch::{BlockInput, CodeMap, RangeInput, genesis_commitment};
use minster_os::{genesis_header, install_precontracts, tree_updates};
use minster_params::{ChainConfig, Genesis, GenesisAccount};
use minster_primitives::alloy_consensus::{SignableTransaction, TxEip1559};
use minster_primitives::{Encodable2718, Envelope, Header, StateDiff};
use minster_state::Tree;

/// A chain without a node: its genesis, and where it has come to.
pub struct World {
    /// The chain's parameters.
    pub config: ChainConfig,
    /// The end of the last batch.
    pub base: Base,
    codes: Vec<Bytes>,
}

/// The chain's id.
pub const CHAIN_ID: u64 = 1337;
/// The most that a transaction here pays, in wei per gas: ten times the first block's base fee.
pub const FEE_MAX: u128 = 10_000_000_000;
/// A gas limit that everything here fits: the largest (EIP-7825).
pub const GAS: u64 = 1 << 24;

/// The key of an account with this number.
pub fn signer(number: u64) -> PrivateKeySigner {
    let key = B256::from(U256::from(number + 1));
    PrivateKeySigner::from_bytes(&key).expect("a small number is a key")
}

/// A genesis whose accounts of the first keys are rich, and with `others` more accounts.
///
/// # Panics
/// Never: the addresses of the precontracts are free.
pub fn genesis(rich: u64, others: u64) -> Genesis {
    let balance = U256::from(10).pow(U256::from(24));
    let account = |balance| GenesisAccount { balance, ..GenesisAccount::default() };
    let mut genesis = Genesis {
        config: ChainConfig::new(CHAIN_ID),
        timestamp: 1_700_000_000,
        accounts: (0..rich).map(|key| (signer(key).address(), account(balance))).collect(),
    };
    genesis.accounts.extend((0..others).map(|n| (other(n), account(U256::from(n + 1)))));
    install_precontracts(&mut genesis).expect("the addresses are free");
    genesis
}

impl World {
    /// The chain of [`genesis`].
    pub fn new(rich: u64, others: u64) -> Self {
        Self::of(&genesis(rich, others))
    }

    /// The chain of a genesis.
    pub fn of(genesis: &Genesis) -> Self {
        let state = genesis.state();
        let (tree, header) = start_of(genesis, &state);
        let commitment = genesis_commitment(&genesis.config, &header);
        let codes = state.codes.into_values().collect();
        let base = Base { commitment, header, tree };
        Self { config: genesis.config.clone(), base, codes }
    }

    /// The next batch, with one block for each list of transactions.
    pub fn batch(&mut self, blocks: Vec<Vec<Bytes>>) -> Built {
        let start = self.base.header.timestamp;
        let block =
            |(index, transactions)| BlockInput { timestamp: start + 1 + index, transactions };
        let blocks = (0..).zip(blocks).map(block).collect();
        self.build(blocks).expect("valid blocks")
    }

    /// The next batch, of these blocks.
    ///
    /// # Errors
    /// When they do not follow the last batch.
    pub fn build(&self, blocks: Vec<BlockInput>) -> Result<Built, BuildError> {
        let codes = CodeMap::new(self.codes.iter().cloned());
        build(&self.config, &self.base, blocks, codes, Address::ZERO)
    }

    /// Takes in codes that were published after genesis.
    pub fn learn(&mut self, codes: impl IntoIterator<Item = Bytes>) {
        self.codes.extend(codes);
    }

    /// What the guest reads to prove this batch after the last one.
    pub fn range(&self, built: &Built) -> RangeInput {
        RangeInput {
            config: self.config.clone(),
            parent: self.base.commitment.clone(),
            parent_header: self.base.header.clone(),
            batches: vec![built.input.clone()],
        }
    }
}

/// The state tree of a genesis, and its block.
fn start_of(genesis: &Genesis, state: &StateDiff) -> (Tree, Header) {
    let mut tree = Tree::new();
    let updates = tree_updates(state, &tree).expect("a valid state");
    tree.update(&updates).expect("a whole tree");
    let header = genesis_header(genesis, tree.root());
    (tree, header)
}

/// The address of an account without a key.
pub fn other(number: u64) -> Address {
    let hash = alloy_primitives::keccak256(number.to_be_bytes());
    Address::from_word(hash)
}

/// A signed EIP-1559 transaction with a generous fee.
pub fn call(key: u64, nonce: u64, to: TxKind, value: u64, input: Bytes, gas_limit: u64) -> Bytes {
    let tx = TxEip1559 {
        chain_id: CHAIN_ID,
        nonce,
        gas_limit,
        max_fee_per_gas: FEE_MAX,
        max_priority_fee_per_gas: 1,
        to,
        value: U256::from(value),
        input,
        access_list: Default::default(),
    };
    let signature = signer(key).sign_hash_sync(&tx.signature_hash()).expect("a key signs");
    let mut out = Vec::new();
    Envelope::Eip1559(tx.into_signed(signature)).encode_2718(&mut out);
    out.into()
}

/// A transfer of ether.
pub fn transfer(key: u64, nonce: u64, to: Address, value: u64) -> Bytes {
    call(key, nonce, TxKind::Call(to), value, Bytes::new(), 21_000)
}
