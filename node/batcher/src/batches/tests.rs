use super::*;

fn state(sealed: u64) -> State {
    State::new(sealed, 0, Shelf::new(0, u64::MAX), Capacity::new(1))
}

#[test]
fn the_first_unproven_batch_is_next_and_a_failing_one_lets_others_pass() {
    let now = Instant::now();
    let mut state = state(3);
    assert_eq!(state.next(now), Some(1));
    let retry_at = now + Duration::from_secs(1);
    state.failures.insert(1, Failure { attempts: 1, reason: String::new(), retry_at });
    assert_eq!(state.next(now), Some(2));
    state.prove(2);
    assert_eq!((state.first_unproven, state.is_proven(2)), (1, true));
    assert_eq!(state.next(now), Some(3));
    assert_eq!(state.next(retry_at), Some(1));
    state.prove(1);
    assert_eq!((state.first_unproven, state.proven_ahead.len()), (3, 0));
    state.prove(3);
    assert_eq!(state.next(now), None);
}

#[test]
fn nothing_far_behind_a_failing_batch_is_tried() {
    let now = Instant::now();
    let mut state = state(PROVING_WINDOW * 2);
    for batch in 1..=PROVING_WINDOW {
        let retry_at = now + RETRY_FIRST;
        state.failures.insert(batch, Failure { attempts: 1, reason: String::new(), retry_at });
    }
    assert_eq!(state.next(now), Some(PROVING_WINDOW + 1));
    state.prove(PROVING_WINDOW + 1);
    assert_eq!(state.next(now), None);
}
