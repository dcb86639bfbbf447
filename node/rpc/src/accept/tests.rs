use super::*;

fn clients(total: u32, per_address: u32) -> Arc<Clients> {
    Clients::new(&RpcConfig {
        connections_max: total,
        connections_per_address_max: per_address,
        ..RpcConfig::default()
    })
}

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[test]
fn connections_are_counted_by_address_and_together() {
    let clients = clients(3, 2);
    let (one, two) = (address("10.0.0.1"), address("10.0.0.2"));
    let first = clients.connect(one).unwrap();
    let again = first.clone();
    let second = clients.connect(one);
    assert!(second.is_some() && clients.connect(one).is_none(), "two of one address");
    let third = clients.connect(two);
    assert!(third.is_some() && clients.connect(two).is_none(), "three together");
    drop(first);
    assert!(clients.connect(two).is_none(), "a clone is the same connection");
    drop(again);
    assert!(clients.connect(two).is_some());
    drop((second, third));
    assert!(clients.connections.lock().by_client.is_empty());
    assert_eq!(clients.connections.lock().total, 0);
}

#[test]
fn one_host_is_one_client() {
    let same =
        [("10.0.0.1", "::ffff:10.0.0.1"), ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff")];
    for (one, other) in same {
        assert_eq!(ClientKey::from(address(one)), ClientKey::from(address(other)));
    }
    for (one, other) in [("10.0.0.1", "10.0.0.2"), ("2001:db8:1:2::1", "2001:db8:1:3::1")] {
        assert_ne!(ClientKey::from(address(one)), ClientKey::from(address(other)));
    }
    // The same bits.
    assert_ne!(ClientKey::from(address("0.0.0.1")), ClientKey::from(address("0:0:0:1::")));
}

#[test]
fn a_second_has_so_many_requests_and_no_more() {
    let rates = Rates::new(NonZeroU32::new(10).unwrap());
    let (one, two) = (ClientKey(1, true), ClientKey(2, true));
    let start = Instant::now();
    let asked = |key, at: Duration| rates.ask(key, start + at).is_ok();
    assert!((0..10).all(|_| asked(one, Duration::ZERO)));
    assert!(!asked(one, Duration::ZERO));
    assert!(asked(two, Duration::ZERO), "another client has its own");
    assert!(!asked(one, Duration::from_millis(99)));
    assert!(asked(one, Duration::from_millis(100)));
    assert!(!asked(one, Duration::from_millis(100)));
    assert!((0..10).all(|_| asked(one, Duration::from_secs(5))), "no more than a second is saved");
    assert!(!asked(one, Duration::from_secs(5)));
}

#[test]
fn clients_that_are_counted_are_bounded() {
    let rates = Rates::new(NonZeroU32::new(10).unwrap());
    let start = Instant::now();
    for key in 0..=CLIENTS_MAX as u64 {
        rates.ask(ClientKey(key, true), start).unwrap();
    }
    assert!(rates.full_at.lock().len() <= CLIENTS_MAX);
}
