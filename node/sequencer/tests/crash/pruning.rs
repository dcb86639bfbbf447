//! Old blocks go while the disk fails: what is left is a chain that begins later.

use std::{
    num::NonZeroU64,
    time::{Duration, Instant},
};

use minster_sequencer::{HistoryConfig, Mining};
use minster_storage::testing::Fault;

use crate::{
    simulation::stride,
    world::{Life, World},
};

const HISTORY: HistoryConfig =
    HistoryConfig { blocks: NonZeroU64::new(6), state_blocks: NonZeroU64::new(4) };

/// Blocks of a life of the chain before anything is pruned.
const BLOCKS: u64 = 15;

/// A chain of short blocks of which nothing was pruned, because nothing was proven. Each of its
/// lives ended with a snapshot, so the older one has at least [`BLOCKS`] blocks.
fn chain(world: &mut World) {
    world.mining = Mining::Instant;
    world.history = HISTORY;
    for _ in 0..2 {
        let mut life = world.try_start().unwrap();
        for _ in 0..BLOCKS / 3 {
            let hashes = world.send(&life, 3);
            world.wait(&mut life, &hashes);
        }
        assert_eq!(life.running.handle().chain().oldest_block(), 0);
        life.running.stop().unwrap();
        world.disk.restart();
    }
}

/// Waits until all is removed that may go, or until the node stops.
fn wait(life: &Life, oldest_min: u64) {
    let deadline = Instant::now() + Duration::from_secs(20);
    // Once more than the chain says: it says so first, and what is removed goes after that.
    let mut looks = 0;
    while looks < 20 && !life.is_over() {
        assert!(Instant::now() < deadline, "nothing is removed, and the node goes on");
        if life.running.handle().chain().oldest_block() >= oldest_min {
            looks += 1;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// All that comes before the older snapshot may go, and does, a block at a time.
fn fail_at_every_operation(fault: Fault) {
    let (mut failures, mut pruned) = (0, 0);
    for operation in (0..).step_by(stride()) {
        let mut world = World::new(operation);
        chain(&mut world);
        let life = world.try_start().unwrap();
        let chain = life.running.handle().chain();
        world.fail_after(operation, fault);
        chain.set_proven_through(BLOCKS);
        wait(&life, BLOCKS);
        pruned += u64::from(chain.oldest_block() > 0);
        assert!(chain.oldest_block() <= BLOCKS);
        if !world.end(life) {
            break;
        }
        failures += 1;
        world.settle();
    }
    assert!(failures > 8 && pruned > 8, "{fault:?}: {failures} failures, {pruned} times pruned");
}

#[test]
fn a_power_cut_while_blocks_are_removed_leaves_a_chain() {
    fail_at_every_operation(Fault::PowerCut);
}

#[test]
fn a_failing_device_while_blocks_are_removed_leaves_a_chain() {
    fail_at_every_operation(Fault::Broken);
}
