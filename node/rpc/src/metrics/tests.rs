use jsonrpsee::server::Methods;

use super::*;
use crate::{RpcConfig, error::SERVER_ERROR};

fn asked() -> Asked {
    Asked::new(["eth_call", "eth_chainId"].into_iter())
}

#[test]
fn outcomes_are_told_by_the_code_of_the_error() {
    let asked = asked();
    let codes = [None, None, Some(SERVER_ERROR), Some(LIMIT_EXCEEDED), Some(INTERNAL_ERROR_CODE)];
    for code in codes {
        asked.start("eth_call").end(code);
    }
    let (name, method) = asked.methods().next().unwrap();
    assert_eq!(name, "eth_call");
    assert_eq!(Outcome::ALL.map(|outcome| method.count(outcome)), [2, 1, 1, 1]);
    assert_eq!(method.latency().counts().total(), 5);
    assert_eq!(asked.methods().count(), 1, "nobody asked for the other one");
}

#[test]
fn names_that_users_make_up_are_counted_as_one() {
    let asked = asked();
    for index in 0..1_000 {
        asked.start(&format!("eth_{index}")).end(Some(-32_601));
    }
    let (name, method) = asked.methods().next().unwrap();
    assert_eq!((name, method.count(Outcome::Refused)), (UNKNOWN, 1_000));
    assert_eq!(asked.methods().count(), 1);
}

#[test]
fn what_is_open_is_counted_while_it_is() {
    let config = RpcConfig { connections_max: 1, ..RpcConfig::default() };
    let shared = Shared::new(Methods::new(), &config, None);
    let metrics = RpcMetrics::new(Arc::clone(&shared), Clients::new(&config));
    let address = "10.0.0.1".parse().unwrap();
    let connection = metrics.clients.connect(address).unwrap();
    assert!(metrics.clients.connect(address).is_none());
    assert_eq!((metrics.connections(), metrics.connections_refused()), (1, 1));
    let mut place = Arc::clone(&shared.subscriptions).part(connection.key());
    place.grow(2).unwrap();
    assert_eq!(metrics.subscriptions(), 2);
    drop((place, connection));
    assert_eq!((metrics.connections(), metrics.connections_refused()), (0, 1));
    assert_eq!(metrics.subscriptions(), 0);
}
