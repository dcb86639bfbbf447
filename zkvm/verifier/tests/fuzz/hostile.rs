//! The most memory that a part can make its reader take.

use minster_verifier::{SEGMENT_SIZE_MAX, encode_head, encode_output, encode_segment};

use crate::engine::{measured, report};
use crate::honest::honest;
use crate::inputs::{MEMORY_BASE, MEMORY_FACTOR};
use crate::tree::Node;

/// Calls `visit` with the path to every list of a tree: of lists in lists, of the first one only.
fn lists(node: &Node, path: &mut Vec<usize>, visit: &mut impl FnMut(&[usize])) {
    let children: &[Node] = match node {
        Node::List(nodes) => {
            visit(path);
            &nodes[..nodes.len().min(1)]
        }
        Node::Parts(nodes) => nodes,
        Node::Choice(Some(node)) => std::slice::from_ref(node),
        _ => &[],
    };
    for (index, child) in children.iter().enumerate() {
        path.push(index);
        lists(child, path, visit);
        path.pop();
    }
}

fn at<'a>(node: &'a mut Node, path: &[usize]) -> &'a mut Node {
    let Some((first, rest)) = path.split_first() else { return node };
    match node {
        Node::List(nodes) | Node::Parts(nodes) => at(&mut nodes[*first], rest),
        Node::Choice(Some(node)) => at(node, rest),
        _ => node,
    }
}

/// Every list of a proof in turn is filled with as many zeros as a part may have: empty lists of
/// lists, absent options, elements. And every list claims to have 2^64 - 1 elements.
fn fill_lists(step: usize) {
    let tree = &honest().proofs[0].trees[0];
    let mut paths = Vec::new();
    lists(tree, &mut Vec::new(), &mut |path| paths.push(path.to_vec()));
    assert!(paths.len() > 20, "{} lists", paths.len());
    let mut peak = 0;
    for path in paths.into_iter().step_by(step) {
        let mut edited = tree.clone();
        *at(&mut edited, &path) = Node::List(vec![Node::Raw(vec![0]); SEGMENT_SIZE_MAX]);
        let mut filled = edited.to_bytes();
        filled.truncate(SEGMENT_SIZE_MAX);
        let claim = [[0xff; 9].as_slice(), &[1]].concat();
        *at(&mut edited, &path) = Node::Raw(claim);
        for part in [filled, edited.to_bytes()] {
            let block = encode_segment(&part).expect("within the limit");
            let bytes = [encode_head(), block, encode_output(&[]).expect("short")].concat();
            let (refused, cost) = measured(|| honest().key().verify(&bytes).is_err());
            assert!(refused, "ACCEPTED: {path:?}");
            let memory_max = MEMORY_FACTOR * bytes.len() + MEMORY_BASE;
            assert!(cost.peak <= memory_max, "{cost:?} for {} bytes at {path:?}", bytes.len());
            peak = peak.max(cost.peak);
        }
    }
    report(&format!("hostile lists: at most {} KiB for one part", peak >> 10));
}

#[test]
fn lists_take_memory_in_proportion_to_their_bytes() {
    fill_lists(7);
}

#[test]
#[ignore = "a minute"]
fn long_run_lists_take_memory_in_proportion_to_their_bytes() {
    fill_lists(1);
}
