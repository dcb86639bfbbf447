use minster_mempool::PoolConfig;

use super::*;

fn controls() -> DevControls {
    DevControls::new(Arc::new(Mempool::new(PoolConfig::default())))
}

#[test]
fn the_clock_only_goes_on() {
    let controls = controls();
    let start = controls.now_ms();
    assert_eq!(controls.move_clock(Order::IncreaseTime { seconds: 60 }, 0), Ok(()));
    assert_eq!(controls.move_clock(Order::IncreaseTime { seconds: 30 }, 0), Ok(()));
    assert_eq!(controls.ahead_seconds(), 90);
    assert!((90_000..91_000).contains(&(controls.now_ms() - start)));
    let too_far = Err(ControlError::TooFar { maximum: AHEAD_SECONDS_MAX });
    for seconds in [AHEAD_SECONDS_MAX, u64::MAX] {
        assert_eq!(controls.move_clock(Order::IncreaseTime { seconds }, 0), too_far);
    }
    let next = |timestamp| controls.move_clock(Order::SetNextTimestamp { timestamp }, 7);
    assert_eq!(next(7), Err(ControlError::Backwards { timestamp: 7, last: 7 }));
    assert_eq!(next(u64::MAX), too_far);
    assert_eq!(controls.next_timestamp(), None);
}

#[test]
fn time_goes_on_from_the_timestamp_that_was_asked_for() {
    let controls = controls();
    let wanted = now_ms() / 1_000 + 1_000;
    controls.move_clock(Order::SetNextTimestamp { timestamp: wanted }, 1).unwrap();
    assert_eq!(controls.next_timestamp(), Some(wanted));
    assert_eq!(controls.take_next_timestamp(), Some(wanted));
    assert_eq!(controls.take_next_timestamp(), None);
    assert!((wanted..wanted + 2).contains(&(controls.now_ms() / 1_000)));
}

#[test]
fn whoever_asks_is_answered_or_told_that_nobody_came() {
    let controls = controls();
    let obeyed = Obeyed { block: 3, ahead_seconds: 5 };
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| controls.increase_time(5, Duration::from_secs(60)));
        let waiting = loop {
            if let Some(waiting) = controls.take_order() {
                break waiting;
            }
            std::thread::yield_now();
        };
        assert_eq!(waiting.order, Order::IncreaseTime { seconds: 5 });
        waiting.answer(Ok(obeyed));
        assert_eq!(asking.join().unwrap(), Ok(obeyed));
        // An executor that ends leaves nobody waiting.
        let asking = scope.spawn(|| controls.mine(None, Duration::from_secs(60)));
        while !asking.is_finished() {
            controls.forget_orders();
            std::thread::yield_now();
        }
        assert_eq!(asking.join().unwrap(), Err(ControlError::NotYet));
    });
    for _ in 0..ORDERS_MAX {
        assert_eq!(controls.mine(None, Duration::ZERO), Err(ControlError::NotYet));
    }
    let busy = Err(ControlError::Busy { maximum: ORDERS_MAX });
    assert_eq!(controls.mine(None, Duration::ZERO), busy);
}
