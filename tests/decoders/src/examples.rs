//! Valid bytes of every kind, from a short life of a real chain.

use std::{
    io::Read,
    path::PathBuf,
    sync::{Arc, LazyLock},
    time::Duration,
};

use alloy_primitives::{Address, B256, TxKind, U256, hex};
use alloy_signer::SignerSync;
use alloy_signer_local::PrivateKeySigner;
use minster_batch::pubdata::Pubdata;
use minster_params::{ChainConfig, Genesis, GenesisAccount};
use minster_primitives::{
    Encodable2718, Envelope, Signature, TxDeposit,
    alloy_consensus::{SignableTransaction, Signed, TxEip1559, TxEip2930, TxEip7702, TxLegacy},
    alloy_eips::{
        eip2930::{AccessList, AccessListItem},
        eip7702::Authorization,
    },
};
use minster_sequencer::{Mining, Running, SequencerConfig, SliceKey, StartConfig};
use minster_state::{SoftwareBlake3, Tree, keys};
use minster_storage::{Storage, directory::Identity, disk::MemoryDisk};

use crate::{directory::Directory, rpc::Node};

const CHAIN_ID: u64 = 99;

/// Bytes that each decoder accepts.
#[derive(Debug)]
pub struct Examples {
    /// Of each type.
    pub transactions: Vec<Vec<u8>>,
    /// Slices and seals.
    pub records: Vec<Vec<u8>>,
    /// Genesis, and a block for each transaction.
    pub blocks: Vec<Vec<u8>>,
    /// What they changed.
    pub changes: Vec<Vec<u8>>,
    /// Contents of snapshots.
    pub snapshots: Vec<Vec<u8>>,
    /// Of batches on an empty state.
    pub pubdata: Vec<Vec<u8>>,
    /// The data directory of the chain.
    pub directory: Directory,
    /// Who answers requests, once it is asked.
    pub node: LazyLock<Node>,
}

fn key() -> PrivateKeySigner {
    PrivateKeySigner::from_slice(&[7; 32]).expect("a key")
}

fn genesis() -> Genesis {
    let balance = U256::from(10).pow(U256::from(24));
    let funded = GenesisAccount { balance, ..Default::default() };
    Genesis {
        config: ChainConfig::new(CHAIN_ID),
        timestamp: 1,
        accounts: [(key().address(), funded)].into(),
    }
}

fn signed<T: SignableTransaction<Signature>>(tx: T) -> Signed<T> {
    let signature = key().sign_hash_sync(&tx.signature_hash()).expect("a signature");
    tx.into_signed(signature)
}

/// One of each type that users send, in an order in which a chain takes them.
fn transactions() -> Vec<Vec<u8>> {
    let to = TxKind::Call(Address::with_last_byte(200));
    let (gas_price, value) = (100_000_000_000, U256::from(1));
    let legacy = |nonce, chain_id| TxLegacy {
        nonce,
        chain_id,
        gas_price,
        gas_limit: 21_000,
        to,
        value,
        ..Default::default()
    };
    let item = AccessListItem {
        address: Address::with_last_byte(1),
        storage_keys: vec![U256::from(1).into(), U256::MAX.into()],
    };
    let access_list = AccessList(vec![item]);
    let listed = TxEip2930 {
        nonce: 2,
        chain_id: CHAIN_ID,
        gas_price,
        gas_limit: 50_000,
        to,
        access_list: access_list.clone(),
        ..Default::default()
    };
    // A log of three topics, a slot, and one byte of code.
    let creation = TxEip1559 {
        nonce: 3,
        chain_id: CHAIN_ID,
        max_fee_per_gas: gas_price,
        max_priority_fee_per_gas: 1,
        gas_limit: 300_000,
        input: hex!("6001600260036020600060a3600160005560016000f3").into(),
        ..Default::default()
    };
    let authorization = Authorization {
        chain_id: U256::from(CHAIN_ID),
        address: Address::with_last_byte(1),
        nonce: 5,
    };
    let signature = key().sign_hash_sync(&authorization.signature_hash()).expect("a signature");
    let delegation = TxEip7702 {
        nonce: 4,
        chain_id: CHAIN_ID,
        max_fee_per_gas: gas_price,
        max_priority_fee_per_gas: 1,
        gas_limit: 100_000,
        to: Address::with_last_byte(200),
        access_list,
        authorization_list: vec![authorization.into_signed(signature)],
        ..Default::default()
    };
    let envelopes = [
        Envelope::Legacy(signed(legacy(0, Some(CHAIN_ID)))),
        Envelope::Legacy(signed(legacy(1, None))),
        Envelope::Eip2930(signed(listed)),
        Envelope::Eip1559(signed(creation)),
        Envelope::Eip7702(signed(delegation)),
    ];
    envelopes.iter().map(Encodable2718::encoded_2718).collect()
}

fn deposit() -> Vec<u8> {
    let deposit = TxDeposit {
        source_hash: B256::repeat_byte(0x11),
        from: Address::repeat_byte(0x22),
        to: TxKind::Call(Address::repeat_byte(0x33)),
        mint: 5,
        value: U256::from(6),
        gas_limit: 100_000,
        is_system_transaction: false,
        input: vec![7; 20].into(),
    };
    deposit.encoded_2718()
}

impl Examples {
    /// Runs a chain in memory.
    ///
    /// # Panics
    /// When the chain does not do what a chain does.
    #[must_use]
    pub fn new() -> Self {
        let genesis = genesis();
        let identity = Identity { chain_id: CHAIN_ID, genesis_hash: genesis.hash().0 };
        let disk = MemoryDisk::default();
        let open = || Storage::open_on(Arc::new(disk.clone()), &identity).expect("a storage");
        let mut transactions = transactions();
        // Two lives, so that the log goes on behind a snapshot.
        let (first, second) = transactions.split_at(2);
        for part in [first, second] {
            let sequencer = SequencerConfig { mining: Mining::Instant, ..Default::default() };
            let config = StartConfig {
                // A last snapshot at the stop; the storage is open and the key is given.
                directory: Some(PathBuf::from("in memory")),
                sequencer,
                slice_key: SliceKey::from_bytes([9; 32]),
                ..Default::default()
            };
            let running = Running::start_on(&genesis, open(), config).expect("a start");
            for bytes in part {
                running.handle().submit(bytes).expect("a transaction that is taken");
            }
            assert_eq!(running.drain(Duration::from_secs(30)), 0);
            running.stop().expect("a clean stop");
        }
        transactions.push(deposit());
        let directory = Directory::of(&disk, identity).killed();
        let storage = open();
        let replay = storage.wal.replay(storage.wal.first_sequence()).expect("the log");
        let records = replay.map(|record| record.expect("a record").1).collect();
        let archived = |archive: &minster_storage::archive::Archive| -> Vec<Vec<u8>> {
            let numbers = archive.first().expect("blocks")..=archive.last().expect("blocks");
            numbers.map(|number| archive.get(number).expect("read").expect("there")).collect()
        };
        let candidates = storage.snapshots.candidates().expect("snapshots");
        let content = |mut reader: minster_storage::document::DocumentReader| {
            let mut content = Vec::new();
            reader.read_to_end(&mut content).expect("its content");
            content
        };
        Self {
            transactions,
            records,
            blocks: archived(&storage.blocks),
            changes: archived(&storage.changes),
            snapshots: candidates.map(|found| content(found.content.expect("whole"))).collect(),
            pubdata: pubdata(),
            node: LazyLock::new(|| Node::start(&self::genesis())),
            directory,
        }
    }
}

impl Default for Examples {
    fn default() -> Self {
        Self::new()
    }
}

/// On a state that has nothing: some slots, messages, and bytes for a header.
fn pubdata() -> Vec<Vec<u8>> {
    let old = Tree::<SoftwareBlake3>::new();
    let slot = |byte: u8, slot: u64| {
        let key = keys::storage_key::<SoftwareBlake3>(Address::repeat_byte(byte), U256::from(slot));
        (key, B256::with_last_byte(byte))
    };
    let batches = [
        Pubdata::default(),
        Pubdata {
            updates: [slot(1, 0), slot(1, 1), slot(1, 300), slot(2, 7)].into(),
            messages: vec![vec![5; 40].into(), vec![].into()],
            header: vec![6; 30].into(),
            ..Default::default()
        },
    ];
    batches.map(|batch| batch.encode(&old).expect("a small batch")).into()
}
