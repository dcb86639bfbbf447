mod content;
mod model;

use minster_primitives::{
    Envelope, Signature, TxDeposit,
    alloy_consensus::{Sealable, SignableTransaction, TxLegacy},
};

use self::content::content;
use super::*;
use crate::{
    PoolError,
    removals::REMOVALS_MAX,
    testing::{Draft, FEES, RICH, address},
};

fn pool() -> Pool {
    Pool::new(PoolConfig::default())
}

fn full_at(transactions_max: usize) -> Pool {
    Pool::new(PoolConfig { transactions_max, ..PoolConfig::default() })
}

fn add(pool: &mut Pool, draft: Draft) -> Result<Admission, PoolError> {
    pool.add(Entry::new(draft.build(), 0), RICH, FEES)
}

fn added(pool: &mut Pool, draft: Draft) -> B256 {
    add(pool, draft).unwrap();
    draft.build().hash()
}

fn hashes(batch: &[Arc<Transaction>]) -> Vec<B256> {
    batch.iter().map(|transaction| transaction.hash()).collect()
}

/// Adds on top of what `setup` did, and expects this text.
fn check_refused(pool: &mut Pool, draft: Draft, account: SenderAccount, expected: &str) {
    let before = pool.status();
    let error = pool.add(Entry::new(draft.build(), 0), account, FEES).unwrap_err();
    assert_eq!(error.to_string(), expected);
    assert_eq!(pool.status(), before);
}

fn account(nonce: u64, balance: u64) -> SenderAccount {
    SenderAccount { nonce, balance: U256::from(balance) }
}

#[test]
fn a_raised_minimum_holds_for_newcomers_and_never_falls_below_the_configured_one() {
    let mut pool = Pool::new(PoolConfig { tip_min_wei: 4, ..PoolConfig::default() });
    added(&mut pool, Draft::new(1, 0, 5));
    pool.raise_tip_min(6);
    let expected = "transaction gas price below minimum: gas tip cap 5, minimum needed 6";
    check_refused(&mut pool, Draft::new(1, 1, 5), RICH, expected);
    added(&mut pool, Draft::new(1, 1, 6));
    assert_eq!(pool.status().pending, 2);
    pool.raise_tip_min(0);
    assert_eq!(pool.tip_min(), 4);
    added(&mut pool, Draft::new(1, 2, 4));
}

#[test]
fn refusals_that_need_no_account_have_geths_texts() {
    let mut pool = Pool::new(PoolConfig {
        tip_min_wei: 4,
        transaction_size_max: 400,
        ..PoolConfig::default()
    });
    let draft = Draft::new(1, 0, 5);
    let size = Entry::new(draft.data_size(400).build(), 0).size;
    check_refused(
        &mut pool,
        draft.data_size(400),
        RICH,
        &format!("oversized data: transaction size {size}, limit 400"),
    );
    check_refused(
        &mut pool,
        draft.fee(4),
        RICH,
        "max priority fee per gas higher than max fee per gas",
    );
    check_refused(
        &mut pool,
        Draft::new(1, 0, 3),
        RICH,
        "transaction gas price below minimum: gas tip cap 3, minimum needed 4",
    );
    check_refused(&mut pool, Draft::new(1, u64::MAX, 5), RICH, "nonce has max value");
    let fees = FeeContext { block_gas_limit: 20_999, ..FEES };
    let error = pool.add(Entry::new(draft.build(), 0), RICH, fees).unwrap_err();
    assert_eq!(error.to_string(), "exceeds block gas limit");
    let fees = FeeContext { block_gas_limit: 21_000, ..FEES };
    assert!(pool.add(Entry::new(draft.build(), 0), RICH, fees).is_ok());
}

#[test]
fn the_size_limit_is_inclusive() {
    let draft = Draft::new(1, 0, 5).data_size(300);
    let size = Entry::new(draft.build(), 0).size;
    for (limit, fits) in [(size, true), (size - 1, false)] {
        let config = PoolConfig { transaction_size_max: limit, ..PoolConfig::default() };
        assert_eq!(add(&mut Pool::new(config), draft).is_ok(), fits);
    }
}

#[test]
fn a_deposit_is_refused() {
    let envelope = Envelope::Deposit(TxDeposit::default().seal_slow());
    let deposit = Arc::new(Transaction::from_trusted_parts(envelope, address(1)));
    let error = pool().add(Entry::new(deposit, 0), RICH, FEES).unwrap_err();
    assert_eq!(error.to_string(), "transaction type not supported");
}

#[test]
fn nonces_are_checked_against_account_and_pool() {
    let mut pool = pool();
    let draft = Draft::new(1, 4, 5);
    check_refused(&mut pool, draft, account(5, 0), "nonce too low: next nonce 5, tx nonce 4");
    let rich = |nonce| SenderAccount { nonce, ..RICH };
    pool.add(Entry::new(Draft::new(1, 5, 5).build(), 0), rich(5), FEES).unwrap();
    // The caller's view may be older than the pool's.
    check_refused(&mut pool, draft, rich(3), "nonce too low: next nonce 5, tx nonce 4");
    check_refused(&mut pool, Draft::new(1, 5, 5), rich(5), "already known");
    // One beyond the gap limit, and the limit itself.
    let gap_max = PoolConfig::default().gap_max;
    let expected = format!("nonce too high: tx nonce {}, gapped nonce 6", 7 + gap_max);
    check_refused(&mut pool, Draft::new(1, 7 + gap_max, 5), rich(5), &expected);
    assert!(add(&mut pool, Draft::new(1, 6 + gap_max, 5)).is_ok());
}

#[test]
fn the_balance_must_cover_all_of_the_senders_transactions() {
    let prefix = "insufficient funds for gas * price + value: balance";
    let mut pool = pool();
    let cost = 21_000 * 1_005 + 7;
    let draft = Draft::new(1, 0, 5).value(7);
    check_refused(
        &mut pool,
        draft,
        account(0, cost - 1),
        &format!("{prefix} {}, tx cost {cost}, overshot 1", cost - 1),
    );
    pool.add(Entry::new(draft.build(), 0), account(0, cost), FEES).unwrap();
    let second = Draft::new(1, 1, 5).value(7);
    check_refused(
        &mut pool,
        second,
        account(0, 2 * cost - 3),
        &format!("{prefix} {}, queued cost {cost}, tx cost {cost}, overshot 3", 2 * cost - 3),
    );
    pool.add(Entry::new(second.build(), 0), account(0, 2 * cost), FEES).unwrap();
    // A replacement is charged for what it costs more.
    let bump = 21_000 * 200;
    let replacement = Draft::new(1, 0, 6).fee(1_205).value(7);
    check_refused(
        &mut pool,
        replacement,
        account(0, 2 * cost + bump - 1),
        &format!(
            "{prefix} {}, queued cost {}, tx bumped {bump}, overshot 1",
            2 * cost + bump - 1,
            2 * cost
        ),
    );
    pool.add(Entry::new(replacement.build(), 0), account(0, 2 * cost + bump), FEES).unwrap();
    // An executed transaction is paid: it counts no more, also before the executor says so.
    assert_eq!(pool.take_batch(0, 1).len(), 1);
    pool.add(Entry::new(Draft::new(1, 2, 5).value(7).build(), 0), account(1, 2 * cost), FEES)
        .unwrap();
}

#[test]
fn a_cost_beyond_256_bits_is_unaffordable() {
    let draft = Draft::new(1, 0, 0).fee(u128::MAX);
    assert!(matches!(add(&mut pool(), draft).unwrap_err(), PoolError::InsufficientFunds { .. }));
}

#[test]
fn a_replacement_raises_both_caps_by_the_bump() {
    let old = Draft::new(1, 0, 100).fee(1_000);
    let cases = [
        (110, 1_100, true),
        (109, 1_100, false),
        (110, 1_099, false),
        (100, 2_000, false),
        (200, 1_000, false),
    ];
    for (tip, fee, is_accepted) in cases {
        let mut pool = pool();
        let replaced = added(&mut pool, old);
        let new = Draft::new(1, 0, tip).fee(fee);
        if is_accepted {
            let admission = add(&mut pool, new).unwrap();
            assert_eq!(admission, Admission { is_pending: true, replaced: Some(replaced) });
            assert!(pool.get(replaced).is_none());
            let by = new.build().hash();
            assert_eq!(pool.removal(replaced), Some(Removal::Replaced { by }));
            assert_eq!(hashes(&pool.take_batch(100, 9)), [by]);
        } else {
            check_refused(&mut pool, new, RICH, "replacement transaction underpriced");
        }
    }
}

#[test]
fn a_replacement_of_a_free_transaction_pays_something() {
    let mut pool = pool();
    added(&mut pool, Draft::new(1, 0, 0).fee(0));
    let text = "replacement transaction underpriced";
    check_refused(&mut pool, Draft::new(1, 0, 0).fee(0).value(1), RICH, text);
    check_refused(&mut pool, Draft::new(1, 0, 0).fee(1), RICH, text);
    assert!(add(&mut pool, Draft::new(1, 0, 1).fee(1)).is_ok());
}

#[test]
fn what_is_in_flight_cannot_be_replaced() {
    let mut pool = pool();
    let hash = added(&mut pool, Draft::new(1, 0, 5));
    assert_eq!(hashes(&pool.take_batch(100, 9)), [hash]);
    let better = Draft::new(1, 0, 500).fee(9_000);
    check_refused(&mut pool, better, RICH, "nonce too low: next nonce 1, tx nonce 0");
    pool.give_back(hash);
    assert!(add(&mut pool, better).is_ok());
}

#[test]
fn each_sender_has_a_limit() {
    let mut pool = Pool::new(PoolConfig { per_sender_max: 3, ..PoolConfig::default() });
    for nonce in 0..3 {
        added(&mut pool, Draft::new(1, nonce, 5));
    }
    check_refused(&mut pool, Draft::new(1, 3, 5), RICH, "account limit exceeded: pooled 3 txs");
    assert!(add(&mut pool, Draft::new(2, 0, 5)).is_ok());
    // A replacement takes no further place.
    assert!(add(&mut pool, Draft::new(1, 2, 500).fee(9_000)).is_ok());
}

#[test]
fn a_gap_holds_back_what_follows_until_it_closes() {
    let mut pool = pool();
    let third = added(&mut pool, Draft::new(1, 2, 9));
    let second = added(&mut pool, Draft::new(1, 1, 5));
    assert_eq!((pool.status().pending, pool.status().queued), (0, 2));
    assert!(!pool.has_runnable());
    assert_eq!(pool.pending_nonce(address(1), 0), 0);
    assert_eq!(pool.pending_nonce(address(1), 1), 3);
    assert!(pool.take_batch(100, 9).is_empty());
    let first = added(&mut pool, Draft::new(1, 0, 1));
    assert_eq!((pool.status().pending, pool.status().queued), (3, 0));
    assert_eq!(pool.pending_nonce(address(1), 0), 3);
    assert_eq!(hashes(&pool.take_batch(100, 9)), [first, second, third]);
}

#[test]
fn the_best_head_goes_first_and_ties_by_arrival() {
    let mut pool = pool();
    let low = added(&mut pool, Draft::new(1, 0, 1));
    let behind_low = added(&mut pool, Draft::new(1, 1, 99));
    let early = added(&mut pool, Draft::new(2, 0, 5));
    let late = added(&mut pool, Draft::new(3, 0, 5));
    let high = added(&mut pool, Draft::new(4, 0, 50));
    assert_eq!(hashes(&pool.take_batch(100, 2)), [high, early]);
    assert_eq!(hashes(&pool.take_batch(100, 9)), [late, low, behind_low]);
    pool.give_back(late);
    pool.give_back(early);
    assert_eq!(hashes(&pool.take_batch(100, 9)), [early, late]);
}

#[test]
fn the_base_fee_reorders_heads_and_holds_back_the_poor() {
    let mut pool = pool();
    let capped = added(&mut pool, Draft::new(1, 0, 90).fee(200));
    let steady = added(&mut pool, Draft::new(2, 0, 50).fee(900));
    assert!(pool.take_batch(1_000, 9).is_empty());
    assert!(pool.has_runnable());
    assert_eq!(hashes(&pool.take_batch(201, 9)), [steady]);
    pool.give_back(steady);
    assert_eq!(hashes(&pool.take_batch(160, 1)), [steady]);
    pool.give_back(steady);
    assert_eq!(hashes(&pool.take_batch(110, 9)), [capped, steady]);
}

#[test]
fn scores_saturate_in_order() {
    let score =
        |tip, fee, base_fee| Entry::new(Draft::new(1, 0, tip).fee(fee).build(), 0).score(base_fee);
    let half = 1_u128 << 63;
    let ascending = [
        score(0, 0, u64::MAX),
        score(0, half - 1, u64::MAX - 1),
        score(0, u128::from(u64::MAX) - 1, u64::MAX),
        score(0, u128::from(u64::MAX), u64::MAX),
        score(1, u128::MAX, u64::MAX),
        score(half - 2, u128::MAX, 0),
        score(u128::MAX, u128::MAX, 0),
    ];
    assert!(ascending.is_sorted());
    assert!(ascending[1..].is_sorted_by(|low, high| low < high));
    assert_eq!(
        ascending.map(|score| score.is_covered()),
        [false, false, false, true, true, true, true]
    );
    assert_eq!(score(half, half, 0), score(u128::MAX, u128::MAX, 0));
}

#[test]
fn a_caller_with_an_old_view_of_the_account_opens_no_gap() {
    let mut pool = pool();
    let first = added(&mut pool, Draft::new(1, 0, 5));
    assert_eq!(pool.take_batch(100, 9).len(), 1);
    pool.executed(first);
    // Nothing of the sender is left, and the caller still says nonce 0.
    check_refused(&mut pool, Draft::new(1, 0, 5), RICH, "nonce too low: next nonce 1, tx nonce 0");
    let second = added(&mut pool, Draft::new(1, 1, 5));
    assert_eq!(hashes(&pool.take_batch(100, 9)), [second]);
}

#[test]
fn a_legacy_gas_price_is_both_caps() {
    let tx = TxLegacy { gas_limit: 21_000, gas_price: 150, ..Default::default() };
    let envelope = Envelope::Legacy(tx.into_signed(Signature::test_signature()));
    let legacy = Arc::new(Transaction::from_trusted_parts(envelope, address(9)));
    let mut pool = pool();
    pool.add(Entry::new(Arc::clone(&legacy), 0), RICH, FEES).unwrap();
    let better = added(&mut pool, Draft::new(1, 0, 51));
    let worse = added(&mut pool, Draft::new(2, 0, 49));
    assert_eq!(hashes(&pool.take_batch(100, 9)), [better, legacy.hash(), worse]);
}

#[test]
fn what_is_in_flight_counts_until_it_is_executed() {
    let mut pool = pool();
    let first = added(&mut pool, Draft::new(1, 0, 5));
    let second = added(&mut pool, Draft::new(1, 1, 5));
    assert_eq!(pool.take_batch(100, 1).len(), 1);
    assert!(pool.get(first).is_some());
    assert_eq!((pool.status().pending, pool.pending_nonce(address(1), 0)), (2, 2));
    pool.executed(first);
    assert!(pool.get(first).is_none() && pool.removal(first).is_none());
    assert_eq!((pool.status().pending, pool.pending_nonce(address(1), 1)), (1, 2));
    assert_eq!(hashes(&pool.take_batch(100, 9)), [second]);
    pool.executed(second);
    assert_eq!(pool.status(), PoolStatus::default());
    assert_eq!(pool.pending_nonce(address(1), 2), 2);
}

#[test]
fn what_the_nonce_passed_in_flight_is_found_until_it_settles() {
    let mut pool = pool();
    let hash = added(&mut pool, Draft::new(1, 0, 5));
    let other = added(&mut pool, Draft::new(1, 1, 5));
    assert_eq!(pool.take_batch(100, 1).len(), 1);
    pool.set_nonce(address(1), 2);
    assert_eq!(pool.status(), PoolStatus::default());
    assert!(pool.get(hash).is_some() && pool.get(other).is_none());
    assert_eq!(pool.removal(other), Some(Removal::NonceUsed { next: 2 }));
    check_refused(&mut pool, Draft::new(1, 0, 5), RICH, "already known");
    pool.executed(hash);
    assert!(pool.get(hash).is_none() && pool.removal(hash).is_none());
}

#[test]
fn after_a_rejection_successors_wait_for_the_nonce() {
    let mut pool = pool();
    let first = added(&mut pool, Draft::new(1, 0, 5));
    let second = added(&mut pool, Draft::new(1, 1, 5));
    let third = added(&mut pool, Draft::new(1, 2, 5));
    assert_eq!(pool.take_batch(100, 2).len(), 2);
    pool.rejected(first, "out of luck");
    assert_eq!(pool.removal(first).unwrap().to_string(), "out of luck");
    assert_eq!((pool.status().pending, pool.status().queued), (0, 2));
    pool.give_back(second);
    assert!(pool.take_batch(100, 9).is_empty());
    let refill = added(&mut pool, Draft::new(1, 0, 6));
    assert_eq!(hashes(&pool.take_batch(100, 9)), [refill, second, third]);
}

#[test]
fn the_nonce_may_go_back_and_forth() {
    let mut pool = pool();
    let rich = SenderAccount { nonce: 5, ..RICH };
    let hash = Draft::new(1, 5, 5).build().hash();
    pool.add(Entry::new(Draft::new(1, 5, 5).build(), 0), rich, FEES).unwrap();
    pool.set_nonce(address(1), 3);
    assert_eq!((pool.status().pending, pool.status().queued), (0, 1));
    pool.set_nonce(address(1), 5);
    assert_eq!(hashes(&pool.take_batch(100, 9)), [hash]);
    pool.set_nonce(address(7), 5);
}

#[test]
fn an_addition_brings_the_account_nonce() {
    let mut pool = pool();
    let stale = added(&mut pool, Draft::new(1, 0, 5));
    let kept = added(&mut pool, Draft::new(1, 2, 5));
    let rich = SenderAccount { nonce: 2, ..RICH };
    pool.add(Entry::new(Draft::new(1, 3, 5).build(), 0), rich, FEES).unwrap();
    assert_eq!(pool.removal(stale), Some(Removal::NonceUsed { next: 2 }));
    assert_eq!((pool.status().pending, pool.status().queued), (2, 0));
    assert_eq!(hashes(&pool.take_batch(100, 1)), [kept]);
}

#[test]
fn a_full_pool_evicts_the_worst_tail_for_a_better_newcomer() {
    let mut pool = full_at(4);
    let kept = added(&mut pool, Draft::new(1, 0, 1));
    added(&mut pool, Draft::new(1, 1, 90));
    added(&mut pool, Draft::new(2, 0, 30));
    let worst = added(&mut pool, Draft::new(3, 0, 20));
    check_refused(&mut pool, Draft::new(4, 0, 20), RICH, "txpool is full");
    let newcomer = added(&mut pool, Draft::new(4, 0, 21));
    // Not the one with tip 1, before which a gap would open.
    assert_eq!(pool.removal(worst), Some(Removal::Evicted));
    assert!(pool.get(kept).is_some() && pool.get(newcomer).is_some());
}

#[test]
fn what_cannot_execute_is_evicted_first_and_displaces_nothing_that_can() {
    let mut pool = full_at(3);
    let gapped = added(&mut pool, Draft::new(1, 5, 99));
    let poor = added(&mut pool, Draft::new(2, 0, 60).fee(99));
    added(&mut pool, Draft::new(3, 0, 2));
    added(&mut pool, Draft::new(4, 0, 1));
    assert_eq!(pool.removal(poor), Some(Removal::Evicted));
    added(&mut pool, Draft::new(5, 0, 1));
    assert_eq!(pool.removal(gapped), Some(Removal::Evicted));
    check_refused(&mut pool, Draft::new(6, 3, 999), RICH, "txpool is full");
    check_refused(&mut pool, Draft::new(6, 0, 60).fee(99), RICH, "txpool is full");
}

#[test]
fn a_newcomer_never_evicts_its_own_predecessor_nor_what_is_in_flight() {
    let mut pool = full_at(2);
    added(&mut pool, Draft::new(1, 0, 1));
    let other = added(&mut pool, Draft::new(2, 0, 3));
    assert_eq!(hashes(&pool.take_batch(100, 1)), [other]);
    check_refused(&mut pool, Draft::new(1, 1, 50), RICH, "txpool is full");
    pool.give_back(other);
    added(&mut pool, Draft::new(1, 1, 50));
    assert_eq!(pool.removal(other), Some(Removal::Evicted));
    // A later nonce of its own may go, even all that the sender has.
    let mut pool = full_at(1);
    let later = added(&mut pool, Draft::new(1, 5, 99));
    let first = added(&mut pool, Draft::new(1, 0, 1));
    assert_eq!(pool.removal(later), Some(Removal::Evicted));
    assert_eq!(hashes(&pool.take_batch(100, 9)), [first]);
}

#[test]
fn bytes_are_bounded_and_a_refused_newcomer_evicts_nothing() {
    let small = |sender, tip| Draft::new(sender, 0, tip);
    let size = Entry::new(small(1, 5).build(), 0).size;
    let config = PoolConfig { bytes_max: 3 * size, ..PoolConfig::default() };
    let mut pool = Pool::new(config);
    for (sender, tip) in [(1, 5), (2, 50), (3, 6)] {
        added(&mut pool, small(sender, tip));
    }
    assert_eq!(pool.status().bytes, 3 * size);
    // Needs three places, of which only two are cheaper.
    let large = Draft::new(4, 0, 20).data_size(2 * size);
    check_refused(&mut pool, large, RICH, "txpool is full");
    assert_eq!(content(&pool).len(), 3);
    added(&mut pool, Draft::new(4, 0, 60).data_size(size / 2));
    assert_eq!(content(&pool).keys().copied().collect::<Vec<_>>(), [address(2), address(4)]);
}

#[test]
fn one_newcomer_displaces_only_so_many() {
    let senders = EVICTIONS_PER_ADD_MAX as u8 + 1;
    let draft = |sender| Draft::new(sender, 0, 5);
    let size = Entry::new(draft(1).build(), 0).size;
    let bytes_max = size * usize::from(senders);
    let mut pool = Pool::new(PoolConfig { bytes_max, ..PoolConfig::default() });
    for sender in 0..senders {
        added(&mut pool, draft(sender));
    }
    let of_size = |target: usize| {
        let sized = (1..).map(|data_size| Draft::new(200, 0, 9).data_size(data_size));
        let mut fitting = sized.skip_while(|draft| Entry::new(draft.build(), 0).size < target);
        fitting.next().unwrap()
    };
    let limit = EVICTIONS_PER_ADD_MAX * size;
    check_refused(&mut pool, of_size(limit + 1), RICH, "txpool is full");
    added(&mut pool, of_size(limit));
    assert_eq!(pool.status().pending, 2);
}

#[test]
fn old_transactions_expire_unless_in_flight() {
    let mut pool = Pool::new(PoolConfig { lifetime_ms: 100, ..PoolConfig::default() });
    let mut at = |draft: Draft, now_ms| {
        pool.add(Entry::new(draft.build(), now_ms), RICH, FEES).unwrap();
        draft.build().hash()
    };
    let taken = at(Draft::new(1, 0, 9), 0);
    let old = at(Draft::new(2, 0, 5), 10);
    let young = at(Draft::new(2, 1, 5), 20);
    assert_eq!(hashes(&pool.take_batch(100, 1)), [taken]);
    assert_eq!(pool.expire(109), 0);
    assert_eq!(pool.expire(110), 1);
    assert_eq!(pool.removal(old), Some(Removal::Expired));
    assert!(pool.get(taken).is_some() && pool.get(young).is_some());
    assert_eq!((pool.status().pending, pool.status().queued), (1, 1));
    pool.give_back(taken);
    assert_eq!(pool.expire(120), 2);
    assert_eq!(pool.status(), PoolStatus::default());
}

#[test]
fn expiry_works_in_bounded_steps() {
    let mut pool = Pool::new(PoolConfig { lifetime_ms: 0, ..PoolConfig::default() });
    let count = EXPIRY_STEPS_MAX as u64 + 3;
    for nonce in 0..count {
        added(&mut pool, Draft::new(1, nonce, 5));
    }
    assert_eq!(pool.expire(0), EXPIRY_STEPS_MAX);
    assert_eq!(pool.expire(0), 3);
}

#[test]
fn removals_are_remembered_in_bounds() {
    let mut removals = Removals::default();
    let hash = |index: usize| B256::from(U256::from(index));
    for index in 0..=REMOVALS_MAX {
        removals.record(hash(index), Removal::Expired);
        removals.record(hash(index), Removal::Evicted);
    }
    assert_eq!(removals.get(&hash(0)), None);
    assert_eq!(removals.get(&hash(1)), Some(&Removal::Evicted));
    assert_eq!(removals.get(&hash(REMOVALS_MAX)), Some(&Removal::Evicted));
}

#[test]
fn a_readmitted_transaction_is_not_reported_as_removed() {
    let mut pool = pool();
    let hash = added(&mut pool, Draft::new(1, 0, 5));
    pool.rejected(hash, "not now");
    assert!(pool.removal(hash).is_some());
    added(&mut pool, Draft::new(1, 0, 5));
    assert_eq!(pool.removal(hash), None);
    let unknown = B256::repeat_byte(1);
    pool.rejected(unknown, "never seen");
    pool.executed(unknown);
    pool.give_back(unknown);
    assert_eq!(pool.removal(unknown), None);
}

#[test]
fn dead_items_do_not_pile_up() {
    let mut pool = full_at(2);
    added(&mut pool, Draft::new(1, 0, 1));
    assert_eq!(pool.take_batch(u64::MAX, 1).len(), 0);
    let mut tip = 10;
    for _ in 0..60 {
        tip += tip / 9 + 1;
        for sender in 0..100 {
            let _ = add(&mut pool, Draft::new(sender, 0, tip).fee(tip * 2));
        }
    }
    assert!(pool.heads.len() + pool.tails.len() < 5_000);
}
