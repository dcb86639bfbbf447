use minster_batch::Commitment;
use minster_primitives::Header;

use super::*;
use crate::{SealReason, store::Sealing};

fn head(first_block: u64, last_block: u64, cycles: u64) -> BatchHead {
    let commitment = Commitment { first_block, last_block, ..Default::default() };
    let sealing = Sealing { transactions: 1, cycles, reason: SealReason::Age, sealed_at_ms: 0 };
    BatchHead::new(commitment, Header::default(), sealing)
}

fn cost(transactions: u64, cycles: u64) -> BlockCost {
    BlockCost { transactions, cycles: BLOCK_CYCLES + cycles, pubdata_max: 0 }
}

#[test]
fn what_is_in_no_batch_is_counted_but_for_empty_blocks_at_the_end() {
    let mut unbatched = Unbatched::after(10);
    assert_eq!((unbatched.next(), unbatched.cycles()), (11, 0));
    unbatched.add(&cost(0, 0));
    unbatched.add(&cost(0, 0));
    assert_eq!(unbatched.cycles(), 0);
    unbatched.add(&cost(1, 5));
    assert_eq!(unbatched.cycles(), 3 * BLOCK_CYCLES + 5);
    unbatched.add(&cost(2, 7));
    unbatched.add(&cost(0, 0));
    assert_eq!(unbatched.cycles(), 4 * BLOCK_CYCLES + 12);
    // Blocks 11 to 13.
    unbatched.sealed(&head(11, 13, 5));
    assert_eq!(unbatched.cycles(), BLOCK_CYCLES + 7);
    // Up to the empty block at the end, and beyond what was counted.
    unbatched.sealed(&head(14, 15, 7));
    assert_eq!((unbatched.next(), unbatched.cycles()), (16, 0));
    unbatched.sealed(&head(16, 20, 7));
    assert_eq!((unbatched.next(), unbatched.cycles()), (21, 0));
}

#[test]
fn a_batch_costs_more_than_its_transactions() {
    assert_eq!(work_of(&head(4, 6, 9)), 9 + 3 * BLOCK_CYCLES + BATCH_CYCLES);
}

#[test]
fn before_the_first_proof_the_rate_is_assumed() {
    let capacity = Capacity::new(1_000);
    assert_eq!(capacity.time_for(5_000), Duration::from_secs(5));
    assert_eq!(Capacity::new(0).time_for(7), Duration::from_secs(7));
}

#[test]
fn long_proofs_count_more_than_short_ones_and_old_ones_fade() {
    let mut capacity = Capacity::new(1);
    capacity.proved(1_000, 1_000);
    assert_eq!(capacity.time_for(1_000), Duration::from_secs(1));
    capacity.proved(99_000, 9_000);
    let rate = capacity.rate();
    assert!((9_900.0..10_100.0).contains(&rate), "{rate}");
    for _ in 0..8 {
        capacity.proved(0, 0);
    }
    assert!((capacity.rate() - rate).abs() < 1e-6);
    for _ in 0..40 {
        capacity.proved(500, 1_000);
    }
    assert!((450.0..1_000.0).contains(&capacity.rate()), "{}", capacity.rate());
    capacity.proved(u64::MAX, 0);
    assert!(capacity.time_for(u64::MAX) < Duration::MAX);
}

#[test]
fn a_batch_takes_as_long_as_it_may() {
    let minute = Duration::from_secs(60);
    assert_eq!(Capacity::new(100_000).batch_cycles(minute), 6_000_000);
    assert_eq!(Capacity::new(1).batch_cycles(minute), BATCH_CYCLES_FLOOR);
    assert_eq!(Capacity::new(u64::MAX).batch_cycles(Duration::MAX), u64::MAX);
}

#[test]
fn eight_proofs_halve() {
    assert!((DECAY.powi(8) - 0.5).abs() < 1e-12);
}
