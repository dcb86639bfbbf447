use alloy_primitives::{Address, B256};
use serde_json::{Value, json};

use super::{filter::LogFilter, *};
use crate::{
    read::FromJson,
    testing::{block, dynamic, log},
};

const ONE: u8 = 0x01;
const TWO: u8 = 0x02;
const THREE: u8 = 0x03;

fn criteria(filter: Value) -> Criteria {
    let filter = serde_json::value::to_raw_value(&filter).unwrap();
    Criteria::new(LogFilter::from_json(&filter).unwrap(), &RpcConfig::default()).unwrap()
}

/// Indices of the logs that a filter finds among (address 1, topic 1), (address 1, topic 2),
/// (address 2, topic 1), in two transactions.
fn found(filter: Value) -> Vec<String> {
    let log = |address, topic| log(Address::repeat_byte(address), B256::repeat_byte(topic));
    let block = block(vec![
        (dynamic(0, 0), 1, vec![log(ONE, ONE)]),
        (dynamic(1, 0), 1, Vec::new()),
        (dynamic(2, 0), 1, vec![log(ONE, TWO), log(TWO, ONE)]),
    ]);
    let criteria = criteria(filter);
    let piece = look(&criteria, &block, Cursor::default());
    assert!(piece.next.is_none());
    let logs = json!(piece.logs);
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
        // Two topics are asked for, whatever the second is.
        (json!({"topics": [null, null]}), vec![]),
        (json!({"topics": [topic(ONE), null]}), vec![]),
        (json!({"topics": [topic(ONE), []]}), vec![]),
        (json!({"topics": [[null, topic(TWO)]]}), vec!["0x0", "0x1", "0x2"]),
        (json!({"address": []}), vec!["0x0", "0x1", "0x2"]),
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
        (BlockParameter::Earliest, 2),
    ];
    for (parameter, expected) in cases {
        assert_eq!(number(parameter, 2, 9), expected);
    }
}

#[test]
fn a_block_is_looked_at_piece_by_piece() {
    let many = |count| vec![log(Address::ZERO, B256::ZERO); count];
    let logs = [PIECE_STEPS, 0, 3, 2 * PIECE_STEPS].map(many);
    let total: usize = logs.iter().map(Vec::len).sum();
    let block = block(logs.into_iter().map(|logs| (dynamic(0, 0), 1, logs)).collect());
    for (filter, expected) in [(json!({}), total), (json!({"address": Address::ZERO}), total)] {
        let criteria = criteria(filter);
        let (mut found, mut pieces, mut next) = (Vec::new(), 0, Some(Cursor::default()));
        while let Some(cursor) = next {
            let piece = look(&criteria, &block, cursor);
            // No more of them than their memory allows.
            assert!(piece.logs.len() <= PIECE_BYTES / LOG_BYTES, "{}", piece.logs.len());
            found.extend(piece.logs);
            (next, pieces) = (piece.next, pieces + 1);
        }
        assert!(pieces > total * LOG_BYTES / PIECE_BYTES);
        let found = json!(found);
        let indices = found.as_array().unwrap().iter().map(|log| log["logIndex"].clone());
        let expected = (0..expected).map(|index| json!(format!("{index:#x}")));
        assert!(indices.eq(expected));
    }
    // Nothing is found, and still it is done in pieces.
    let values: Vec<_> = (1..40).map(Address::with_last_byte).collect();
    let piece = look(&criteria(json!({"address": values})), &block, Cursor::default());
    assert!(piece.logs.is_empty() && piece.next.is_some());
}
