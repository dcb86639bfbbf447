//! Commitments computed by a program in another language, from the text of the specification.

use std::{collections::BTreeMap, fs, path::Path};

use alloy_primitives::Bytes;
use serde_json::{Map, Value};

use super::*;

/// The members of an object, each to be taken once.
struct Members(Map<String, Value>);

impl Members {
    fn of(value: Value) -> Self {
        match value {
            Value::Object(members) => Self(members),
            other => panic!("{other} is no object"),
        }
    }

    fn take(&mut self, name: &str) -> Value {
        self.0.remove(name).unwrap_or_else(|| panic!("no member {name}"))
    }

    fn text(&mut self, name: &str) -> String {
        self.take(name).as_str().unwrap().to_owned()
    }

    fn number(&mut self, name: &str) -> u64 {
        self.text(name).parse().unwrap()
    }

    fn hash(&mut self, name: &str) -> B256 {
        self.text(name).parse().unwrap()
    }

    fn bytes(&mut self, name: &str) -> Bytes {
        self.text(name).parse().unwrap()
    }

    /// Nothing is left that the test did not look at.
    fn finish(self) {
        assert!(self.0.is_empty(), "not consumed: {:?}", self.0.keys());
    }
}

fn opening(value: Value) -> BlobOpening {
    let mut members = Members::of(value);
    let opening = BlobOpening {
        versioned_hash: members.hash("versioned_hash"),
        point: members.hash("point").into(),
        value: members.hash("value").into(),
    };
    members.finish();
    opening
}

fn commitment(value: Value) -> Commitment {
    let mut members = Members::of(value);
    let blobs = match members.take("blobs") {
        Value::Array(blobs) => blobs.into_iter().map(opening).collect(),
        other => panic!("{other} is no list"),
    };
    let commitment = Commitment {
        version: members.number("version"),
        parent: members.hash("parent"),
        l1_chain_id: members.number("l1_chain_id"),
        l1_chain_address: members.text("l1_chain_address").parse().unwrap(),
        chain_id: members.number("chain_id"),
        config_hash: members.hash("config_hash"),
        number: members.number("number"),
        parent_block_hash: members.hash("parent_block_hash"),
        last_block_hash: members.hash("last_block_hash"),
        first_block: members.number("first_block"),
        last_block: members.number("last_block"),
        first_timestamp: members.number("first_timestamp"),
        last_timestamp: members.number("last_timestamp"),
        old_state_root: members.hash("old_state_root"),
        new_state_root: members.hash("new_state_root"),
        l1_origin_number: members.number("l1_origin_number"),
        l1_origin_hash: members.hash("l1_origin_hash"),
        inbox_index_before: members.number("inbox_index_before"),
        inbox_hash_before: members.hash("inbox_hash_before"),
        inbox_index_after: members.number("inbox_index_after"),
        inbox_hash_after: members.hash("inbox_hash_after"),
        message_count: members.number("message_count"),
        message_root: members.hash("message_root"),
        interop_root: members.hash("interop_root"),
        data_mode: members.number("data_mode"),
        pubdata_length: members.number("pubdata_length"),
        pubdata_hash: members.hash("pubdata_hash"),
        blobs,
        fee_recipient: members.text("fee_recipient").parse().unwrap(),
    };
    members.finish();
    commitment
}

fn check(case: Value) -> (String, B256) {
    let mut case = Members::of(case);
    let name = case.text("name");
    let commitment = commitment(case.take("commitment"));
    let rlp = case.bytes("rlp");
    assert_eq!(alloy_rlp::encode(&commitment), rlp, "{name}");
    assert_eq!(alloy_rlp::decode_exact::<Commitment>(&rlp), Ok(commitment.clone()), "{name}");
    let words = commitment.words();
    assert_eq!(words.0, case.bytes("words"), "{name}");
    assert_eq!(words.0[27 * 32..28 * 32], case.hash("blobs_word")[..], "{name}");
    let hash = case.hash("hash");
    assert_eq!((commitment.hash(), keccak256(&words.0)), (hash, hash), "{name}");
    case.finish();
    (name, hash)
}

/// Every file, every case, every member of a case.
#[test]
fn commitments_match_the_vectors() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec/vectors/batches");
    let files: Vec<_> = fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()).collect();
    assert_eq!(files, [folder.join("commitments.json")], "a file that no test reads");
    let text = fs::read_to_string(&files[0]).unwrap();
    let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
    let hashes: BTreeMap<B256, String> = cases
        .into_iter()
        .map(|case| {
            let (name, hash) = check(case);
            (hash, name)
        })
        .collect();
    // All are other commitments.
    assert_eq!(hashes.len(), 9);
}
