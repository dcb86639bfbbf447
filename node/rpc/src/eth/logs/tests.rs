use alloy_primitives::{Address, B256};
use serde_json::{Value, json};

use super::*;
use crate::testing::{block, dynamic, log};

const ONE: u8 = 0x01;
const TWO: u8 = 0x02;
const THREE: u8 = 0x03;

/// Indices of the logs that a filter finds among (address 1, topic 1), (address 1, topic 2),
/// (address 2, topic 1), in two transactions.
fn found(filter: Value) -> Vec<String> {
    let log = |address, topic| log(Address::repeat_byte(address), B256::repeat_byte(topic));
    let block = block(vec![
        (dynamic(0, 0), 1, vec![log(ONE, ONE)]),
        (dynamic(1, 0), 1, Vec::new()),
        (dynamic(2, 0), 1, vec![log(ONE, TWO), log(TWO, ONE)]),
    ]);
    let filter: Filter = serde_json::from_value(filter).unwrap();
    let logs = json!(matching(&filter, &block).collect::<Vec<_>>());
    let logs = logs.as_array().unwrap().iter();
    logs.map(|log| log["logIndex"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn addresses_and_topics() {
    let address = Address::repeat_byte;
    let topic = B256::repeat_byte;
    let cases = [
        (json!({}), vec!["0x0", "0x1", "0x2"]),
        (json!({"address": address(ONE)}), vec!["0x0", "0x1"]),
        (json!({"address": [address(ONE), address(TWO)]}), vec!["0x0", "0x1", "0x2"]),
        (json!({"address": address(THREE)}), vec![]),
        (json!({"topics": [topic(ONE)]}), vec!["0x0", "0x2"]),
        (json!({"topics": [[topic(ONE), topic(TWO)]]}), vec!["0x0", "0x1", "0x2"]),
        (json!({"topics": [null]}), vec!["0x0", "0x1", "0x2"]),
        (json!({"topics": []}), vec!["0x0", "0x1", "0x2"]),
        (json!({"topics": [null, topic(ONE)]}), vec![]),
        (json!({"topics": [topic(ONE)], "address": address(TWO)}), vec!["0x2"]),
        (json!({"topics": [topic(TWO)], "address": address(TWO)}), vec![]),
    ];
    for (filter, expected) in cases {
        assert_eq!(found(filter.clone()), expected, "{filter}");
    }
}

#[test]
fn ends_of_ranges() {
    let cases = [
        (BlockParameter::Number(3), 3),
        (BlockParameter::Latest, 9),
        (BlockParameter::Pending, 10),
        (BlockParameter::Safe, 0),
        (BlockParameter::Finalized, 0),
        (BlockParameter::Earliest, 0),
    ];
    for (parameter, expected) in cases {
        assert_eq!(number(parameter, 9), expected);
    }
}
