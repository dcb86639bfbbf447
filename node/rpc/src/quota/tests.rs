use super::*;
use crate::accept::ClientKey;

fn client(address: &str) -> ClientKey {
    ClientKey::from(address.parse::<std::net::IpAddr>().unwrap())
}

#[test]
fn all_hold_no_more_than_it_and_each_no_more_than_half() {
    let quota = Quota::new(10);
    let [one, two, three] = ["10.0.0.1", "10.0.0.2", "10.0.0.3"].map(client);
    let mut first = Arc::clone(&quota).part(one);
    let mut again = Arc::clone(&quota).part(one);
    first.grow(3).unwrap();
    again.grow(2).unwrap();
    assert_eq!(again.grow(1), Err(Exhausted { maximum: 10 }), "half of it");
    let mut second = Arc::clone(&quota).part(two);
    second.grow(4).unwrap();
    let mut third = Arc::clone(&quota).part(three);
    assert_eq!(third.grow(2), Err(Exhausted { maximum: 10 }), "all of it");
    third.grow(1).unwrap();
    assert_eq!(quota.total(), 10);
    drop(first);
    assert_eq!(quota.total(), 7);
    third.grow(3).unwrap();
    drop((again, second, third));
    assert_eq!(quota.total(), 0);
    assert!(quota.held.lock().by_client.is_empty());
}

#[test]
fn small_messages_are_free() {
    let quota = Quota::new(2);
    let mut message = Arc::clone(&quota).message(client("10.0.0.1"));
    message.grow(SMALL_BYTES - 1).unwrap();
    message.grow(1).unwrap();
    assert_eq!(quota.total(), 0);
    message.grow(1).unwrap();
    assert_eq!(quota.total(), 1);
    assert!(message.grow(1).is_err());
    let mut other = Arc::clone(&quota).message(client("10.0.0.2"));
    other.grow(SMALL_BYTES).unwrap();
    other.grow(1).unwrap();
    drop(message);
    assert_eq!(quota.total(), 1);
}
