use super::*;

fn loan(since: Instant) -> Loan {
    let proving = Proving { batch: 1, cycles: 0, cycles_total: 0, since };
    Loan { proving, heard: since, upload: None }
}

#[test]
fn a_silent_borrower_loses_its_batch_and_a_slow_one_too_in_the_end() {
    let since = Instant::now();
    let second = Duration::from_secs(1);
    let mut loan = loan(since);
    assert!(loan.is_live(since) && loan.is_live(since + LOAN_SILENCE_MAX - second));
    assert!(!loan.is_live(since + LOAN_SILENCE_MAX));
    loan.heard = since + LOAN_MAX - second;
    assert!(loan.is_live(since + LOAN_MAX - second));
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
