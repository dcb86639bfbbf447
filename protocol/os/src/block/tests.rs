//! The block loop: its limits, what it refuses, and what the protocol itself writes.

mod random;

use alloy_consensus::{SignableTransaction, TxEip1559};
use alloy_eips::eip2935::HISTORY_STORAGE_CODE;
use alloy_primitives::{Address, B256, Bytes, Signature, TxKind, U256, address, keccak256};
use alloy_rlp::Encodable;
use minster_evm::{EvmEnvironment, L1Origin, MapOracle};
use minster_params::constants::HISTORY_STORAGE_ADDRESS;
use minster_primitives::{
    Account, Encodable2718, Envelope, TxDeposit, alloy_consensus::Sealable, transactions_root,
};

use super::*;
use crate::seal;

const ALICE: Address = Address::repeat_byte(0xa1);
const BOB: Address = Address::repeat_byte(0xb0);
const CONTRACT: Address = Address::repeat_byte(0xc0);
const VAULT: Address = Address::repeat_byte(0xfe);
const BASE_FEE: u64 = 7;
const TRANSFER_GAS: u64 = 21_000;

fn context() -> BlockContext {
    BlockContext {
        chain_id: 1337,
        number: 5,
        timestamp: 1_000,
        gas_limit: 2_000_000_000,
        base_fee: BASE_FEE,
        coinbase: VAULT,
        prev_randao: B256::repeat_byte(9),
        parent_hash: B256::repeat_byte(4),
        l1_origin: L1Origin::default(),
        blob_base_fee: 1,
        transaction_cycles_max: 1_000_000_000,
        block_cycles_max: 64_000_000_000,
    }
}

fn contract(oracle: &mut MapOracle, address: Address, code: &[u8]) {
    let code_hash = keccak256(code);
    let account = Account { nonce: 1, balance: U256::ZERO, code_hash };
    oracle.state.accounts.insert(address, Some(account));
    oracle.state.codes.insert(code_hash, Bytes::copy_from_slice(code));
}

fn world() -> MapOracle {
    let mut oracle = MapOracle::default();
    let alice = Account { balance: U256::from(10).pow(U256::from(20)), ..Account::default() };
    oracle.state.accounts.insert(ALICE, Some(alice));
    oracle
}

fn alices(nonce: u64, gas_limit: u64) -> TxEip1559 {
    TxEip1559 {
        chain_id: 1337,
        nonce,
        gas_limit,
        max_fee_per_gas: 100,
        max_priority_fee_per_gas: 1,
        to: TxKind::Call(BOB),
        value: U256::from(1),
        ..Default::default()
    }
}

/// Execution never looks at a signature.
fn from_alice(tx: TxEip1559) -> Transaction {
    let envelope = Envelope::Eip1559(tx.into_signed(Signature::test_signature()));
    Transaction::from_trusted_parts(envelope, ALICE)
}

fn deposited(deposit: TxDeposit) -> Transaction {
    let from = deposit.from;
    Transaction::from_trusted_parts(Envelope::Deposit(deposit.seal_slow()), from)
}

type Block = BlockExecutor<EvmEnvironment<MapOracle>>;

fn open(oracle: MapOracle, context: BlockContext) -> Block {
    BlockExecutor::begin(EvmEnvironment::new(oracle), context).unwrap()
}

fn must(block: &mut Block, transaction: &Transaction) -> Executed {
    block.execute(transaction).unwrap().unwrap()
}

/// Takes the diff and lets the oracle answer with it.
fn advance(block: &mut Block) -> StateDiff {
    let diff = block.take_diff();
    block.environment.oracle_mut().apply(diff.clone());
    diff
}

/// Refused, and as if it had never been offered.
fn check_refused(block: &mut Block, transaction: &Transaction, expected: &Refusal) {
    let before = block.progress();
    advance(block);
    let refusal = block.execute(transaction).unwrap().unwrap_err();
    assert_eq!(refusal, *expected);
    assert_eq!(block.progress(), before);
    assert!(block.take_diff().is_empty());
}

#[test]
fn gas_is_reserved_in_full() {
    let gas_limit = TRANSFER_GAS + 50_000;
    let mut block = open(world(), BlockContext { gas_limit, ..context() });
    let too_large = Refusal::TooLarge(Limit::Gas);
    check_refused(&mut block, &from_alice(alices(0, gas_limit + 1)), &too_large);
    // Uses 21,000 of all the gas; what is left is free again.
    let first = must(&mut block, &from_alice(alices(0, gas_limit)));
    assert_eq!(first.receipt.cumulative_gas_used, TRANSFER_GAS);
    check_refused(&mut block, &from_alice(alices(1, 50_001)), &Refusal::BlockFull(Limit::Gas));
    check_refused(&mut block, &from_alice(alices(1, gas_limit + 1)), &too_large);
    let second = must(&mut block, &from_alice(alices(1, 50_000)));
    assert_eq!(second.receipt.cumulative_gas_used, 2 * TRANSFER_GAS);
    assert_eq!(block.progress().gas_used, 2 * TRANSFER_GAS);
    assert_eq!(block.progress().transaction_count, 2);
}

#[test]
fn cycles_are_reserved_in_full() {
    let cycles =
        must(&mut open(world(), context()), &from_alice(alices(0, TRANSFER_GAS))).execution.cycles;
    let transaction_cycles_max = 10 * cycles;
    for (spare, fits) in [(0, true), (1, false)] {
        let block_cycles_max = cycles + transaction_cycles_max - spare;
        let context = BlockContext { transaction_cycles_max, block_cycles_max, ..context() };
        let mut block = open(world(), context);
        must(&mut block, &from_alice(alices(0, TRANSFER_GAS)));
        let second = from_alice(alices(1, TRANSFER_GAS));
        if fits {
            must(&mut block, &second);
        } else {
            check_refused(&mut block, &second, &Refusal::BlockFull(Limit::Cycles));
        }
    }
}

#[test]
fn log_bytes_are_reserved_in_full() {
    let mut oracle = world();
    // LOG0 over two MiB of memory.
    contract(&mut oracle, CONTRACT, &[0x62, 0x20, 0, 0, 0x5f, 0xa0]);
    let logging = |gas_limit| {
        let to = TxKind::Call(CONTRACT);
        deposited(TxDeposit { from: BOB, to, gas_limit, ..Default::default() })
    };
    let mut block = open(oracle, context());
    for count in 1..=7 {
        let executed = must(&mut block, &logging(30_000_000));
        assert!(executed.receipt.success, "{:?}", executed.execution.outcome);
        assert_eq!(block.progress().log_bytes, count * ((2 << 20) + 20));
    }
    let left = BLOCK_LOG_BYTES_MAX - block.progress().log_bytes;
    let fits = from_alice(alices(0, left * LOG_GAS_PER_BYTE));
    let beyond = from_alice(alices(0, (left + 1) * LOG_GAS_PER_BYTE));
    check_refused(&mut block, &beyond, &Refusal::BlockFull(Limit::Logs));
    must(&mut block, &fits);
    let never = logging((BLOCK_LOG_BYTES_MAX + 1) * LOG_GAS_PER_BYTE);
    check_refused(&mut block, &never, &Refusal::TooLarge(Limit::Logs));
}

#[test]
fn no_deposit_carries_a_block_over_its_cycles() {
    let mut oracle = world();
    // Divides without end: the gas of a large deposit pays for more cycles than any budget.
    let body = [0x60, 1, 0x5f, 0x05, 0x50].repeat(400);
    contract(&mut oracle, CONTRACT, &[&[0x5b], &body[..], &[0x5f, 0x56]].concat());
    let cycles_max = 3_000_000;
    let context = BlockContext {
        transaction_cycles_max: cycles_max,
        block_cycles_max: cycles_max,
        ..context()
    };
    let deposit = TxDeposit {
        from: BOB,
        to: TxKind::Call(CONTRACT),
        gas_limit: 50_000_000,
        ..Default::default()
    };
    let mut block = open(oracle, context);
    let executed = must(&mut block, &deposited(deposit));
    assert!(!executed.receipt.success);
    assert_eq!(block.progress().cycles_used, cycles_max);
}

/// A deposit with this much data whose encoding costs exactly `rlp_size` of the block. It cannot
/// run with so little gas, and is in the block all the same.
fn deposit_of_size(rlp_size: usize) -> Transaction {
    let with_data = |length: usize| {
        deposited(TxDeposit {
            from: BOB,
            to: TxKind::Call(ALICE),
            gas_limit: 30_000,
            input: vec![0; length].into(),
            ..Default::default()
        })
    };
    let size_of = |transaction: &Transaction| {
        transaction.envelope().encode_2718_len() + TRANSACTION_RLP_OVERHEAD
    };
    let length = rlp_size - size_of(&with_data(rlp_size / 2)) + rlp_size / 2;
    let transaction = (length - 4..=length + 4).map(with_data).find(|tx| size_of(tx) == rlp_size);
    transaction.unwrap()
}

#[test]
fn size_at_the_limit_and_one_beyond() {
    let size_max = BLOCK_RLP_SIZE_MAX - BLOCK_RLP_OVERHEAD;
    let mut block = open(world(), context());
    check_refused(&mut block, &deposit_of_size(size_max + 1), &Refusal::TooLarge(Limit::Size));
    let largest = deposit_of_size(size_max);
    let executed = must(&mut block, &largest);
    assert_eq!(block.progress().rlp_size, size_max);
    assert_block_fits(block.context(), &[largest], &[executed.receipt]);
    let transfer = from_alice(alices(0, TRANSFER_GAS));
    check_refused(&mut block, &transfer, &Refusal::BlockFull(Limit::Size));

    let transfer_size = transfer.envelope().encode_2718_len() + TRANSACTION_RLP_OVERHEAD;
    for (spare, fits) in [(0, true), (1, false)] {
        let mut block = open(world(), context());
        must(&mut block, &deposit_of_size(size_max - transfer_size + spare));
        if fits {
            must(&mut block, &transfer);
        } else {
            check_refused(&mut block, &transfer, &Refusal::BlockFull(Limit::Size));
        }
    }
}

/// The block's real encoding is within EIP-7934's limit.
fn assert_block_fits(context: &BlockContext, transactions: &[Transaction], receipts: &[Receipt]) {
    let mut header = seal(
        context,
        transactions_root(&transactions.iter().collect::<Vec<_>>()),
        &receipts.iter().collect::<Vec<_>>(),
        B256::repeat_byte(1),
    );
    header.extra_data = vec![1; 32].into();
    let mut list = Vec::new();
    let encoded: Vec<Bytes> = transactions.iter().map(Transaction::encoded).collect();
    encoded.encode(&mut list);
    // Besides header and transactions: the empty lists of ommers and withdrawals, the list prefix.
    let size = header.length() + list.len() + 2 + 9;
    assert!(size <= BLOCK_RLP_SIZE_MAX, "{size}");
}

#[test]
fn an_invalid_transaction_leaves_no_trace() {
    let mut block = open(world(), context());
    must(&mut block, &from_alice(alices(0, TRANSFER_GAS)));
    let cases = [
        alices(0, TRANSFER_GAS),
        alices(2, TRANSFER_GAS),
        alices(1, TRANSFER_GAS - 1),
        TxEip1559 { value: U256::MAX, ..alices(1, TRANSFER_GAS) },
        TxEip1559 { max_fee_per_gas: 6, ..alices(1, TRANSFER_GAS) },
    ];
    for case in cases {
        let before = block.progress();
        advance(&mut block);
        let result = block.execute(&from_alice(case.clone())).unwrap();
        assert!(matches!(result, Err(Refusal::Invalid(_))), "{case:?}: {result:?}");
        assert_eq!(block.progress(), before);
        assert!(block.take_diff().is_empty());
    }
}

#[test]
fn a_known_list_stops_at_the_first_refusal() {
    let transactions = [from_alice(alices(0, TRANSFER_GAS)), from_alice(alices(7, TRANSFER_GAS))];
    let result = execute_block(EvmEnvironment::new(world()), &context(), &transactions);
    let Err(BlockError::Refused { index, refusal: Refusal::Invalid(_) }) = result else {
        panic!("{result:?}")
    };
    assert_eq!(index, 1);
}

#[test]
fn a_deposit_that_cannot_run_is_in_the_block_and_fails() {
    let deposit = TxDeposit {
        from: BOB,
        to: TxKind::Call(ALICE),
        mint: 3,
        value: U256::from(5),
        gas_limit: 30_000,
        ..Default::default()
    };
    let mut block = open(world(), context());
    must(&mut block, &from_alice(alices(0, TRANSFER_GAS)));
    let receipt = must(&mut block, &deposited(deposit)).receipt;
    assert_eq!((receipt.tx_type, receipt.success), (0x7e, false));
    assert_eq!(receipt.deposit_nonce, Some(0));
    assert_eq!(receipt.cumulative_gas_used, TRANSFER_GAS + 30_000);
    let account = block.take_diff().accounts[&BOB].unwrap();
    assert_eq!((account.nonce, account.balance), (1, U256::from(4)), "the mint and Alice's wei");
}

/// Stores BLOCKHASH of a block and what the history contract says of it.
fn asks_for(number: u8) -> Vec<u8> {
    let blockhash = [0x60, number, 0x40, 0x5f, 0x55];
    let call = [&[0x60, number, 0x5f, 0x52, 0x60, 32, 0x60, 32, 0x60, 32, 0x5f, 0x73][..], {
        HISTORY_STORAGE_ADDRESS.as_slice()
    }];
    // STATICCALL, then MLOAD(32) into slot 1 and success into slot 2.
    let rest = [0x5a, 0xfa, 0x60, 2, 0x55, 0x60, 32, 0x51, 0x60, 1, 0x55];
    [&blockhash[..], &call.concat(), &rest].concat()
}

#[test]
fn the_history_contract_knows_the_parents() {
    let mut oracle = world();
    contract(&mut oracle, HISTORY_STORAGE_ADDRESS, &HISTORY_STORAGE_CODE);
    contract(&mut oracle, CONTRACT, &asks_for(4));
    let hash_of = |number: u64| keccak256(number.to_be_bytes());
    for number in 1..=6 {
        let context = BlockContext { number, parent_hash: hash_of(number - 1), ..context() };
        oracle.block_hashes.insert(number - 1, context.parent_hash);
        let call =
            TxEip1559 { to: TxKind::Call(CONTRACT), value: U256::ZERO, ..alices(0, 200_000) };
        let call = from_alice(TxEip1559 { nonce: number - 1, ..call });
        let output = execute_block(EvmEnvironment::new(oracle.clone()), &context, &[call]).unwrap();
        assert!(output.receipts[0].success);
        let slot = (HISTORY_STORAGE_ADDRESS, U256::from(number - 1));
        assert_eq!(output.diff.storage[&slot], U256::from_be_bytes(context.parent_hash.0));
        // The system call is no transaction: nobody's nonce, no account of the system's.
        assert!(!output.diff.accounts.contains_key(&minster_params::constants::SYSTEM_ADDRESS));
        assert!(!output.diff.accounts.contains_key(&HISTORY_STORAGE_ADDRESS));
        assert_eq!(output.progress.transaction_count, 1);
        oracle.apply(output.diff);
        let stored = |slot: u64| oracle.state.storage.get(&(CONTRACT, U256::from(slot))).copied();
        let expected = (number > 4).then(|| U256::from_be_bytes(hash_of(4).0));
        assert_eq!(stored(0), expected, "BLOCKHASH in block {number}");
        assert_eq!(stored(1), expected, "history in block {number}");
    }
}

#[test]
fn a_chain_without_the_history_contract_runs() {
    let mut block = open(world(), context());
    assert!(block.take_diff().is_empty());
}

/// EIP-4788, EIP-7002, EIP-7251 and EIP-6110: this chain has no beacon chain to talk to.
#[test]
fn no_other_contract_is_called_by_the_system() {
    let mut oracle = world();
    let others = [
        address!("000F3df6D732807Ef1319fB7B8bB8522d0Beac02"),
        address!("00000961Ef480Eb55e80D19ad83579A64c007002"),
        address!("0000BBdDc7CE488642fb579F8B00f3a590007251"),
        address!("00000000219ab540356cBB839Cbe05303d7705Fa"),
    ];
    for other in others {
        // SSTORE(0, NUMBER)
        contract(&mut oracle, other, &[0x43, 0x5f, 0x55]);
    }
    let output = execute_block(EvmEnvironment::new(oracle), &context(), &[]).unwrap();
    assert!(output.diff.is_empty());
}

#[test]
fn the_environment_goes_on_to_the_next_block() {
    let mut block = open(world(), context());
    must(&mut block, &from_alice(alices(0, TRANSFER_GAS)));
    let (environment, progress) = block.finish();
    assert_eq!(progress.transaction_count, 1);
    let next = BlockContext { number: 6, base_fee: 50, ..context() };
    let mut block = BlockExecutor::begin(environment, next).unwrap();
    assert_eq!(block.progress(), BlockProgress::default());
    must(&mut block, &from_alice(alices(1, TRANSFER_GAS)));
    // Both blocks' fees: base fee and one wei of tip per gas.
    let spent = u128::from(TRANSFER_GAS) * (8 + 51) + 2;
    let account = block.take_diff().accounts[&ALICE].unwrap();
    assert_eq!(account.balance, U256::from(10).pow(U256::from(20)) - U256::from(spent));
}
