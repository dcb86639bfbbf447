use super::*;
use crate::testing::{Draft, FEES, RICH, address};

fn pool() -> Mempool {
    Mempool::new(PoolConfig::default())
}

#[test]
fn waiting_ends_at_the_timeout_or_at_once_with_work() {
    let pool = pool();
    assert!(!pool.wait_for_work(Duration::from_millis(5)));
    pool.add(Draft::new(1, 1, 5).build(), RICH, FEES, 0).unwrap();
    // Queued only.
    assert!(!pool.wait_for_work(Duration::from_millis(5)));
    pool.add(Draft::new(1, 0, 5).build(), RICH, FEES, 0).unwrap();
    assert!(pool.wait_for_work(Duration::MAX));
    // A transaction that the base fee keeps waiting is work all the same: the fee may have fallen.
    assert!(pool.take_batch(u64::MAX, 9).is_empty());
    assert!(pool.wait_for_work(Duration::MAX));
    assert_eq!(pool.take_batch(100, 9).len(), 2);
    assert!(!pool.wait_for_work(Duration::ZERO));
}

#[test]
fn whatever_makes_work_wakes_the_executor() {
    let first = Draft::new(1, 0, 5).build();
    let second = Draft::new(1, 1, 5).build();
    let wakers: [&(dyn Fn(&Mempool) + Sync); 3] = [
        &|pool| drop(pool.add(Arc::clone(&first), RICH, FEES, 0)),
        &|pool| pool.state_changed(address(1), 1),
        &|pool| pool.give_back(Draft::new(2, 0, 5).build().hash()),
    ];
    for waker in wakers {
        let pool = pool();
        pool.add(Draft::new(2, 0, 5).build(), RICH, FEES, 0).unwrap();
        assert_eq!(pool.take_batch(100, 9).len(), 1);
        pool.add(Arc::clone(&second), RICH, FEES, 0).unwrap();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| pool.wait_for_work(Duration::from_secs(20)));
            std::thread::sleep(Duration::from_millis(20));
            waker(&pool);
            assert!(waiting.join().unwrap());
        });
    }
}

#[test]
fn a_sleep_ends_when_it_is_asked_to() {
    let pool = pool();
    pool.wake();
    assert!(!pool.wait_for_work(Duration::MAX), "asked before it began");
    let started = std::time::Instant::now();
    assert!(!pool.wait_for_work(Duration::from_millis(5)));
    assert!(started.elapsed() >= Duration::from_millis(5), "asked once, woken once");
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| pool.wait_for_work(Duration::MAX));
        std::thread::sleep(Duration::from_millis(20));
        pool.wake();
        assert!(!waiting.join().unwrap());
    });
}

#[test]
fn threads_add_while_one_executes() {
    const SENDERS: u8 = 4;
    const EACH: u64 = 500;
    let pool = pool();
    let mut executed = vec![0; usize::from(SENDERS)];
    std::thread::scope(|scope| {
        for sender in 0..SENDERS {
            let pool = &pool;
            scope.spawn(move || {
                for nonce in 0..EACH {
                    pool.add(Draft::new(sender, nonce, 5).build(), RICH, FEES, 0).unwrap();
                }
            });
        }
        let mut left = usize::from(SENDERS) * EACH as usize;
        while left > 0 {
            assert!(pool.wait_for_work(Duration::from_secs(20)));
            for transaction in pool.take_batch(100, 64) {
                let sender = usize::from(transaction.sender().0[0]);
                let expected = Draft::new(sender as u8, executed[sender], 5).build();
                assert_eq!(transaction.hash(), expected.hash());
                executed[sender] += 1;
                left -= 1;
                pool.executed([transaction.hash()]);
            }
        }
    });
    assert_eq!(pool.status(), PoolStatus::default());
}

/// The journal tells of slice 5 when slice 6 has already been applied.
#[test]
fn a_nonce_told_late_opens_no_gap() {
    let pool = pool();
    let applied = |nonce| SenderAccount { nonce, ..RICH };
    pool.add(Draft::new(1, 5, 5).build(), applied(5), FEES, 0).unwrap();
    pool.add(Draft::new(1, 6, 5).build(), applied(5), FEES, 0).unwrap();
    assert_eq!(pool.take_batch(100, 9).len(), 2);
    // Admitted against the applied state, in which both have run.
    pool.add(Draft::new(1, 7, 5).build(), applied(7), FEES, 0).unwrap();
    pool.nonce_reached(address(1), 6);
    pool.executed([Draft::new(1, 6, 5).build().hash()]);
    assert_eq!(pool.pending_nonce(address(1), 7), 8);
    assert_eq!(pool.take_batch(100, 9).len(), 1);
    // Upwards it counts: whatever is below has been overtaken.
    pool.add(Draft::new(2, 0, 5).build(), RICH, FEES, 0).unwrap();
    pool.nonce_reached(address(2), 1);
    assert!(pool.get(Draft::new(2, 0, 5).build().hash()).is_none());
}

#[test]
fn those_that_come_together_are_judged_one_after_the_other() {
    let known = Draft::new(1, 0, 5).build();
    let list = [
        Arc::clone(&known),
        Draft::new(1, 1, 5).build(),
        known,
        Draft::new(2, 3, 5).build(),
        Draft::new(1, 2, 5).build(),
    ];
    let (together, alone) = (pool(), pool());
    let answers = together.add_all(list.iter().cloned().map(|one| (one, RICH)), FEES, 0);
    let one_by_one = list.iter().map(|one| alone.add(Arc::clone(one), RICH, FEES, 0));
    assert_eq!(answers, one_by_one.collect::<Vec<_>>());
    assert_eq!(answers.iter().filter(|answer| answer.is_err()).count(), 1);
    assert_eq!(together.status(), alone.status());
    assert_eq!(together.take_batch(100, 9).len(), 3);
}
