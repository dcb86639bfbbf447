//! How much the transactions of a block may return: the guest keeps it until the block ends.

mod common;

use std::{
    thread,
    time::{Duration, Instant},
};

use alloy_primitives::{Address, hex};
use minster_params::GenesisAccount;
use minster_primitives::alloy_consensus::TxEip1559;
use minster_sequencer::{Running, StartConfig};

use common::{genesis_with, key_of, signed, transfer_to};

/// Returns so many bytes: `PUSH1 0 PUSH3 0x080000 MSTORE8 PUSH3 0x080001 PUSH0 RETURN`.
const RETURNED: usize = (512 << 10) + 1;
const CODE: [u8; 13] = hex!("60006208000053620800015ff3");

#[test]
fn a_block_ends_when_its_transactions_have_returned_much() {
    let (key, contract) = (key_of(1), Address::with_last_byte(201));
    let mut genesis = genesis_with([key.address()]);
    // Nothing else ends a block before this test is over.
    genesis.config.block_time_ms = 3_600_000;
    let code = GenesisAccount { code: CODE.into(), ..GenesisAccount::default() };
    genesis.accounts.insert(contract, code);
    let running = Running::start(&genesis, StartConfig::default()).unwrap();
    let sequencer = running.handle();
    for nonce in 0..520 {
        let call = TxEip1559 { gas_limit: 600_000, ..transfer_to(contract, nonce, 0) };
        sequencer.submit(&signed(&key, call)).unwrap();
    }
    let deadline = Instant::now() + Duration::from_secs(120);
    while sequencer.chain().latest().number() == 0 {
        assert!(Instant::now() < deadline, "no block has ended");
        thread::sleep(Duration::from_millis(20));
    }
    let block = sequencer.chain().block(1).unwrap().unwrap();
    assert!(block.items.iter().all(|item| item.receipt.success));
    assert_eq!(block.items.len(), (256_usize << 20).div_ceil(RETURNED));
    running.stop().unwrap();
}
