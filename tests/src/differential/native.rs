//! A case through the OS.

use alloy_primitives::{Bytes, KECCAK256_EMPTY, U64, keccak256};
use minster_evm::{BlockContext, EvmEnvironment, L1Origin, MapOracle};
use minster_os::{BlockExecutor, Executed};
use minster_params::constants::BLOB_BASE_FEE;
use minster_primitives::{Account, StateDiff, Transaction};
use minster_recovery::Libsecp;

use super::case::Case;
use super::{AccountState, Accounts, Answer, Ended};

/// What the OS makes of a case. The proving meter never ends anything: others have none.
///
/// # Panics
/// When the machine fails, which it must not.
#[must_use]
pub fn answer(case: &Case) -> Answer {
    let oracle = MapOracle { state: state(&case.accounts), ..MapOracle::default() };
    let mut after = oracle.clone();
    let block = BlockExecutor::begin(EvmEnvironment::new(oracle), context(case));
    let mut block = block.expect("nothing fails in memory");
    let mut results = Vec::new();
    for bytes in &case.transactions {
        results.push(run(bytes, &mut block));
    }
    after.apply(block.take_diff());
    Answer { results, accounts: accounts(&after.state) }
}

fn run(bytes: &Bytes, block: &mut BlockExecutor<EvmEnvironment<MapOracle>>) -> Ended {
    let refused = |reason: &dyn std::fmt::Display| Ended::Refused { refused: reason.to_string() };
    let transaction = match Transaction::decode(bytes, &Libsecp) {
        Ok(transaction) => transaction,
        Err(error) => return refused(&error),
    };
    match block.execute(&transaction).expect("nothing fails in memory") {
        Ok(Executed { receipt, execution }) => Ended::Ran {
            success: receipt.success,
            gas_used: U64::from(execution.gas_used),
            output: execution.output,
            logs: receipt
                .logs
                .into_iter()
                .map(|log| (log.address, log.data.topics().to_vec(), log.data.data))
                .collect(),
        },
        Err(refusal) => refused(&refusal),
    }
}

fn context(case: &Case) -> BlockContext {
    let block = &case.block;
    BlockContext {
        chain_id: case.chain_id.to(),
        number: block.number.to(),
        timestamp: block.timestamp.to(),
        gas_limit: block.gas_limit.to(),
        base_fee: block.base_fee.to(),
        coinbase: block.coinbase,
        prev_randao: block.prev_randao,
        parent_hash: Default::default(),
        l1_origin: L1Origin::default(),
        blob_base_fee: BLOB_BASE_FEE,
        transaction_cycles_max: u64::MAX >> 8,
        block_cycles_max: u64::MAX,
    }
}

fn state(accounts: &Accounts) -> StateDiff {
    let mut state = StateDiff::default();
    for (address, account) in accounts {
        let AccountState { balance, nonce, code, storage } = account;
        let code_hash = if code.is_empty() { KECCAK256_EMPTY } else { keccak256(code) };
        let account = Account { nonce: nonce.to(), balance: *balance, code_hash };
        state.accounts.insert(*address, Some(account));
        state.codes.insert(code_hash, code.clone());
        let slots = storage.iter().map(|(slot, value)| ((*address, *slot), *value));
        state.storage.extend(slots);
    }
    state
}

fn accounts(state: &StateDiff) -> Accounts {
    let mut accounts = Accounts::new();
    for (address, account) in &state.accounts {
        let Some(account) = account.filter(|account| !account.is_empty()) else { continue };
        let code = state.codes.get(&account.code_hash).cloned().unwrap_or_default();
        let nonce = U64::from(account.nonce);
        let storage = Default::default();
        let balance = account.balance;
        accounts.insert(*address, AccountState { balance, nonce, code, storage });
    }
    for ((address, slot), value) in &state.storage {
        if let (Some(account), false) = (accounts.get_mut(address), value.is_zero()) {
            account.storage.insert(*slot, *value);
        }
    }
    accounts
}
