//! What a block is counted with against the pubdata that it makes in a batch by itself.

use std::collections::BTreeMap;

use alloy_primitives::{Bytes, Signature, TxKind, keccak256};
use alloy_rlp::Encodable;
use minster_batch::{
    PUBDATA_BYTES_MAX,
    pubdata::{encode, transaction_size_max},
};
use minster_evm::{BlockContext, EvmEnvironment, L1Origin, MapOracle};
use minster_params::constants::{HISTORY_STORAGE_ADDRESS, TRANSACTION_GAS_LIMIT_MAX};
use minster_primitives::{
    Envelope, Receipt, StateDiff, Transaction,
    alloy_consensus::{SignableTransaction, TxEip1559},
    alloy_eips::eip2935::HISTORY_STORAGE_CODE,
    transactions_root,
};
use minster_state::Tree;
use proptest::prelude::*;

use super::*;
use crate::{BlockExecutor, Limit, Refusal, seal, tree_updates};

const VAULT: Address = Address::repeat_byte(0xfe);
const SENDERS: u8 = 4;
/// Writes the pairs of slot and value that it is called with.
const WRITER: Address = Address::repeat_byte(0xc0);
const WRITER_CODE: [u8; 25] = [
    // PUSH0; loop: while i < CALLDATASIZE
    0x5f, 0x5b, 0x36, 0x81, 0x10, 0x15, 0x60, 23, 0x57, //
    // SSTORE(CALLDATALOAD(i), CALLDATALOAD(i + 32)); i += 64
    0x80, 0x60, 32, 0x01, 0x35, 0x81, 0x35, 0x55, 0x60, 64, 0x01, 0x60, 1, 0x56, //
    0x5b, 0x00,
];

fn sender(index: u8) -> Address {
    Address::repeat_byte(index + 1)
}

/// Someone whom nobody knows.
fn other(seed: u64) -> Address {
    Address::from_word(keccak256(seed.to_be_bytes()))
}

fn context() -> BlockContext {
    BlockContext {
        chain_id: 1337,
        number: 5,
        timestamp: 1_000,
        gas_limit: 2_000_000_000,
        base_fee: 7,
        coinbase: VAULT,
        prev_randao: B256::ZERO,
        parent_hash: B256::repeat_byte(4),
        l1_origin: L1Origin::default(),
        blob_base_fee: 1,
        transaction_cycles_max: 1_000_000_000,
        block_cycles_max: u64::MAX,
    }
}

/// Rich senders, the contract with values in its slots, and the history contract.
fn world(slots: &BTreeMap<U256, U256>) -> MapOracle {
    let mut oracle = MapOracle::default();
    for index in 0..SENDERS {
        let balance = U256::from(10_u128.pow(30) / 7);
        let account = Account { balance, ..Account::default() };
        oracle.state.accounts.insert(sender(index), Some(account));
    }
    let contracts = [(WRITER, &WRITER_CODE[..]), (HISTORY_STORAGE_ADDRESS, &HISTORY_STORAGE_CODE)];
    for (address, code) in contracts {
        let code_hash = keccak256(code);
        let account = Account { nonce: 1, balance: U256::ZERO, code_hash };
        oracle.state.accounts.insert(address, Some(account));
        oracle.state.codes.insert(code_hash, Bytes::copy_from_slice(code));
    }
    let slots = slots.iter().filter(|(_, value)| !value.is_zero());
    oracle.state.storage.extend(slots.map(|(slot, value)| ((WRITER, *slot), *value)));
    oracle
}

/// A block in the making, and the tree before it.
struct Open {
    tree: Tree,
    executor: BlockExecutor<EvmEnvironment<MapOracle>>,
    nonces: [u64; SENDERS as usize],
    diff: StateDiff,
    transactions: Vec<Transaction>,
    receipts: Vec<Receipt>,
}

impl Open {
    fn new(oracle: MapOracle) -> Self {
        let mut tree = Tree::new();
        tree.update(&tree_updates(&oracle.state, &tree).unwrap()).unwrap();
        let executor = BlockExecutor::begin(EvmEnvironment::new(oracle), context()).unwrap();
        let (transactions, receipts) = (Vec::new(), Vec::new());
        let diff = StateDiff::default();
        Self { tree, executor, nonces: [0; SENDERS as usize], diff, transactions, receipts }
    }

    /// Runs a call; `Err` when the block refuses it.
    fn call(
        &mut self,
        from: u8,
        to: TxKind,
        value: U256,
        input: Vec<u8>,
        gas_limit: u64,
    ) -> Result<(), Refusal> {
        let nonce = &mut self.nonces[usize::from(from)];
        let tx = TxEip1559 {
            chain_id: 1337,
            nonce: *nonce,
            gas_limit,
            max_fee_per_gas: 100,
            max_priority_fee_per_gas: 1,
            to,
            value,
            input: input.into(),
            ..Default::default()
        };
        let envelope = Envelope::Eip1559(tx.into_signed(Signature::test_signature()));
        let transaction = Transaction::from_trusted_parts(envelope, sender(from));
        let before = self.executor.pubdata.size();
        let executed = self.executor.execute(&transaction).unwrap()?;
        *nonce += 1;
        self.receipts.push(executed.receipt);
        self.transactions.push(transaction);
        let after = self.executor.pubdata.size();
        let reserved = transaction_size_max(gas_limit) - transaction_size_max(0);
        // Three leaves that no gas pays for: the sender's, the recipient's, the vault's.
        assert!(after <= before + reserved + 3 * 66, "{before} to {after} with {gas_limit} gas");
        Ok(())
    }

    /// Bytes of the block's pubdata, in a batch by itself.
    fn encoded(&mut self) -> usize {
        self.diff.extend(self.executor.take_diff());
        self.executor.environment.oracle_mut().apply(self.diff.clone());
        let updates: BTreeMap<_, _> =
            tree_updates(&self.diff, &self.tree).unwrap().into_iter().collect();
        let is_new = |hash: &&B256| {
            let mark = keys::published_code_key::<minster_state::SoftwareBlake3>(**hash);
            self.tree.get(&mark).unwrap().is_none()
        };
        let codes: Vec<Bytes> = self
            .diff
            .codes
            .keys()
            .filter(is_new)
            .map(|hash| self.diff.codes[hash].clone())
            .collect();
        let transactions: Vec<_> = self.transactions.iter().collect();
        let receipts: Vec<_> = self.receipts.iter().collect();
        let root = B256::repeat_byte(0xab);
        let header =
            seal(self.executor.context(), transactions_root(&transactions), &receipts, root);
        let mut rlp = Vec::new();
        header.encode(&mut rlp);
        encode(&self.tree, &updates.into_iter().collect::<Vec<_>>(), &codes, &[], &rlp)
            .unwrap()
            .len()
    }

    fn check(&mut self) {
        let size = u64::try_from(self.encoded()).unwrap();
        let bound = transaction_size_max(0) + self.executor.pubdata.size();
        assert!(size <= bound, "{size} bytes, counted {bound}");
    }
}

/// Init code that returns what follows it.
fn deploys(code: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(code.len()).unwrap().to_be_bytes();
    let head = [0x61, high, low, 0x80, 0x60, 10, 0x5f, 0x39, 0x5f, 0xf3];
    [&head[..], code].concat()
}

fn slots() -> impl Strategy<Value = U256> {
    let usual = prop::sample::select(vec![0_u64, 1, 2, 63, 64, 65, 255, 256, 257, 258, 512, 770]);
    prop_oneof![usual.prop_map(U256::from), any::<[u8; 32]>().prop_map(U256::from_be_bytes)]
}

fn words() -> impl Strategy<Value = U256> {
    let bits = (any::<[u8; 32]>(), 0_usize..256)
        .prop_map(|(bytes, shift)| U256::from_be_bytes(bytes) >> shift);
    prop_oneof![2 => Just(U256::ZERO), 2 => (0_u64..5).prop_map(U256::from), 3 => bits,
        1 => Just(U256::MAX), 1 => Just(U256::from(1) << 128)]
}

#[derive(Debug, Clone)]
enum Step {
    Write(Vec<(U256, U256)>),
    Transfer(u64, U256),
    Deploy(Vec<u8>),
}

fn step() -> impl Strategy<Value = (u8, Step)> {
    let writes = prop::collection::vec((slots(), words()), 1..6).prop_map(Step::Write);
    let transfer = (0_u64..6, words()).prop_map(|(to, value)| Step::Transfer(to, value >> 180));
    let code = prop::collection::vec(any::<u8>(), 0..60).prop_map(|mut code| {
        // EIP-3541 refuses a first byte of 0xef.
        code.iter_mut().take(1).for_each(|byte| *byte &= 0x7f);
        Step::Deploy(code)
    });
    (0..SENDERS, prop_oneof![3 => writes, 3 => transfer, 1 => code])
}

fn run(open: &mut Open, from: u8, step: &Step) {
    let result = match step {
        Step::Write(pairs) => {
            let input = pairs.iter().flat_map(|(slot, value)| {
                [slot.to_be_bytes::<32>(), value.to_be_bytes::<32>()].concat()
            });
            open.call(from, TxKind::Call(WRITER), U256::ZERO, input.collect(), 300_000)
        }
        Step::Transfer(to, value) => {
            open.call(from, TxKind::Call(other(*to)), *value, Vec::new(), 21_000)
        }
        Step::Deploy(code) => open.call(from, TxKind::Create, U256::ZERO, deploys(code), 500_000),
    };
    result.unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// After every transaction, and whenever the diff is taken.
    #[test]
    fn no_block_makes_more_than_is_counted(
        old in prop::collection::btree_map(slots(), words(), 0..12),
        steps in prop::collection::vec(step(), 1..24),
    ) {
        let mut open = Open::new(world(&old));
        open.check();
        for (from, step) in &steps {
            run(&mut open, *from, step);
            open.check();
        }
    }
}

fn change() -> impl Strategy<Value = Change> {
    let account = || {
        prop::option::of((0_u64..3, 0_u64..300).prop_map(|(nonce, balance)| Account {
            nonce,
            balance: U256::from(balance),
            ..Account::default()
        }))
    };
    let slot = || prop::sample::select(vec![1_u64, 2, 64, 65, 66]).prop_map(U256::from);
    prop_oneof![
        (0..2_u8, account(), account()).prop_map(|(index, before, after)| Change::Account {
            address: sender(index),
            before,
            after
        }),
        (0..2_u8, slot(), 0_u64..3, 0_u64..3).prop_map(|(index, slot, before, after)| {
            let (before, after) = (U256::from(before), U256::from(after));
            Change::Slot { address: sender(index), slot, before, after }
        }),
        (0_u8..2).prop_map(|byte| Change::Code { code_hash: B256::repeat_byte(byte), size: 7 }),
    ]
}

/// What a change is of.
fn place(change: &Change) -> (Option<Address>, Option<U256>, Option<B256>) {
    match *change {
        Change::Account { address, .. } => (Some(address), None, None),
        Change::Slot { address, slot, .. } => (Some(address), Some(slot), None),
        Change::Code { code_hash, .. } => (None, None, Some(code_hash)),
    }
}

proptest! {
    /// A machine may keep what a transaction changed in no order.
    #[test]
    fn the_order_of_changes_does_not_count(
        changes in prop::collection::vec(change(), 0..12).prop_flat_map(|mut changes| {
            changes.sort_by_key(place);
            changes.dedup_by_key(|change| place(change));
            (Just(changes.clone()), Just(changes).prop_shuffle())
        })
    ) {
        let size = |changes: &[Change]| {
            let mut bound = PubdataBound::default();
            bound.count(changes.to_vec());
            bound.size()
        };
        prop_assert_eq!(size(&changes.0), size(&changes.1));
    }
}

/// What is changed back costs no more than the name of its stem.
#[test]
fn what_is_changed_back_is_counted_back() {
    let slot = U256::from(5);
    let mut open = Open::new(world(&BTreeMap::from([(slot, U256::from(9))])));
    run(&mut open, 0, &Step::Write(vec![(slot, U256::MAX)]));
    let far = open.executor.pubdata.size();
    run(&mut open, 0, &Step::Write(vec![(slot, U256::from(9))]));
    open.check();
    // All of the leaf; its sender's nonce and balance take a little more.
    assert!(far - open.executor.pubdata.size() > 3);
    let writes = vec![(slot, U256::from(8)), (slot, U256::from(9))];
    let before = open.executor.pubdata.size();
    run(&mut open, 0, &Step::Write(writes));
    assert!(open.executor.pubdata.size() <= before + 3);
}

/// A block full of the longest leaves fits the blobs, and is full.
#[test]
fn a_full_block_fits_a_batch() {
    let mut open = Open::new(world(&BTreeMap::new()));
    let noise = |seed: u64| U256::from_be_bytes(keccak256(seed.to_be_bytes()).0);
    let mut seed = 0;
    let refusal = loop {
        let pairs: Vec<_> =
            (0..700).map(|i| (noise(2 * (seed + i)), noise(2 * (seed + i) + 1))).collect();
        seed += 700;
        let input = pairs.iter().flat_map(|(slot, value)| {
            [slot.to_be_bytes::<32>(), value.to_be_bytes::<32>()].concat()
        });
        let to = TxKind::Call(WRITER);
        let input = input.collect();
        let gas_limit = TRANSACTION_GAS_LIMIT_MAX;
        if let Err(refusal) = open.call(0, to, U256::ZERO, input, gas_limit) {
            break refusal;
        }
        assert!(open.receipts.last().is_some_and(|receipt| receipt.success));
    };
    assert_eq!(refusal, Refusal::BlockFull(Limit::Pubdata));
    // What the gas limit might add does not fit; what less gas might add does, till nothing does.
    let transfer = |open: &mut Open, to| {
        open.call(1, TxKind::Call(other(to)), U256::MAX >> 180, Vec::new(), 21_000)
    };
    let refusal = (0..).find_map(|to| transfer(&mut open, to).err()).unwrap();
    assert_eq!(refusal, Refusal::BlockFull(Limit::Pubdata));
    open.check();
    let size = open.encoded();
    println!("{size} of {PUBDATA_BYTES_MAX} bytes");
    assert!(size <= PUBDATA_BYTES_MAX);
    assert!(size > PUBDATA_BYTES_MAX / 10 * 9, "{size}");
    // The next block is empty.
    let (environment, _) = open.executor.finish();
    let next = BlockContext { number: 6, ..context() };
    assert_eq!(BlockExecutor::begin(environment, next).unwrap().pubdata.size(), 0);
}

/// Counting late changes no answer.
#[test]
fn pending_changes_are_counted_when_it_matters() {
    let account = |seed: u64| {
        let balance = U256::MAX.wrapping_shr(usize::try_from(seed).unwrap() * 23 % 256);
        let code_hash = keccak256(seed.to_be_bytes());
        (!seed.is_multiple_of(5)).then_some(Account { nonce: seed * seed, balance, code_hash })
    };
    let mut accounts = [None; 4];
    let mut slots = [U256::ZERO; 4];
    let (mut early, mut late) = (PubdataBound::default(), PubdataBound::default());
    let mut settled = 0;
    for seed in 0..400_u64 {
        let index = usize::try_from(seed * 7 % 4).unwrap();
        let address = Address::repeat_byte(u8::try_from(index).unwrap());
        let size = usize::try_from(seed).unwrap();
        let change = match seed % 3 {
            0 => {
                let (before, after) = (accounts[index], account(seed));
                accounts[index] = after;
                Change::Account { address, before, after }
            }
            1 => {
                let (before, after) = (slots[index], U256::from(seed % 11) << 200);
                slots[index] = after;
                Change::Slot { address, slot: U256::from(index * 64), before, after }
            }
            _ => Change::Code { code_hash: keccak256([index as u8]), size },
        };
        let before = early.size();
        early.count(vec![change]);
        late.count(vec![change]);
        assert!(early.size() <= before + CHANGE_SIZE_MAX.max(code_size_max(size)), "{change:?}");
        // Far away first, so that changes stay pending for a while.
        assert!(late.is_at_most(1 << 20));
        settled += u32::from(late.pending.is_empty());
        if seed.is_multiple_of(13) {
            for limit in [early.size() + 500, early.size(), early.size().saturating_sub(1), 0] {
                assert_eq!(late.is_at_most(limit), early.size() <= limit, "{limit}");
            }
        }
    }
    assert!(settled < 100, "{settled}");
}
