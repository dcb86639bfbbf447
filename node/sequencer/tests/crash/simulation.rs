//! Whatever the disk does, and whenever: what was shown is there afterwards.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use minster_sequencer::Mining;
use minster_storage::testing::{Fault, Random, simulate};

use crate::{RECEIVER, world::World};

const FAULTS: [Fault; 3] = [Fault::Full, Fault::Broken, Fault::PowerCut];

/// Operations of the disk between two crashes of the test that crashes at each in turn; in CI there
/// is no time for all of them.
pub fn stride() -> usize {
    if std::env::var_os("MINSTER_LONG").is_some() { 1 } else { 5 }
}

/// The same life, each time with a fault one operation later, from the first start to the end of
/// the stop.
fn fail_at_every_operation(fault: Fault, mining: Mining) {
    let mut failures = 0;
    for operation in (0..).step_by(stride()) {
        let mut world = World::new(operation);
        world.random = Random::new(1);
        world.mining = mining;
        world.fail_after(operation, fault);
        if let Some(mut life) = world.start_or_fail() {
            world.live(&mut life, 12);
            if !world.end(life) {
                break;
            }
        }
        failures += 1;
        world.settle();
    }
    assert!(failures > 3, "{fault:?} {mining:?}: only {failures} failures");
}

#[test]
fn a_power_cut_at_every_operation_loses_nothing() {
    fail_at_every_operation(Fault::PowerCut, Mining::Interval);
    fail_at_every_operation(Fault::PowerCut, Mining::Instant);
}

#[test]
fn a_full_disk_at_every_operation_loses_nothing() {
    fail_at_every_operation(Fault::Full, Mining::Interval);
}

#[test]
fn a_failing_device_at_every_operation_loses_nothing() {
    fail_at_every_operation(Fault::Broken, Mining::Interval);
}

/// Many lives of one chain, each with another end.
#[test]
fn many_lives_on_a_bad_disk_lose_nothing() {
    simulate(4, Duration::from_secs(5), |seed| {
        let mut world = World::new(seed);
        for _ in 0..6 {
            let sync_time = if world.random.one_in(3) { world.random.below(5) } else { 0 };
            world.disk.slow_down(Duration::from_millis(sync_time));
            let mut life = world.start(|random| {
                let fault = FAULTS[random.below(3) as usize];
                random.one_in(3).then(|| (random.below(60), fault))
            });
            let fault = FAULTS[world.random.below(3) as usize];
            let operations = world.random.below(200);
            world.fail_after(operations, fault);
            let steps = world.random.below(30);
            world.live(&mut life, steps);
            world.end(life);
        }
        world.settle();
    });
}

/// Answers wait for the disk, and nothing piles up: while it dawdles, slices grow.
#[test]
fn a_slow_disk_delays_answers_and_loses_none() {
    const SYNC: Duration = Duration::from_millis(150);
    let mut world = World::new(0);
    world.mining = Mining::Interval;
    let mut life = world.try_start().unwrap();
    world.disk.slow_down(SYNC);
    let sent = Instant::now();
    let first = world.send(&life, 1);
    world.wait(&mut life, &first);
    assert!(sent.elapsed() >= SYNC, "a receipt came before its sync: {:?}", sent.elapsed());
    let mut hashes = Vec::new();
    while hashes.len() < 600 {
        hashes.extend(world.send(&life, 20));
    }
    world.wait(&mut life, &hashes);
    let syncs = life.running.handle().stats().snapshot().syncs.total();
    assert!(syncs < 60, "{syncs} syncs");
    world.check(&life);
    world.disk.slow_down(Duration::ZERO);
    life.running.stop().unwrap();
    world.disk.crash();
    world.settle();
}

/// Sends so many transfers one after the other while the disk makes the first one durable, each
/// when the one before is executed or has waited for a while. Returns how many were executed, and
/// how many slices they made in the end.
fn execute_during_a_sync(world: &mut World, count: usize) -> (u64, u64) {
    world.mining = Mining::Interval;
    let mut life = world.try_start().unwrap();
    let chain = Arc::clone(life.running.handle().chain());
    world.disk.slow_down(Duration::from_secs(2));
    let executed = || {
        let received = chain.state_store().account(RECEIVER).map(|account| account.balance);
        received.unwrap_or_default().to::<u64>()
    };
    let mut hashes = Vec::new();
    for _ in 0..count {
        let before = executed();
        hashes.extend(world.send(&life, 1));
        let started = Instant::now();
        while executed() == before && started.elapsed() < Duration::from_millis(100) {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
    let during = executed();
    world.hear(&mut life);
    assert_eq!(world.witness.receipts(), 0, "the first sync was over too soon");
    world.disk.slow_down(Duration::ZERO);
    world.wait(&mut life, &hashes);
    let slices = life.running.handle().stats().snapshot().slices;
    world.check(&life);
    life.running.stop().unwrap();
    (during, slices)
}

/// What takes as long as a slice may is executed while the disk dawdles; of what does not, slices
/// grow instead.
#[test]
fn execution_goes_on_for_some_slices_during_a_sync() {
    let mut world = World::new(0);
    world.slice_work = Duration::ZERO;
    let (executed, _) = execute_during_a_sync(&mut world, 10);
    assert_eq!(executed, 10);
    let (executed, slices) = execute_during_a_sync(&mut World::new(0), 10);
    assert!((2..=5).contains(&executed) && slices <= 6, "{executed} executed, {slices} slices");
}

/// After the disk is full nothing more is taken or answered, whatever was waiting; with space
/// again, everything that was answered is there.
#[test]
fn a_full_disk_ends_the_node_with_a_reason() {
    let mut world = World::new(3);
    world.mining = Mining::Interval;
    let mut life = world.try_start().unwrap();
    let hashes = world.send(&life, 5);
    world.wait(&mut life, &hashes);
    world.fail_after(0, Fault::Full);
    let unanswered = world.send(&life, 3);
    world.wait(&mut life, &unanswered);
    assert!(life.is_over() && world.witness.receipts() == 5);
    let error = life.running.stop().unwrap_err().to_string();
    assert!(error.starts_with("cannot write to ") && error.contains(".wal: "), "{error}");
    world.disk.restart();
    world.settle();
}
