//! One fixture through the block entry of the OS.

use std::{collections::BTreeMap, fmt::Debug};

use alloy_eips::{eip4844, eip7691};
use alloy_primitives::{Address, B256, TxKind, U256, keccak256};
use minster_evm::{BlockContext, EvmEnvironment, L1Origin, MapOracle};
use minster_os::{BlockError, BlockExecutor, Refusal, execute_block};
use minster_params::constants::HISTORY_STORAGE_ADDRESS;
use minster_primitives::{
    Account, Encodable2718, Envelope, KECCAK256_EMPTY, StateDiff, Transaction,
    TransactionFields as _, Typed2718,
};
use minster_recovery::Libsecp;

use crate::fixture::{self, Fixture, Post, number};

/// Slots of the history contract.
const HISTORY_WINDOW: u64 = 8_191;

/// A way in which a result is not what the fixture says.
pub type Mismatch = String;

/// Runs one post of a fixture.
///
/// # Errors
/// Every mismatch.
pub fn check(fixture: &Fixture, post: &Post) -> Result<(), Vec<Mismatch>> {
    let mut found = Vec::new();
    let oracle = oracle(&fixture.pre);
    let context = context(fixture);
    match Transaction::decode(&post.txbytes, &Libsecp) {
        Err(error) => {
            if post.expect_exception.is_none() {
                found.push(format!("not decoded: {error}"));
            }
        }
        Ok(transaction) if post.expect_exception.is_some() => {
            check_refused(oracle, &context, &transaction, &mut found);
        }
        Ok(transaction) => {
            check_fields(&fixture.transaction, post, &transaction, &mut found);
            check_executed(oracle, &context, &transaction, post, &mut found);
        }
    }
    if post.expect_exception.is_some() && post.state != fixture.pre {
        found.push("the fixture expects a refusal that changes the state".into());
    }
    if found.is_empty() { Ok(()) } else { Err(found) }
}

fn check_executed(
    oracle: MapOracle,
    context: &BlockContext,
    transaction: &Transaction,
    post: &Post,
    found: &mut Vec<Mismatch>,
) {
    let mut after = oracle.clone();
    let output = match execute_block(
        EvmEnvironment::new(oracle),
        context,
        core::slice::from_ref(transaction),
    ) {
        Ok(output) => output,
        Err(error) => return found.push(format!("not executed: {error}")),
    };
    after.apply(output.diff);
    compare_states(&post.state, &after.state, found);
    let receipt = &output.receipts[0];
    let logs_hash = keccak256(alloy_rlp::encode(&receipt.logs));
    expect("logs", post.logs, logs_hash, found);
    let Some(expected) = &post.receipt else { return };
    expect("transaction hash", expected.transaction_hash, transaction.hash(), found);
    expect("gas used", expected.cumulative_gas_used.to(), receipt.cumulative_gas_used, found);
    expect("status", expected.status, receipt.success, found);
    expect("bloom", expected.bloom, *receipt.bloom(), found);
    if let Some(rlp) = &expected.rlp {
        expect("receipt", rlp.to_vec(), receipt.encoded_2718(), found);
    }
}

/// The block entry refuses it, and a block that refuses it is as if it had never been offered.
fn check_refused(
    oracle: MapOracle,
    context: &BlockContext,
    transaction: &Transaction,
    found: &mut Vec<Mismatch>,
) {
    let environment = EvmEnvironment::new(oracle.clone());
    let refusal = match execute_block(environment, context, core::slice::from_ref(transaction)) {
        Err(BlockError::Refused { refusal, .. }) => refusal,
        other => return found.push(format!("not refused: {other:?}")),
    };
    let mut block = BlockExecutor::begin(EvmEnvironment::new(oracle), context.clone()).unwrap();
    let again: Result<_, Refusal> = block.execute(transaction).unwrap();
    expect("refusal", Some(refusal), again.err(), found);
    expect("diff of a refusal", StateDiff::default(), block.take_diff(), found);
    expect("progress of a refusal", 0, block.progress().transaction_count, found);
}

/// The state before, as it is.
fn oracle(pre: &BTreeMap<Address, fixture::Account>) -> MapOracle {
    let mut state = StateDiff::default();
    for (address, account) in pre {
        let code_hash = match account.code.is_empty() {
            true => KECCAK256_EMPTY,
            false => keccak256(&account.code),
        };
        let nonce = account.nonce.to();
        state
            .accounts
            .insert(*address, Some(Account { nonce, balance: account.balance, code_hash }));
        state.codes.insert(code_hash, account.code.clone());
        for (slot, value) in &account.storage {
            state.storage.insert((*address, *slot), *value);
        }
    }
    MapOracle { state, ..MapOracle::default() }
}

/// The block context that the fixture's environment gives, with proving budgets that nothing
/// reaches.
fn context(fixture: &Fixture) -> BlockContext {
    let env = &fixture.env;
    let number = env.current_number.to::<u64>();
    BlockContext {
        chain_id: fixture.config.chainid.map_or(1, |id| id.to()),
        number,
        timestamp: env.current_timestamp.to(),
        gas_limit: env.current_gas_limit.to(),
        base_fee: env.current_base_fee.to(),
        coinbase: env.current_coinbase,
        prev_randao: env.current_random,
        parent_hash: parent_hash(&fixture.pre, number),
        l1_origin: L1Origin::default(),
        blob_base_fee: blob_base_fee(fixture),
        transaction_cycles_max: u64::MAX,
        block_cycles_max: u64::MAX,
    }
}

/// A state test is one transaction without the system calls around it. The parent's hash is
/// therefore what the history contract already holds in its place, so that writing it down at the
/// start of the block (EIP-2935) changes nothing.
fn parent_hash(pre: &BTreeMap<Address, fixture::Account>, number: u64) -> B256 {
    let slot = U256::from(number.saturating_sub(1) % HISTORY_WINDOW);
    let stored = pre.get(&HISTORY_STORAGE_ADDRESS).and_then(|account| account.storage.get(&slot));
    stored.copied().unwrap_or_default().into()
}

fn blob_base_fee(fixture: &Fixture) -> u128 {
    let excess = fixture.env.current_excess_blob_gas.to::<u128>();
    let fraction = fixture
        .config
        .blob_schedule
        .get("Osaka")
        .map_or(eip7691::BLOB_GASPRICE_UPDATE_FRACTION_PECTRA, |schedule| {
            schedule.base_fee_update_fraction.to()
        });
    eip4844::fake_exponential(eip4844::BLOB_TX_MIN_BLOB_GASPRICE, excess, fraction)
}

fn compare_states(
    expected: &BTreeMap<Address, fixture::Account>,
    state: &StateDiff,
    found: &mut Vec<Mismatch>,
) {
    for (address, account) in &state.accounts {
        if account.is_some() && !expected.contains_key(address) {
            found.push(format!("{address}: exists, must not"));
        }
    }
    for ((address, slot), value) in &state.storage {
        if !value.is_zero() && !expected.contains_key(address) {
            found.push(format!("{address}: slot {slot:#x} of no account is {value:#x}"));
        }
    }
    for (address, want) in expected {
        let Some(Some(account)) = state.accounts.get(address) else {
            found.push(format!("{address}: does not exist"));
            continue;
        };
        let code = state.codes.get(&account.code_hash).cloned().unwrap_or_default();
        let storage = state
            .storage
            .range((*address, U256::ZERO)..=(*address, U256::MAX))
            .filter(|(_, value)| !value.is_zero())
            .map(|((_, slot), value)| (*slot, *value))
            .collect();
        let mut want = want.clone();
        want.storage.retain(|_, value| !value.is_zero());
        let nonce = account.nonce.try_into().unwrap();
        let got = fixture::Account { balance: account.balance, nonce, code, storage };
        expect(&address.to_string(), want, got, found);
    }
}

/// The bytes say what the fields say.
fn check_fields(
    fields: &fixture::TransactionFields,
    post: &Post,
    transaction: &Transaction,
    found: &mut Vec<Mismatch>,
) {
    let tx = transaction.envelope();
    let indexes = &post.indexes;
    let some = |text: &str| number(text);
    let u = |value: u128| Some(U256::from(value));
    if let Some(sender) = fields.sender {
        expect("sender", sender, transaction.sender(), found);
    }
    expect("nonce", some(&fields.nonce), u(tx.nonce().into()), found);
    expect("gas limit", some(&fields.gas_limit[indexes.gas]), u(tx.gas_limit().into()), found);
    expect("value", some(&fields.value[indexes.value]), Some(tx.value()), found);
    expect("data", &fields.data[indexes.data], tx.input(), found);
    let to = match fields.to.as_str() {
        "" | "0x" => TxKind::Create,
        to => TxKind::Call(to.parse().unwrap()),
    };
    expect("to", to, tx.kind(), found);
    let price = fields.gas_price.as_ref().or(fields.max_fee_per_gas.as_ref());
    expect("fee cap", price.and_then(|x| some(x)), u(tx.max_fee_per_gas()), found);
    let tip = fields.max_priority_fee_per_gas.as_ref().and_then(|tip| some(tip));
    expect("tip cap", tip, tx.max_priority_fee_per_gas().map(U256::from), found);
    expect("type", implied_type(fields), tx.ty(), found);
    check_lists(fields, post, tx, found);
}

fn implied_type(fields: &fixture::TransactionFields) -> u8 {
    if fields.authorization_list.is_some() {
        4
    } else if fields.blob_versioned_hashes.is_some() {
        3
    } else if fields.max_fee_per_gas.is_some() {
        2
    } else {
        u8::from(fields.access_lists.is_some())
    }
}

fn check_lists(
    fields: &fixture::TransactionFields,
    post: &Post,
    tx: &Envelope,
    found: &mut Vec<Mismatch>,
) {
    let lists = fields.access_lists.as_ref();
    let expected = lists.and_then(|lists| lists.get(post.indexes.data).cloned().flatten());
    let got: Vec<_> = tx
        .access_list()
        .map(|list| list.0.as_slice())
        .unwrap_or_default()
        .iter()
        .map(|item| fixture::AccessListItem {
            address: item.address,
            storage_keys: item.storage_keys.clone(),
        })
        .collect();
    expect("access list", expected.unwrap_or_default(), got, found);
    let expected: Vec<_> = fields
        .authorization_list
        .iter()
        .flatten()
        .map(|item| {
            let parity = item.y_parity.as_deref().or(item.v.as_deref());
            let numbers = [
                number(&item.chain_id),
                number(&item.nonce),
                parity.and_then(number),
                number(&item.r),
                number(&item.s),
            ];
            (item.address, numbers)
        })
        .collect();
    let got: Vec<_> = tx
        .authorization_list()
        .unwrap_or_default()
        .iter()
        .map(|item| {
            let numbers = [
                item.chain_id,
                U256::from(item.nonce),
                U256::from(item.y_parity()),
                item.r(),
                item.s(),
            ];
            (item.address, numbers.map(Some))
        })
        .collect();
    expect("authorizations", expected, got, found);
}

fn expect<T: PartialEq + Debug>(what: &str, expected: T, got: T, found: &mut Vec<Mismatch>) {
    if expected != got {
        found.push(format!("{what}: expected {expected:?}, got {got:?}"));
    }
}
