//! What a look at the whole pool finds.

use super::*;

/// Everything, in steps of two transactions.
pub(super) fn content(pool: &Pool) -> BTreeMap<Address, SenderContent> {
    let (mut content, mut arrivals) = (BTreeMap::new(), pool.arrivals());
    while !arrivals.is_empty() {
        arrivals = pool.add_content(&mut content, arrivals, 2);
    }
    content
}

#[test]
fn content_comes_in_steps_that_end_with_a_sender() {
    let mut pool = pool();
    for (sender, nonce) in [(1, 0), (2, 0), (3, 0), (1, 1), (1, 2), (4, 0)] {
        added(&mut pool, Draft::new(sender, nonce, 5));
    }
    let mut content = BTreeMap::new();
    let rest = pool.add_content(&mut content, pool.arrivals(), 2);
    assert_eq!(content.keys().copied().collect::<Vec<_>>(), [address(1)], "three at once");
    assert_eq!(rest, 1..6);
    let rest = pool.add_content(&mut content, rest, 3);
    assert_eq!((content.len(), rest.clone()), (3, 3..6));
    let rest = pool.add_content(&mut content, rest, usize::MAX);
    assert_eq!((content.len(), rest), (4, 6..6));
    // What arrives later is of another look.
    added(&mut pool, Draft::new(5, 0, 5));
    assert!(pool.add_content(&mut content, 0..6, usize::MAX).is_empty());
    assert_eq!(content.len(), 4);
}

#[test]
fn content_parts_pending_from_queued() {
    let mut pool = pool();
    let drafts = [Draft::new(1, 0, 5), Draft::new(1, 1, 5), Draft::new(1, 3, 5)];
    for draft in drafts {
        added(&mut pool, draft);
    }
    let [first, second, fourth] = drafts.map(Draft::build);
    let expected = SenderContent { pending: vec![first, second], queued: vec![fourth] };
    assert_eq!(pool.content_from(address(1)), expected);
    assert_eq!(content(&pool), BTreeMap::from([(address(1), expected)]));
    assert_eq!(pool.content_from(address(2)), SenderContent::default());
}
