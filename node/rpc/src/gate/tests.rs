use std::net::IpAddr;

use super::*;
use crate::accept::ClientKey;

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
    let first = gate.run(None, move || {
        let _ = released.recv();
        Ok(1)
    });
    let second = gate.run(None, || Ok(2));
    let third = async {
        tokio::task::yield_now().await;
        let refused = gate.run(None, || Ok(3)).await;
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
    let slow = gate.run(None, move || {
        let _ = released.recv();
        Ok(())
    });
    assert!(matches!(slow.await, Err(ApiError::Timeout { timeout_ms: 50 })));
    assert!(matches!(gate.run(None, || Ok(())).await, Err(ApiError::Timeout { .. })));
    drop(release);
    gate.run(None, || Ok(())).await.unwrap();
}

#[tokio::test]
async fn one_client_leaves_half_to_the_others() {
    let gate = gate(4, 4, 5_000);
    let client = |address: &str| Some(ClientKey::from(address.parse::<IpAddr>().unwrap()));
    let (one, two) = (client("10.0.0.1"), client("10.0.0.2"));
    let (release, released) = std::sync::mpsc::channel::<()>();
    let released = Arc::new(Mutex::new(released));
    let blocked = (0..4).map(|_| {
        let released = Arc::clone(&released);
        gate.run(one, move || {
            let _ = released.lock().recv();
            Ok(())
        })
    });
    let other = async {
        tokio::task::yield_now().await;
        // Two run and two wait.
        assert!(matches!(gate.run(one, || Ok(())).await, Err(ApiError::Busy { .. })));
        gate.run(two, || Ok(())).await.unwrap();
        drop(release);
    };
    let (all, ()) = tokio::join!(futures::future::join_all(blocked), other);
    assert!(all.iter().all(Result::is_ok));
    assert!(gate.shares.lock().is_empty());
    gate.run(one, || Ok(())).await.unwrap();
}

#[tokio::test]
async fn a_panic_is_an_internal_error() {
    let panicked = gate(1, 0, 5_000).run(None, || -> Result<(), _> { panic!("a bug") }).await;
    assert!(matches!(panicked, Err(ApiError::Internal { .. })));
}
