use alloc::vec;

use super::*;
use crate::SoftwareBlake3;

fn address(byte: u8) -> Address {
    Address::repeat_byte(byte)
}

/// Accounts 1 to 40, of which 7 has code and slots in its header group and out of it.
fn tree() -> Tree {
    let mut leaves = Vec::new();
    for byte in 1..=40 {
        let data = BasicData { nonce: u64::from(byte), balance: 5, code_size: 0 };
        let data = if byte == 7 { BasicData { code_size: 3, ..data } } else { data };
        let key = keys::account_key::<SoftwareBlake3>(address(byte));
        leaves.push((key, data.encode().unwrap()));
    }
    let seven = address(7);
    leaves.push((keys::code_hash_key::<SoftwareBlake3>(seven), B256::repeat_byte(0xcc)));
    for slot in [0_u64, 63, 64, 1_000] {
        let key = keys::storage_key::<SoftwareBlake3>(seven, U256::from(slot));
        leaves.push((key, B256::from(U256::from(slot + 1))));
    }
    let mut tree = Tree::new();
    tree.update(&leaves).unwrap();
    tree
}

#[test]
fn accounts_are_proven_present_and_absent() {
    let tree = tree();
    for byte in 0..=50 {
        let nodes = tree.prove_account(address(byte)).unwrap();
        let found = verify_account::<SoftwareBlake3>(tree.root(), address(byte), &nodes).unwrap();
        let expected = (1..=40).contains(&byte).then(|| ProvenAccount {
            nonce: u64::from(byte),
            balance: 5,
            code_size: if byte == 7 { 3 } else { 0 },
            code_hash: if byte == 7 { B256::repeat_byte(0xcc) } else { KECCAK256_EMPTY },
        });
        assert_eq!(found, expected, "{byte}");
        // Each node is one of ST-10's, and the first is the root.
        assert!(nodes.iter().all(|node| [0, 1, 2, 3].contains(&node[0])), "{nodes:?}");
        assert_eq!(nodes[0], [2]);
    }
}

#[test]
fn slots_are_proven_zeros_included() {
    let tree = tree();
    for (slot, expected) in
        [(0, 1), (1, 0), (63, 64), (64, 65), (65, 0), (1_000, 1_001), (9_999, 0)]
    {
        let slot = U256::from(slot);
        let nodes = tree.prove_slot(address(7), slot).unwrap();
        let found = verify_slot::<SoftwareBlake3>(tree.root(), address(7), slot, &nodes);
        assert_eq!(found, Ok(U256::from(expected)));
    }
}

#[test]
fn an_empty_tree_proves_absence() {
    let tree: Tree = Tree::new();
    let nodes = tree.prove_account(address(1)).unwrap();
    assert_eq!(nodes, vec![vec![0]]);
    let found = verify_account::<SoftwareBlake3>(B256::ZERO, address(1), &nodes);
    assert_eq!(found, Ok(None));
}

#[test]
fn a_proof_of_something_else_proves_nothing() {
    let tree = tree();
    let nodes = tree.prove_account(address(7)).unwrap();
    let verify =
        |root, address, nodes: &[Vec<u8>]| verify_account::<SoftwareBlake3>(root, address, nodes);
    assert!(verify(B256::ZERO, address(7), &nodes).is_err(), "another root");
    assert!(verify(tree.root(), address(8), &nodes).is_err(), "another account");
    let slot = tree.prove_slot(address(7), U256::ZERO).unwrap();
    assert!(verify(tree.root(), address(7), &slot).is_err(), "shows too little");
    assert!(verify(tree.root(), address(7), &[]).is_err(), "nothing");
    for index in 0..nodes.len() {
        let mut without = nodes.clone();
        without.remove(index);
        assert!(verify(tree.root(), address(7), &without).is_err(), "without node {index}");
        for byte in 0..nodes[index].len() {
            let mut changed = nodes.clone();
            changed[index][byte] ^= 1;
            assert!(verify(tree.root(), address(7), &changed).is_err(), "node {index}.{byte}");
        }
    }
}

/// No block makes such a tree; whoever reads a proof does not take that on trust.
#[test]
fn code_without_its_hash_and_a_hash_without_code_are_errors() {
    for (code_size, has_hash) in [(3, false), (0, true)] {
        let data = BasicData { nonce: 1, balance: 5, code_size };
        let mut tree = Tree::new();
        let key = keys::account_key::<SoftwareBlake3>(address(1));
        tree.update(&[(key, data.encode().unwrap())]).unwrap();
        if has_hash {
            let key = keys::code_hash_key::<SoftwareBlake3>(address(1));
            tree.update(&[(key, B256::repeat_byte(0xcc))]).unwrap();
        }
        let nodes = tree.prove_account(address(1)).unwrap();
        let result = verify_account::<SoftwareBlake3>(tree.root(), address(1), &nodes);
        assert_eq!(result, Err(ProofError::CodeHash { code_size }));
    }
}
