use proptest::prelude::*;

use super::*;

const LIMITS: CutLimits = CutLimits {
    cycles_max: 100,
    pubdata_max: 100,
    blocks_max: 5,
    age_idle: Duration::from_secs(2),
    age_max: Duration::from_secs(60),
};

fn cost(transactions: u64, cycles: u64, pubdata_max: u64) -> BlockCost {
    BlockCost { transactions, cycles, pubdata_max }
}

#[test]
fn without_a_transaction_nothing_is_ever_due() {
    let start = Instant::now();
    let mut cutter = Cutter::new(LIMITS);
    for _ in 0..3 {
        cutter.push(cost(0, 1, 1), start);
    }
    assert_eq!(cutter.deadline(true), None);
    assert_eq!(cutter.due(start + Duration::from_secs(1_000_000), true), None);
    assert!(!cutter.has_transactions());
}

#[test]
fn the_age_counts_from_the_first_transaction_and_is_shorter_for_an_idle_prover() {
    let start = Instant::now();
    let after = |seconds| start + Duration::from_secs(seconds);
    let mut cutter = Cutter::new(LIMITS);
    cutter.push(cost(0, 1, 1), start);
    cutter.push(cost(1, 1, 1), after(1));
    cutter.push(cost(1, 1, 1), after(2));
    assert_eq!(cutter.due(after(2), true), None);
    assert_eq!(cutter.due(after(3), true), Some(SealReason::Age));
    assert_eq!(cutter.due(after(60), false), None);
    assert_eq!(cutter.due(after(61), false), Some(SealReason::Age));
}

#[test]
fn each_limit_ends_a_batch_before_the_block_that_is_too_much() {
    let now = Instant::now();
    let mut cutter = Cutter::new(LIMITS);
    // A block above every limit is a batch alone.
    assert_eq!(cutter.fits(&cost(9, 1_000, 1_000)), Ok(()));
    cutter.push(cost(1, 60, 10), now);
    assert_eq!(cutter.fits(&cost(1, 40, 90)), Ok(()));
    assert_eq!(cutter.fits(&cost(1, 41, 90)), Err(SealReason::Cycles));
    assert_eq!(cutter.fits(&cost(1, 40, 91)), Err(SealReason::Pubdata));
    for _ in 0..4 {
        cutter.push(cost(0, 0, 0), now);
    }
    assert_eq!(cutter.fits(&cost(0, 0, 0)), Err(SealReason::Blocks));
}

proptest! {
    /// Whatever comes: no limit is exceeded but by a block alone.
    #[test]
    fn batches_keep_their_limits(
        costs in prop::collection::vec((0..3u64, 0..150u64, 0..150u64), 1..60),
    ) {
        let now = Instant::now();
        let mut cutter = Cutter::new(LIMITS);
        for (transactions, cycles, pubdata) in costs {
            let cost = cost(transactions, cycles, pubdata);
            if cutter.fits(&cost).is_err() {
                prop_assert!(cutter.blocks > 0);
                cutter = Cutter::new(LIMITS);
            }
            cutter.push(cost, now);
            let sum = cutter.sum;
            prop_assert!(cutter.blocks <= LIMITS.blocks_max);
            let is_alone = cutter.blocks == 1;
            prop_assert!(is_alone || sum.cycles <= LIMITS.cycles_max);
            prop_assert!(is_alone || sum.pubdata_max <= LIMITS.pubdata_max);
        }
    }
}
