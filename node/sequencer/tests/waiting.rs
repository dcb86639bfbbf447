//! What waits in the pool, and whether blocks are sealed meanwhile: the alert of a chain that
//! stands still rests on it.

mod common;

use std::{
    thread,
    time::{Duration, Instant},
};

use alloy_primitives::Address;
use minster_mempool::PoolStatus;
use minster_primitives::alloy_consensus::TxEip1559;
use minster_sequencer::{Running, StartConfig};

use common::{genesis_with, key_of, signed, transfer_to};

/// Longer than the time of a block.
const WHILE: Duration = Duration::from_millis(2_200);

#[test]
fn what_is_pending_makes_blocks_and_what_is_queued_none() {
    let key = key_of(1);
    let genesis = genesis_with([key.address()]);
    let base_fee = u128::from(genesis.config.base_fee_initial);
    let running = Running::start(&genesis, StartConfig::default()).unwrap();
    let sequencer = running.handle();
    let status = || {
        let PoolStatus { pending, queued, .. } = sequencer.pool().status();
        (pending, queued)
    };
    let number = || sequencer.chain().latest().number();
    let send = |nonce, max_fee_per_gas| {
        let transfer = transfer_to(Address::with_last_byte(200), nonce, 1);
        sequencer.submit(&signed(&key, TxEip1559 { max_fee_per_gas, ..transfer })).unwrap()
    };

    // A nonce is missing: nothing is due, and nothing happens.
    send(1, 100 * base_fee);
    thread::sleep(WHILE);
    assert_eq!((status(), number()), ((0, 1), 0));

    // Below the base fee: empty blocks lower it, and that is what blocks are due for.
    let hash = send(0, base_fee * 98 / 100);
    assert_eq!(status(), (2, 0));
    let deadline = Instant::now() + Duration::from_secs(30);
    while sequencer.chain().transaction(hash).unwrap().is_none() {
        assert!(Instant::now() < deadline, "it waits for ever");
        thread::sleep(Duration::from_millis(5));
    }
    let block = sequencer.chain().transaction(hash).unwrap().unwrap().block_number;
    assert!(block >= 2, "block {block} is the first that it could be in");
    for empty in 1..block {
        assert!(sequencer.chain().block(empty).unwrap().unwrap().items.is_empty());
    }
    running.stop().unwrap();
}
