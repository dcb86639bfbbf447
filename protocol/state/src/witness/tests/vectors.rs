//! Frozen bytes: a change of encoding, or of what is refused, is a change of protocol.

use alloy_primitives::{B256, hex};
use serde_json::Value;

use super::accept;
use crate::{Tree, TreeKey, WitnessError, reference::Batch};

fn word(value: &Value) -> B256 {
    value.as_str().unwrap().parse().unwrap()
}

#[test]
fn encodings_match_the_vectors() {
    let text = include_str!("../../../../../spec/vectors/state-tree/witness.json");
    let cases: Vec<Value> = serde_json::from_str(text).unwrap();
    assert_eq!(cases.len(), 5);
    let batch = |value: &Value| -> Batch {
        let updates = value.as_array().unwrap().iter();
        updates.map(|update| (TreeKey::from(word(&update[0])), word(&update[1]))).collect()
    };
    for case in &cases {
        let mut tree = Tree::new();
        tree.update(&batch(&case["leaves"])).unwrap();
        assert_eq!(tree.root(), word(&case["root"]));
        let reads: Vec<TreeKey> =
            case["reads"].as_array().unwrap().iter().map(|key| word(key).into()).collect();
        let batches: Vec<Batch> = case["batches"].as_array().unwrap().iter().map(batch).collect();
        let witness = tree.witness_for(&reads, &batches).unwrap();
        assert_eq!(hex::encode_prefixed(witness.as_bytes()), case["witness"].as_str().unwrap());
        let mut partial: Tree = witness.into_tree_for(tree.root(), &reads, &batches).unwrap();
        let roots = case["roots_after"].as_array().unwrap();
        assert_eq!(roots.len(), batches.len());
        for (batch, root) in batches.iter().zip(roots) {
            partial.update(batch).unwrap();
            assert_eq!(partial.root(), word(root));
        }
    }
}

/// The rules of ST-11 whose breach this is.
fn rules(error: &WitnessError) -> &'static [u64] {
    match error {
        WitnessError::Truncated
        | WitnessError::TrailingBytes { .. }
        | WitnessError::UnknownTag { .. }
        | WitnessError::UnknownItemForm { .. } => &[1],
        WitnessError::Zero => &[2],
        WitnessError::ItemMisaligned { .. } | WitnessError::ItemOutOfOrder { .. } => &[3],
        WitnessError::TooDeep => &[4],
        WitnessError::StemOffPath { .. } => &[5],
        WitnessError::NeedlessInternal => &[6],
        WitnessError::LeafTooLow { .. } => &[8],
        WitnessError::Superfluous => &[7, 8, 9],
        WitnessError::RootMismatch { .. } => &[10],
        other => panic!("{other:?} is no breach of ST-11"),
    }
}

#[test]
fn refusals_match_the_vectors() {
    let text = include_str!("../../../../../spec/vectors/state-tree/refusals.json");
    let cases: Vec<Value> = serde_json::from_str(text).unwrap();
    assert_eq!(cases.len(), 38);
    let mut seen = Vec::new();
    for case in &cases {
        let rule = case["rule"].as_u64().unwrap();
        let bytes = hex::decode(case["witness"].as_str().unwrap()).unwrap();
        let error = accept(&bytes, word(&case["root"])).err();
        let error = error.unwrap_or_else(|| panic!("accepted: {}", case["name"]));
        assert!(rules(&error).contains(&rule), "{}: {error:?}", case["name"]);
        seen.push(rule);
    }
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen, (1..=10).collect::<Vec<_>>(), "each rule has a case");
}
