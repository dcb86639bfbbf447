//! The OS natively, as a sequencer has it: a flat state, and a slice after every transaction.

use std::cell::RefCell;
use std::convert::Infallible;
use std::rc::Rc;

use alloy_primitives::{Address, B256, Bytes, TxKind, U256};
use minster_batcher::NativeCryptography;
use minster_evm::{BlockContext, Bytecode, EvmEnvironment, L1Origin, MapOracle, Oracle, Outcome};
use minster_os::batch::BlockInput;
use minster_os::{BlockExecutor, Executed, Refusal, block_context, seal, tree_updates};
use minster_params::Genesis;
use minster_primitives::{Account, Header, Receipt, StateDiff, Transaction, TxDeposit};
use minster_primitives::{Envelope, alloy_consensus::Sealable, transactions_root};
use minster_state::Tree;

use super::{GAS, call, start_of};

/// The state, which the machine reads while its owner advances it.
#[derive(Debug, Clone, Default)]
struct Flat(Rc<RefCell<MapOracle>>);

impl Oracle for Flat {
    type Error = Infallible;

    fn account(&mut self, address: Address) -> Result<Option<Account>, Infallible> {
        self.0.borrow_mut().account(address)
    }

    fn code(&mut self, code_hash: B256) -> Result<Bytecode, Infallible> {
        self.0.borrow_mut().code(code_hash)
    }

    fn storage(&mut self, address: Address, slot: U256) -> Result<U256, Infallible> {
        self.0.borrow_mut().storage(address, slot)
    }

    fn block_hash(&mut self, number: u64) -> Result<B256, Infallible> {
        self.0.borrow_mut().block_hash(number)
    }
}

/// A block that takes transactions.
struct Open {
    executor: BlockExecutor<EvmEnvironment<Flat>>,
    diff: StateDiff,
    transactions: Vec<Transaction>,
    receipts: Vec<Receipt>,
}

/// Blocks of one batch, and what the OS natively says of them.
#[derive(Debug, Default)]
pub struct Blocks {
    /// What the batch is made of.
    pub inputs: Vec<BlockInput>,
    /// The header of the last one.
    pub header: Header,
}

/// A chain that runs what it is sent at once.
pub struct Chain {
    /// Where it began.
    pub genesis: Genesis,
    flat: Flat,
    tree: Tree,
    header: Header,
    /// The next block's timestamp.
    pub timestamp: u64,
    open: Option<Open>,
    blocks: Vec<BlockInput>,
    batches: Vec<Blocks>,
}

impl Chain {
    /// The chain of a genesis, before its first block.
    ///
    /// # Panics
    /// When the genesis is none.
    #[must_use]
    pub fn new(genesis: Genesis) -> Self {
        let state = genesis.state();
        let (tree, header) = start_of(&genesis, &state);
        let chain = Self {
            timestamp: genesis.timestamp + 1,
            genesis,
            flat: Flat::default(),
            tree,
            header,
            open: None,
            blocks: Vec::new(),
            batches: Vec::new(),
        };
        chain.flat.0.borrow_mut().apply(state);
        chain.remember();
        chain
    }

    /// The hash of the last block becomes one that code can ask for.
    fn remember(&self) {
        let hash = self.header.hash_slow();
        self.flat.0.borrow_mut().block_hashes.insert(self.header.number, hash);
    }

    fn context(&self) -> BlockContext {
        let hash = self.header.hash_slow();
        let config = &self.genesis.config;
        block_context(config, &self.header, hash, self.timestamp, L1Origin::default())
    }

    /// The account as it is now.
    #[must_use]
    pub fn account(&self, address: Address) -> Account {
        self.flat.0.borrow().state.accounts.get(&address).copied().flatten().unwrap_or_default()
    }

    /// The slot as it is now.
    #[must_use]
    pub fn slot(&self, address: Address, slot: u64) -> U256 {
        let state = &self.flat.0.borrow().state;
        state.storage.get(&(address, U256::from(slot))).copied().unwrap_or_default()
    }

    /// Every code that an account was ever given.
    #[must_use]
    pub fn codes(&self) -> Vec<Bytes> {
        self.flat.0.borrow().state.codes.values().cloned().collect()
    }

    fn opened(&mut self) -> &mut Open {
        if self.open.is_none() {
            let environment = EvmEnvironment::new(self.flat.clone());
            let executor = BlockExecutor::begin(environment, self.context()).expect("a block");
            let (diff, transactions, receipts) = Default::default();
            self.open = Some(Open { executor, diff, transactions, receipts });
            self.slice();
        }
        self.open.as_mut().expect("just opened")
    }

    /// Moves what changed into the state.
    fn slice(&mut self) {
        let open = self.open.as_mut().expect("an open block");
        let diff = open.executor.take_diff();
        self.flat.0.borrow_mut().apply(diff.clone());
        open.diff.extend(diff);
    }

    /// Offers a transaction in its network form.
    ///
    /// # Errors
    /// Why it may not be in the block.
    ///
    /// # Panics
    /// When it is none.
    pub fn offer(&mut self, bytes: &Bytes) -> Result<Executed, Refusal> {
        let transaction = Transaction::decode(bytes, &NativeCryptography).expect("a transaction");
        let open = self.opened();
        let executed = open.executor.execute(&transaction).expect("nothing fails in memory")?;
        open.receipts.push(executed.receipt.clone());
        open.transactions.push(transaction);
        self.slice();
        Ok(executed)
    }

    /// Runs a transaction that may be in the block.
    ///
    /// # Panics
    /// When it may not.
    pub fn send(&mut self, bytes: &Bytes) -> Executed {
        self.offer(bytes).unwrap_or_else(|refusal| panic!("refused: {refusal}"))
    }

    /// The next nonce of the account with this key.
    #[must_use]
    pub fn nonce(&self, key: u64) -> u64 {
        self.account(super::signer(key).address()).nonce
    }

    /// A call or creation by the account with this key.
    pub fn run(&mut self, key: u64, to: TxKind, value: u64, input: Bytes) -> Executed {
        self.send(&call(key, self.nonce(key), to, value, input, GAS))
    }

    /// A call that succeeds, and what it returned.
    ///
    /// # Panics
    /// When it does not.
    pub fn call(&mut self, key: u64, to: Address, value: u64, input: Bytes) -> Bytes {
        let execution = self.run(key, TxKind::Call(to), value, input).execution;
        assert_eq!(execution.outcome, Outcome::Success, "output {}", execution.output);
        execution.output
    }

    /// A call that fails, and how.
    ///
    /// # Panics
    /// When it does not.
    pub fn fail(&mut self, key: u64, to: Address, value: u64, input: Bytes) -> Outcome {
        let execution = self.run(key, TxKind::Call(to), value, input).execution;
        assert_ne!(execution.outcome, Outcome::Success, "output {}", execution.output);
        execution.outcome
    }

    /// A contract that the account with this key creates.
    ///
    /// # Panics
    /// When it does not come to be.
    pub fn create(&mut self, key: u64, input: Bytes) -> Address {
        let execution = self.run(key, TxKind::Create, 0, input).execution;
        assert_eq!(execution.outcome, Outcome::Success, "output {}", execution.output);
        execution.created.expect("a contract")
    }

    /// What a call would return, without a trace in the chain.
    ///
    /// # Panics
    /// When it would fail.
    #[must_use]
    pub fn view(&self, to: Address, input: Bytes) -> Bytes {
        let mut machine = EvmEnvironment::new(self.flat.0.borrow().clone());
        machine.set_block(&self.context());
        let deposit =
            TxDeposit { to: TxKind::Call(to), gas_limit: GAS, input, ..TxDeposit::default() };
        let envelope = Envelope::Deposit(deposit.seal_slow());
        let call = Transaction::from_trusted_parts(envelope, Address::ZERO);
        let execution = machine.execute(&call).expect("nothing fails in memory");
        assert_eq!(execution.outcome, Outcome::Success, "output {}", execution.output);
        execution.output
    }

    /// Ends the block, which may be empty.
    ///
    /// # Panics
    /// When the state does not fit the tree.
    pub fn seal(&mut self) {
        self.opened();
        let Some(Open { executor, diff, transactions, receipts }) = self.open.take() else {
            return;
        };
        let updates = tree_updates(&diff, &self.tree).expect("a valid state");
        self.tree.update(&updates).expect("a whole tree");
        let context = executor.context();
        let all: Vec<_> = transactions.iter().collect();
        let receipts: Vec<_> = receipts.iter().collect();
        self.header = seal(context, transactions_root(&all), &receipts, self.tree.root());
        let transactions = transactions.iter().map(Transaction::encoded).collect();
        self.blocks.push(BlockInput { timestamp: self.timestamp, transactions });
        self.timestamp += 1;
        self.remember();
    }

    /// Ends the block, if one is open, and the batch.
    pub fn cut(&mut self) {
        if self.open.is_some() {
            self.seal();
        }
        let inputs = std::mem::take(&mut self.blocks);
        self.batches.push(Blocks { inputs, header: self.header.clone() });
    }

    /// How many batches have ended.
    #[must_use]
    pub const fn ended(&self) -> usize {
        self.batches.len()
    }

    /// The batches so far, after the last block and batch are ended.
    #[must_use]
    pub fn batches(mut self) -> Vec<Blocks> {
        if self.open.is_some() || !self.blocks.is_empty() {
            self.cut();
        }
        self.batches
    }
}
