use minster_batch::Commitment;
use minster_primitives::Header;
use minster_storage::{Storage, StorageConfig, directory::Identity};

use super::*;
use crate::{BatchHead, BatcherConfig, SealReason, store::Sealing};

const SECOND: Duration = Duration::from_secs(1);

fn loan(since: Instant) -> Loan {
    let proving = Proving { batch: 1, cycles: 0, cycles_total: 0, since };
    let id = LoanId::random().unwrap();
    Loan { id, proving, heard: since, time_max: LOAN_MAX, upload: None }
}

/// Batches of so much work each, at one core's rate.
fn batches(count: u64, cycles: u64) -> Batches {
    let identity = Identity { chain_id: 1, genesis_hash: [0; 32] };
    let storage = Storage::open(StorageConfig { root: None, identity }).unwrap();
    let config = BatcherConfig { rate_assumed: 150_000, ..BatcherConfig::default() };
    let batches = Batches::open(&storage, &config).unwrap();
    let mut parent = Commitment::default();
    for number in 1..=count {
        let commitment = Commitment {
            number,
            parent: parent.hash(),
            first_block: number,
            last_block: number,
            ..Commitment::default()
        };
        let (transactions, reason, sealed_at_ms) = (1, SealReason::Age, 0);
        let sealing = Sealing { transactions, cycles, reason, sealed_at_ms };
        let head = BatchHead::new(commitment.clone(), Header::default(), sealing);
        batches.seal(&head, b"an input").unwrap();
        parent = commitment;
    }
    batches
}

#[test]
fn a_silent_borrower_loses_its_batch_and_a_slow_one_too_in_the_end() {
    let since = Instant::now();
    let mut loan = loan(since);
    assert!(loan.is_live(since) && loan.is_live(since + LOAN_SILENCE_MAX - SECOND));
    assert!(!loan.is_live(since + LOAN_SILENCE_MAX));
    loan.heard = since + LOAN_MAX - SECOND;
    assert!(loan.is_live(since + LOAN_MAX - SECOND));
    assert!(!loan.is_live(since + LOAN_MAX));
    // What is being handed in or verified is not made twice meanwhile.
    loan.upload = Some(1);
    assert!(loan.is_live(since + 2 * LOAN_MAX));
}

#[test]
fn a_lost_batch_is_free_again() {
    let since = Instant::now();
    let mut loans = Loans::new();
    loans.current.insert(1, loan(since));
    assert!(loans.is_lent(1, since) && !loans.is_lent(2, since));
    assert_eq!(
        (loans.count(since), loans.proving(1, since).map(|proving| proving.batch)),
        (1, Some(1))
    );
    let later = since + LOAN_SILENCE_MAX;
    assert!(!loans.is_lent(1, later));
    assert_eq!((loans.count(later), loans.proving(1, later)), (0, None));
}

/// A block that costs 8 G cycle-equivalents takes one core 15 hours, and is never split.
#[test]
fn a_large_batch_is_lent_as_long_as_it_takes() {
    let now = Instant::now();
    for (cycles, hours) in [(8_000_000_000, 59), (1_000, 0)] {
        let batches = batches(1, cycles);
        let lent = batches.lend_at(now).unwrap().unwrap();
        let mut state = batches.state();
        let is_live_after = |state: &mut State, time: Duration| {
            let loan = state.loans.current.get_mut(&lent.batch).unwrap();
            loan.heard = now + time;
            loan.is_live(now + time)
        };
        let hour = 3_600 * SECOND;
        assert!(is_live_after(&mut state, (hours * hour).max(hour - SECOND)));
        assert!(!is_live_after(&mut state, (hours + 1) * hour));
    }
}

/// Whoever stalls and borrows again gets something else, and the node proves the batch itself.
#[test]
fn a_batch_that_came_back_is_the_nodes_own_first() {
    let now = Instant::now();
    let lent = |batches: &Batches, now| batches.lend_at(now).unwrap().map(|lent| lent.batch);
    let own = |batches: &Batches| batches.next_job(Duration::ZERO).unwrap().map(|job| job.batch);
    let reason = |batches: &Batches| batches.get(1).unwrap().unwrap().failure.unwrap().reason;
    let later = now + LOAN_SILENCE_MAX;
    let silent = batches(2, 1_000);
    assert_eq!(lent(&silent, now), Some(1));
    assert_eq!((lent(&silent, later), lent(&silent, later)), (Some(2), None));
    assert!(reason(&silent).contains("nothing for 60 s"), "{}", reason(&silent));
    assert_eq!(own(&silent), Some(1));

    // Somebody who renews for an hour pays with minutes.
    let late = batches(1, 1_000);
    let Lent { loan, .. } = late.lend_at(now).unwrap().unwrap();
    let end = now + LOAN_MAX;
    late.state().loans.live(1, loan, now).unwrap().heard = end - SECOND;
    assert_eq!((lent(&late, end), lent(&late, end + 449 * SECOND)), (None, None));
    assert!(reason(&late).contains("no proof after 3600 s"), "{}", reason(&late));
    assert!(!late.renew(1, loan, 1, 2) && !late.give_back(1, loan));
    assert_eq!(lent(&late, end + 450 * SECOND), Some(1), "nobody else has it");

    let given_back = batches(1, 1_000);
    let Lent { loan, .. } = given_back.lend_at(now).unwrap().unwrap();
    assert!(given_back.give_back(1, loan));
    assert_eq!(lent(&given_back, Instant::now()), None);
    assert!(reason(&given_back).contains("gave it back"), "{}", reason(&given_back));
    assert_eq!(own(&given_back), Some(1));
}

#[test]
fn the_pause_grows_with_each_failure() {
    let batches = batches(1, 1_000);
    let mut now = Instant::now();
    for seconds in [1, 2, 4, 8, 16] {
        let Lent { loan, .. } = batches.lend_at(now).unwrap().unwrap();
        let mut state = batches.state();
        assert_eq!(state.loans.current[&1].id, loan);
        state.end_loan(1, "a test".into(), now);
        drop(state);
        assert_eq!(batches.lend_at(now + seconds * SECOND - SECOND / 2).unwrap(), None);
        now += seconds * SECOND;
    }
}
