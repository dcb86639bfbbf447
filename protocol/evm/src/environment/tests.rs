//! What these tests share: a small state, transactions, and code in bytes.

mod accounts;
mod deposits;
#[cfg(feature = "simulation")]
mod inspecting;
mod metering;
mod precompiles;
mod touching;

use alloy_primitives::{Address, B256, Bytes, KECCAK256_EMPTY, Signature, TxKind, U256, keccak256};
use minster_primitives::{
    Account, Envelope, StateDiff, Transaction,
    alloy_consensus::{SignableTransaction, TxEip1559},
};
use revm::bytecode::opcode as op;

use super::*;
use crate::{BlockContext, L1Origin, MapOracle};

const ALICE: Address = Address::repeat_byte(0xa1);
const BOB: Address = Address::repeat_byte(0xb0);
const CONTRACT: Address = Address::repeat_byte(0xc0);
const OTHER: Address = Address::repeat_byte(0xd0);
const VAULT: Address = Address::repeat_byte(0xfe);
const ETHER: u128 = 1_000_000_000_000_000_000;
const GAS: u64 = 300_000;
const BASE_FEE: u64 = 7;
const TIP: u64 = 1;

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
        transaction_cycles_max: u64::MAX,
        block_cycles_max: u64::MAX,
    }
}

/// A state in which Alice has ten ether.
fn world(contracts: &[(Address, Vec<u8>)]) -> MapOracle {
    let mut oracle = MapOracle::default();
    let alice = Account { balance: U256::from(10 * ETHER), ..Account::default() };
    oracle.state.accounts.insert(ALICE, Some(alice));
    for (address, code) in contracts {
        let code_hash = keccak256(code);
        let account = Account { nonce: 1, balance: U256::ZERO, code_hash };
        oracle.state.accounts.insert(*address, Some(account));
        oracle.state.codes.insert(code_hash, code.clone().into());
    }
    oracle
}

fn alices(kind: TxKind, value: u128, input: Vec<u8>) -> TxEip1559 {
    TxEip1559 {
        chain_id: 1337,
        gas_limit: GAS,
        max_fee_per_gas: 100,
        max_priority_fee_per_gas: TIP.into(),
        to: kind,
        value: U256::from(value),
        input: input.into(),
        ..Default::default()
    }
}

/// Execution never looks at a signature.
fn from_alice(tx: TxEip1559) -> Transaction {
    let envelope = Envelope::Eip1559(tx.into_signed(Signature::test_signature()));
    Transaction::from_trusted_parts(envelope, ALICE)
}

fn call(to: Address, value: u128, input: Vec<u8>) -> Transaction {
    from_alice(alices(TxKind::Call(to), value, input))
}

fn create(value: u128, init_code: Vec<u8>) -> Transaction {
    from_alice(alices(TxKind::Create, value, init_code))
}

type Ran = (Execution, StateDiff);

fn try_run(
    oracle: MapOracle,
    context: &BlockContext,
    transaction: &Transaction,
) -> (Result<Execution, ExecutionError<core::convert::Infallible>>, StateDiff) {
    let mut environment = EvmEnvironment::new(oracle);
    environment.set_block(context);
    let result = environment.execute(transaction);
    let changed = changed(&environment.take_changes());
    let diff = environment.take_diff();
    assert_eq!((&changed.accounts, &changed.storage), (&diff.accounts, &diff.storage));
    assert!(changed.codes.keys().eq(diff.codes.keys()));
    (result, diff)
}

/// What these changes come to, each going on where the one before it left; codes by their lengths.
fn changed(changes: &[Change]) -> StateDiff {
    let mut diff = StateDiff::default();
    for change in changes {
        match *change {
            Change::Account { address, before, after } => {
                let known = diff.accounts.insert(address, after);
                assert!(before != after && known.is_none_or(|known| known == before));
            }
            Change::Slot { address, slot, before, after } => {
                assert_ne!(before, after);
                assert_eq!(diff.storage.insert((address, slot), after), None);
            }
            Change::Code { code_hash, size } => {
                diff.codes.insert(code_hash, vec![0; size].into());
            }
        }
    }
    diff
}

fn run(oracle: MapOracle, context: &BlockContext, transaction: &Transaction) -> Ran {
    let (result, diff) = try_run(oracle, context, transaction);
    (result.unwrap(), diff)
}

/// Code in pieces.
fn code(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

fn push(value: u64) -> Vec<u8> {
    let mut out = vec![op::PUSH8];
    out.extend_from_slice(&value.to_be_bytes());
    out
}

fn push_address(address: Address) -> Vec<u8> {
    let mut out = vec![op::PUSH20];
    out.extend_from_slice(address.as_slice());
    out
}

fn sstore(slot: u64, value: u64) -> Vec<u8> {
    code(&[&push(value), &push(slot), &[op::SSTORE]])
}

/// CALL with the first `input` bytes of memory; success is left on the stack.
fn call_op(target: Address, value: u64, input: u64, gas: u64) -> Vec<u8> {
    let target = push_address(target);
    let rest = [push(0), push(0), push(input), push(0), push(value)].concat();
    code(&[&rest, &target, &push(gas), &[op::CALL]])
}

fn self_destruct(heir: Address) -> Vec<u8> {
    code(&[&push_address(heir), &[op::SELFDESTRUCT]])
}

/// MSTOREs up to 32 bytes of code right-aligned in word 0, then a tail that uses them.
fn with_code_in_memory(inner: &[u8], tail: impl Fn(u64, u64) -> Vec<u8>) -> Vec<u8> {
    assert!((1..=32).contains(&inner.len()));
    let width = u8::try_from(inner.len()).unwrap();
    let offset = 32 - u64::from(width);
    let push_inner = [&[op::PUSH0 + width], inner].concat();
    code(&[&push_inner, &push(0), &[op::MSTORE], &tail(offset, width.into())])
}

/// Init code that deploys up to 32 bytes.
fn deploys(runtime: &[u8]) -> Vec<u8> {
    with_code_in_memory(runtime, |offset, size| code(&[&push(size), &push(offset), &[op::RETURN]]))
}

/// CREATE of up to 32 bytes of init code; the address is left on the stack.
fn create_op(value: u64, init_code: &[u8]) -> Vec<u8> {
    with_code_in_memory(init_code, |offset, size| {
        code(&[&push(size), &push(offset), &push(value), &[op::CREATE]])
    })
}

fn balance(state: &StateDiff, address: Address) -> U256 {
    state.accounts.get(&address).copied().flatten().unwrap_or_default().balance
}
