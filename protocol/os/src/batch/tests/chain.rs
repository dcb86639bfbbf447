//! A chain in memory, whose batches are built as a node builds them.

use alloy_primitives::{Address, TxKind, U256, keccak256};
use minster_batch::{Software, blob_count};
use minster_params::{Genesis, GenesisAccount};
use minster_primitives::{
    Encodable2718, Envelope, Signature,
    alloy_consensus::{SignableTransaction, TxEip1559},
};
use minster_state::SoftwareBlake3;

use super::super::*;
use crate::{genesis_header, install_precontracts, tree_updates};

/// Signatures that name their signer and hold for one hash: what else they are made of is no matter
/// of these tests.
#[derive(Debug, Clone, Copy)]
pub(super) struct Names;

impl SenderRecovery for Names {
    fn recover(&self, prehash: B256, signature: &Signature) -> Option<Address> {
        let signer = Address::from_word(signature.r().into());
        (*signature == sign(signer, prehash)).then_some(signer)
    }
}

fn sign(signer: Address, prehash: B256) -> Signature {
    let hash = keccak256([prehash, signer.into_word()].concat());
    Signature::new(signer.into_word().into(), U256::from_be_bytes(hash.0) >> 2, false)
}

impl Cryptography for Names {
    type Blake3 = SoftwareBlake3;
    type Arithmetic = Software;
}

/// A rich account.
pub(super) fn rich(index: u8) -> Address {
    Address::repeat_byte(index + 1)
}

/// A contract that returns and logs BLOCKHASH of the number in its input, and keeps it in slot 0.
pub(super) const HASHES: Address = Address::repeat_byte(0xb1);
const HASHES_CODE: [u8; 6] = [0x5f, 0x35, 0x40, 0x5f, 0x55, 0x00];
/// A contract that adds one to slot 7 and clears slot 8.
pub(super) const COUNTER: Address = Address::repeat_byte(0xb2);
const COUNTER_CODE: [u8; 12] = [0x60, 7, 0x54, 0x60, 1, 0x01, 0x60, 7, 0x55, 0x5f, 0x60, 8];

/// The chain at the end of its last batch.
#[derive(Debug, Clone)]
pub(super) struct Chain {
    pub(super) config: ChainConfig,
    pub(super) commitment: Commitment,
    pub(super) header: Header,
    pub(super) tree: Tree,
    pub(super) codes: Vec<Bytes>,
}

impl Chain {
    pub(super) fn new() -> Self {
        let code = |code: &[u8]| GenesisAccount {
            nonce: 1,
            code: Bytes::copy_from_slice(code),
            storage: [(U256::from(8), U256::from(5))].into(),
            ..GenesisAccount::default()
        };
        let balance = U256::from(10).pow(U256::from(24));
        let money = GenesisAccount { balance, ..GenesisAccount::default() };
        let mut genesis = Genesis {
            config: ChainConfig::new(1337),
            timestamp: 1_000,
            accounts: (0..20).map(|index| (rich(index), money.clone())).collect(),
        };
        genesis.accounts.insert(HASHES, code(&HASHES_CODE));
        genesis.accounts.insert(COUNTER, code(&[&COUNTER_CODE[..], &[0x55]].concat()));
        install_precontracts(&mut genesis).unwrap();
        let state = genesis.state();
        let mut tree = Tree::new();
        tree.update(&tree_updates(&state, &tree).unwrap()).unwrap();
        let header = genesis_header(&genesis, tree.root());
        let commitment = genesis_commitment(&genesis.config, &header);
        let codes = state.codes.into_values().collect();
        Self { config: genesis.config, commitment, header, tree, codes }
    }

    /// The oracle of a node.
    pub(super) fn oracle(&self) -> TreeOracle<SoftwareBlake3, CodeMap> {
        TreeOracle::new(self.tree.clone(), CodeMap::new(self.codes.iter().cloned()))
    }

    /// The next batch, with its witness; the chain goes on behind it.
    pub(super) fn extend(&mut self, blocks: Vec<BlockInput>) -> BatchInput {
        let mut oracle = self.oracle();
        let run = run_blocks(&self.config, &self.header, &blocks, &mut oracle, &Names).unwrap();
        let pubdata = run.pubdata(&self.tree).unwrap();
        let blobs = blob_count(pubdata.len().try_into().unwrap()).unwrap();
        let reads: Vec<TreeKey> = oracle.reads().collect();
        let witness = self.tree.witness_for(&reads, &run.updates).unwrap();
        let codes = oracle.used_codes().map(|(_, code)| code.original_bytes()).collect();
        let input = BatchInput {
            blocks,
            codes,
            witness: witness.encode().into(),
            versioned_hashes: vec![B256::repeat_byte(1); blobs],
            fee_recipient: Address::ZERO,
        };
        let commitment = run.commitment::<Software>(&self.commitment, &pubdata, &input).unwrap();
        *self = Self {
            config: self.config.clone(),
            commitment,
            header: run.header,
            tree: oracle.tree,
            codes: self.codes.iter().cloned().chain(run.codes.into_values()).collect(),
        };
        input
    }

    /// The range of one batch with these blocks, and where it leads.
    pub(super) fn range(&self, blocks: Vec<BlockInput>) -> (RangeInput, Self) {
        let mut end = self.clone();
        let batch = end.extend(blocks);
        (self.input(vec![batch]), end)
    }

    /// The range of these batches.
    pub(super) fn input(&self, batches: Vec<BatchInput>) -> RangeInput {
        RangeInput {
            config: self.config.clone(),
            parent: self.commitment.clone(),
            parent_header: self.header.clone(),
            batches,
        }
    }

    /// The block after this many others.
    pub(super) fn block(&self, later: u64, transactions: Vec<Bytes>) -> BlockInput {
        BlockInput { timestamp: self.header.timestamp + 1 + later, transactions }
    }
}

/// A transaction.
pub(super) struct Written {
    pub(super) from: u8,
    pub(super) nonce: u64,
    pub(super) to: TxKind,
    pub(super) value: u64,
    pub(super) input: Vec<u8>,
}

impl Written {
    pub(super) fn call(from: u8, nonce: u64, to: Address) -> Self {
        Self { from, nonce, to: TxKind::Call(to), value: 0, input: Vec::new() }
    }

    pub(super) fn pay(from: u8, nonce: u64, to: Address) -> Self {
        Self { value: 77, ..Self::call(from, nonce, to) }
    }

    /// Publishes a code of these bytes.
    pub(super) fn deploy(from: u8, nonce: u64, code: [u8; 2]) -> Self {
        // MSTORE8(0, a); MSTORE8(1, b); RETURN(0, 2).
        let [a, b] = code;
        let input = vec![0x60, a, 0x5f, 0x53, 0x60, b, 0x60, 1, 0x53, 0x60, 2, 0x5f, 0xf3];
        Self { from, nonce, to: TxKind::Create, value: 0, input }
    }

    /// Signed by its sender.
    pub(super) fn signed(self) -> Bytes {
        let tx = TxEip1559 {
            chain_id: 1337,
            nonce: self.nonce,
            gas_limit: 200_000,
            max_fee_per_gas: 10_000_000_000,
            max_priority_fee_per_gas: 1,
            to: self.to,
            value: U256::from(self.value),
            input: self.input.into(),
            ..TxEip1559::default()
        };
        let signature = sign(rich(self.from), tx.signature_hash());
        let signed = tx.into_signed(signature);
        Envelope::Eip1559(signed).encoded_2718().into()
    }
}
