use super::*;

fn gate(running: usize, waiting: usize, timeout_ms: u64) -> Gate {
    Gate::new(&RpcConfig {
        calls_running_max: running,
        calls_waiting_max: waiting,
        call_timeout_ms: timeout_ms,
        ..RpcConfig::default()
    })
}

#[tokio::test]
async fn those_beyond_the_queue_are_refused() {
    let gate = gate(1, 1, 5_000);
    let (release, released) = std::sync::mpsc::channel::<()>();
    let first = gate.run(move || {
        let _ = released.recv();
        Ok(1)
    });
    let second = gate.run(|| Ok(2));
    let third = async {
        tokio::task::yield_now().await;
        let refused = gate.run(|| Ok(3)).await;
        drop(release);
        refused
    };
    let (first, second, third) = tokio::join!(first, second, third);
    assert_eq!((first.unwrap(), second.unwrap()), (1, 2));
    assert!(matches!(third, Err(ApiError::Busy { running: 1, waiting: 1 })));
}

#[tokio::test]
async fn a_thread_counts_until_its_end() {
    let gate = gate(1, 0, 50);
    let (release, released) = std::sync::mpsc::channel::<()>();
    let slow = gate.run(move || {
        let _ = released.recv();
        Ok(())
    });
    assert!(matches!(slow.await, Err(ApiError::Timeout { timeout_ms: 50 })));
    assert!(matches!(gate.run(|| Ok(())).await, Err(ApiError::Timeout { .. })));
    drop(release);
    gate.run(|| Ok(())).await.unwrap();
}

#[tokio::test]
async fn a_panic_is_an_internal_error() {
    let panicked = gate(1, 0, 5_000).run(|| -> Result<(), _> { panic!("a bug") }).await;
    assert!(matches!(panicked, Err(ApiError::Internal { .. })));
}
