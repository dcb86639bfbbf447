//! Encodings computed by a program in another language, from the text of the specification.

use serde_json::Value;

use super::*;

fn bytes(value: &Value) -> Bytes {
    value.as_str().unwrap().parse().unwrap()
}

fn byte_strings(value: &Value) -> Vec<Bytes> {
    value.as_array().unwrap().iter().map(bytes).collect()
}

fn leaves(value: &Value) -> Leaves {
    let word = |value: &Value| value.as_str().unwrap().parse::<B256>().unwrap();
    let leaves = value.as_array().unwrap().iter();
    leaves.map(|leaf| (TreeKey::from(word(&leaf[0])), word(&leaf[1]))).collect()
}

#[test]
fn encodings_match_the_vectors() {
    let text = include_str!("../../../../../spec/vectors/pubdata/encodings.json");
    let cases: Vec<Value> = serde_json::from_str(text).unwrap();
    assert_eq!(cases.len(), 11);
    for case in &cases {
        let pubdata = Pubdata {
            updates: leaves(&case["updates"]),
            codes: byte_strings(&case["codes"]),
            messages: byte_strings(&case["messages"]),
            header: bytes(&case["header"]),
        };
        let found = round_trip(&tree_of(&leaves(&case["old"])), &pubdata);
        assert_eq!(Bytes::from(found), bytes(&case["pubdata"]), "{}", case["name"]);
    }
}
