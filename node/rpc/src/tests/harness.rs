//! A chain in memory, a wallet, and a way to call methods.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use alloy_consensus::{SignableTransaction, TxEip1559, TxLegacy};
use alloy_primitives::{Address, B256, Bytes, TxKind, U256, hex};
use alloy_signer::SignerSync;
use alloy_signer_local::PrivateKeySigner;
use jsonrpsee::RpcModule;
use minster_batcher::{Batcher, BatcherConfig, Batches, CutLimits};
use minster_params::{ChainConfig, Genesis, GenesisAccount};
use minster_primitives::{Encodable2718, Envelope};
use minster_sequencer::{Running, Sequencer, SequencerConfig, StartConfig, open_storage};
use minster_storage::Storage;
use serde_json::{Value, json};

use super::schema::check_answer;
use crate::{DevKeys, RpcConfig, api::Api, methods};

pub(crate) const CHAIN_ID: u64 = 1_337;
pub(crate) const GWEI: u128 = 1_000_000_000;

/// Stores 7 at slot 0, logs the word 42 with topic 0xaa, and returns the word.
pub(crate) const LOGGER: [u8; 22] = hex!("602a60005260aa60206000a1600760005560206000f3");

/// Reverts with `Error("no")`.
pub(crate) const REVERTER: [u8; 111] = hex!(
    "606480600b6000396000fd"
    "08c379a0"
    "0000000000000000000000000000000000000000000000000000000000000020"
    "0000000000000000000000000000000000000000000000000000000000000002"
    "6e6f000000000000000000000000000000000000000000000000000000000000"
);

/// Where genesis puts [`LOGGER`].
pub(crate) const LOGGER_ADDRESS: Address = Address::repeat_byte(0x10);
/// Where genesis puts [`REVERTER`].
pub(crate) const REVERTER_ADDRESS: Address = Address::repeat_byte(0x20);
/// An account that does not exist.
pub(crate) const NOBODY: Address = Address::repeat_byte(0x99);

/// Code, message and data of an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CallError {
    pub(crate) code: i64,
    pub(crate) message: String,
    pub(crate) data: Value,
}

pub(crate) struct Node {
    running: Option<Running>,
    batching: Option<Batching>,
    pub(crate) module: RpcModule<Api>,
    pub(crate) signer: PrivateKeySigner,
}

impl Node {
    pub(crate) fn start() -> Self {
        Self::start_with(RpcConfig::default())
    }

    pub(crate) fn start_with(config: RpcConfig) -> Self {
        let signer = PrivateKeySigner::from_bytes(&B256::repeat_byte(0x01)).unwrap();
        let running = Running::start(&genesis(signer.address()), StartConfig::default()).unwrap();
        let module =
            methods::register(Api::new(config, running.handle().clone(), None).into()).unwrap();
        Self { running: Some(running), batching: None, module, signer }
    }

    /// A node of a development chain, which has the wallet's key.
    pub(crate) fn start_development() -> Self {
        Self::start_development_with(RpcConfig::default())
    }

    pub(crate) fn start_development_with(config: RpcConfig) -> Self {
        Self::start_development_on(SequencerConfig::default(), config)
    }

    /// The same with a sequencer's settings of its own.
    pub(crate) fn start_development_on(sequencer: SequencerConfig, config: RpcConfig) -> Self {
        Self::start_development_as(StartConfig { sequencer, ..StartConfig::default() }, config)
    }

    /// The same in a directory.
    pub(crate) fn start_development_in(directory: &Path, sequencer: SequencerConfig) -> Self {
        let directory = Some(directory.to_path_buf());
        let start = StartConfig { directory, sequencer, ..StartConfig::default() };
        Self::start_development_as(start, RpcConfig::default())
    }

    fn start_development_as(mut start: StartConfig, config: RpcConfig) -> Self {
        let secret = B256::repeat_byte(0x01);
        let signer = PrivateKeySigner::from_bytes(&secret).unwrap();
        start.sequencer.is_development = true;
        let mut genesis = genesis(signer.address());
        if start.directory.is_some() {
            // As on every chain that is to be proven.
            minster_os::install_precontracts(&mut genesis).unwrap();
        }
        let running = Running::start(&genesis, start).unwrap();
        let dev_keys = DevKeys::new([secret]).unwrap();
        let config = RpcConfig { dev_keys, ..config };
        let module =
            methods::register(Api::new(config, running.handle().clone(), None).into()).unwrap();
        Self { running: Some(running), batching: None, module, signer }
    }

    /// A node that batches at once, and proves when the test does.
    pub(crate) fn start_batching() -> Self {
        Self::start_batching_with(BatcherConfig::default(), |genesis| {
            open_storage(genesis, None).unwrap()
        })
    }

    /// The same on another storage.
    pub(crate) fn start_batching_with(
        config: BatcherConfig,
        open: impl FnOnce(&Genesis) -> Storage,
    ) -> Self {
        let signer = PrivateKeySigner::from_bytes(&B256::repeat_byte(0x01)).unwrap();
        let genesis = genesis(signer.address());
        let storage = open(&genesis);
        let soon = Duration::from_millis(20);
        let limits = CutLimits { age_idle: soon, age_max: soon, ..CutLimits::default() };
        let config = BatcherConfig { limits, ..config };
        let batcher = Batcher::open(&genesis, &storage, config).unwrap();
        let start = StartConfig { tree_at: Some(batcher.tree_at()), ..StartConfig::default() };
        let mut running = Running::start_on(&genesis, storage, start).unwrap();
        let tree = running.take_batch_tree().unwrap();
        let (batches, stop) = (batcher.batches().clone(), Arc::new(AtomicBool::new(false)));
        let (sequencer, flag) = (running.handle().clone(), Arc::clone(&stop));
        let api = Api::new(RpcConfig::default(), sequencer.clone(), Some(batches.clone()));
        let thread = thread::spawn(move || batcher.run(sequencer, tree, &flag).unwrap());
        let batching = Some(Batching { batches, stop, thread });
        let module = methods::register(api.into()).unwrap();
        Self { running: Some(running), batching, module, signer }
    }

    pub(crate) fn batches(&self) -> &Batches {
        &self.batching.as_ref().unwrap().batches
    }

    pub(crate) fn sequencer(&self) -> &Sequencer {
        self.running.as_ref().unwrap().handle()
    }

    /// A method's answer, held against the specification.
    pub(crate) async fn try_call(&self, method: &str, params: Value) -> Result<Value, CallError> {
        let request = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        let answer = self.module.raw_json_request(&request.to_string(), 1).await.unwrap().0;
        let answer = read_answer(serde_json::from_str(answer.get()).unwrap());
        if let Ok(answer) = &answer {
            check_answer(method, answer);
        }
        answer
    }

    #[track_caller]
    pub(crate) fn call(&self, method: &str, params: Value) -> impl Future<Output = Value> {
        let caller = std::panic::Location::caller();
        async move {
            self.try_call(method, params)
                .await
                .unwrap_or_else(|error| panic!("{method} at {caller}: {error:?}"))
        }
    }

    #[track_caller]
    pub(crate) fn fail(&self, method: &str, params: Value) -> impl Future<Output = CallError> {
        let caller = std::panic::Location::caller();
        async move {
            match self.try_call(method, params).await {
                Ok(answer) => panic!("{method} at {caller}: {answer}"),
                Err(error) => error,
            }
        }
    }

    /// A signed transaction that the wallet would send.
    pub(crate) fn sign(&self, tx: TxEip1559) -> Bytes {
        let signature = self.signer.sign_hash_sync(&tx.signature_hash()).unwrap();
        Envelope::Eip1559(tx.into_signed(signature)).encoded_2718().into()
    }

    pub(crate) fn sign_legacy(&self, tx: TxLegacy) -> Bytes {
        let signature = self.signer.sign_hash_sync(&tx.signature_hash()).unwrap();
        Envelope::Legacy(tx.into_signed(signature)).encoded_2718().into()
    }

    /// Sends, and gives the receipt.
    pub(crate) async fn send(&self, tx: TxEip1559) -> Value {
        self.call("eth_sendRawTransactionSync", json!([self.sign(tx)])).await
    }

    /// Waits until a block is sealed.
    pub(crate) async fn sealed(&self, number: u64) {
        for _ in 0..500 {
            if self.sequencer().chain().latest().number() >= number {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("block {number} is not sealed");
    }
}

/// The batcher beside the sequencer.
struct Batching {
    batches: Batches,
    stop: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Drop for Node {
    fn drop(&mut self) {
        if let Some(Batching { stop, thread, .. }) = self.batching.take() {
            stop.store(true, Ordering::Release);
            self.sequencer().chain().nudge();
            thread.join().unwrap();
        }
        if let Some(running) = self.running.take() {
            running.stop().unwrap();
        }
    }
}

pub(crate) fn read_answer(answer: Value) -> Result<Value, CallError> {
    let error = &answer["error"];
    if error.is_null() {
        return Ok(answer["result"].clone());
    }
    Err(CallError {
        code: error["code"].as_i64().unwrap(),
        message: error["message"].as_str().unwrap().to_owned(),
        data: error["data"].clone(),
    })
}

/// A transfer of one wei to nobody.
pub(crate) fn transfer(nonce: u64) -> TxEip1559 {
    TxEip1559 {
        chain_id: CHAIN_ID,
        nonce,
        gas_limit: 21_000,
        max_fee_per_gas: 10 * GWEI,
        max_priority_fee_per_gas: GWEI,
        to: TxKind::Call(NOBODY),
        value: U256::from(1),
        ..Default::default()
    }
}

/// A call of a contract.
pub(crate) fn contract_call(nonce: u64, to: Address) -> TxEip1559 {
    TxEip1559 { gas_limit: 100_000, to: TxKind::Call(to), value: U256::ZERO, ..transfer(nonce) }
}

/// A creation of [`LOGGER`].
pub(crate) fn creation(nonce: u64) -> TxEip1559 {
    let init = [&hex!("601680600b6000396000f3")[..], &LOGGER].concat();
    TxEip1559 {
        gas_limit: 200_000,
        to: TxKind::Create,
        value: U256::ZERO,
        input: init.into(),
        ..transfer(nonce)
    }
}

fn genesis(rich: Address) -> Genesis {
    let ether = U256::from(10).pow(U256::from(18));
    let funded = GenesisAccount { balance: ether * U256::from(100), ..Default::default() };
    let contract = |code: &'static [u8]| GenesisAccount {
        nonce: 1,
        code: Bytes::from_static(code),
        ..Default::default()
    };
    Genesis {
        config: ChainConfig::new(CHAIN_ID),
        timestamp: 1_700_000_000,
        accounts: BTreeMap::from([
            (rich, funded),
            (LOGGER_ADDRESS, contract(&LOGGER)),
            (REVERTER_ADDRESS, contract(&REVERTER)),
        ]),
    }
}
