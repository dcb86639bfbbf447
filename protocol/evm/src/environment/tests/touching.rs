//! What a block touches is charged once in it, to whoever touches it first.

use revm::bytecode::opcode as op;

use super::*;
use crate::cost::table;

/// Runs transactions of a block, and says what each was charged; nothing for those refused.
fn cycles(oracle: &MapOracle, transactions: &[Transaction]) -> Vec<Option<u64>> {
    let mut environment = EvmEnvironment::new(oracle.clone());
    environment.set_block(&context());
    let run = |transaction| environment.execute(transaction).ok().map(|ran| ran.cycles);
    transactions.iter().map(run).collect()
}

fn nth(nonce: u64, to: Address) -> Transaction {
    from_alice(TxEip1559 { nonce, ..alices(TxKind::Call(to), 0, vec![]) })
}

fn reader(slot: u64) -> Vec<u8> {
    code(&[&push(slot), &[op::SLOAD, op::POP, op::STOP]])
}

#[test]
fn the_first_touch_in_a_block_pays() {
    let oracle = world(&[(CONTRACT, reader(7))]);
    let ran = cycles(&oracle, &[nth(0, CONTRACT), nth(1, CONTRACT)]);
    let [Some(first), Some(second)] = ran[..] else { panic!("{ran:?}") };
    let size = reader(7).len() as u64;
    // Sender, contract and vault; sender and vault change.
    let once = 3 * table::COLD_ACCOUNT
        + 2 * table::CHANGED_ACCOUNT
        + table::COLD_SLOT
        + size * table::CODE_BYTE;
    assert_eq!(first - second, once);
}

#[test]
fn the_next_block_pays_again() {
    let mut environment = EvmEnvironment::new(world(&[(CONTRACT, reader(7))]));
    let mut run = |nonce| {
        environment.set_block(&context());
        environment.execute(&nth(nonce, CONTRACT)).unwrap().cycles
    };
    assert_eq!(run(0), run(1));
}

#[test]
fn what_is_refused_has_touched_nothing() {
    let oracle = world(&[(CONTRACT, reader(7))]);
    let alone = cycles(&oracle, &[nth(0, CONTRACT)]);
    let after = cycles(&oracle, &[nth(5, CONTRACT), nth(0, CONTRACT)]);
    assert_eq!(after, [None, alone[0]]);
}

#[test]
fn a_code_is_charged_by_its_size() {
    let with = |size: usize| {
        let runtime = [vec![op::STOP], vec![0x5b; size - 1]].concat();
        cycles(&world(&[(CONTRACT, runtime)]), &[nth(0, CONTRACT)])[0].unwrap()
    };
    assert_eq!(with(24_576) - with(1_000), 23_576 * table::CODE_BYTE);
}

#[test]
fn nothing_that_ends_a_transaction_is_free() {
    let at =
        |runtime: Vec<u8>| cycles(&world(&[(CONTRACT, runtime)]), &[nth(0, CONTRACT)])[0].unwrap();
    // An heir that nobody has seen, and memory that the last instruction lets grow.
    let size = |runtime: &[u8]| runtime.len() as u64 * table::CODE_BYTE;
    let stop = [op::STOP];
    let idle = at(stop.to_vec()) - size(&stop);
    let dies = code(&[&push(0x1234), &[op::SELFDESTRUCT]]);
    assert!(at(dies.clone()) - size(&dies) > idle + table::COLD_ACCOUNT + table::CHANGED_ACCOUNT);
    let returns = code(&[&push(1), &push(31_999), &[op::RETURN]]);
    assert!(at(returns.clone()) - size(&returns) > idle + 1_000 * table::MEMORY_WORD);
}
