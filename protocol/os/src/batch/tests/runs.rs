//! What is true is proven.

use alloy_primitives::U256;

use super::*;

/// Input of a contract: one word.
fn word(number: u64) -> Vec<u8> {
    U256::from(number).to_be_bytes_vec()
}

/// BLOCKHASH answers with the hash of the parent, and of blocks of the same batch and before it.
#[test]
fn block_hashes_come_from_the_history() {
    let mut chain = Chain::new();
    let mut hashes = vec![chain.header.hash_slow()];
    let slot = keys::storage_key::<minster_state::SoftwareBlake3>(chain::HASHES, U256::ZERO);
    for number in 1..=4_u64 {
        for back in 1..=number {
            let call = Written { input: word(number - back), ..Written::call(0, 0, chain::HASHES) };
            let (input, end) = chain.range(vec![chain.block(0, vec![call.signed()])]);
            assert_eq!(run(&input).unwrap().after, end.commitment.hash());
            let known = hashes[usize::try_from(number - back).unwrap()];
            assert_eq!(end.tree.get(&slot).unwrap(), Some(known), "{back} before {number}");
        }
        chain = chain.range(vec![chain.block(0, vec![])]).1;
        hashes.push(chain.header.hash_slow());
    }
    // Within one batch.
    let call = Written { input: word(5), ..Written::call(0, 0, chain::HASHES) };
    let blocks = vec![chain.block(0, vec![]), chain.block(1, vec![call.signed()])];
    let (input, end) = chain.range(blocks);
    assert_eq!(run(&input).unwrap().after, end.commitment.hash());
    let mut middle = chain.clone();
    middle.extend(vec![chain.block(0, vec![])]);
    assert_eq!(end.tree.get(&slot).unwrap(), Some(middle.header.hash_slow()));
}

/// Every word of a commitment that follows from its parent and its blocks.
#[test]
fn the_commitment_names_what_was_run() {
    let chain = Chain::new();
    let (mut input, end) = chain.range(story(&chain));
    let claim = run(&input).unwrap();
    let found = &end.commitment;
    assert_eq!((claim.before, claim.after), (chain.commitment.hash(), found.hash()));
    let expected = Commitment {
        version: PROTOCOL_VERSION,
        parent: claim.before,
        chain_id: 1337,
        config_hash: chain.config.hash(),
        number: 1,
        parent_block_hash: chain.header.hash_slow(),
        last_block_hash: end.header.hash_slow(),
        first_block: 1,
        last_block: 3,
        first_timestamp: 1_001,
        last_timestamp: 1_003,
        old_state_root: chain.header.state_root,
        new_state_root: end.tree.root(),
        pubdata_length: found.pubdata_length,
        pubdata_hash: found.pubdata_hash,
        blobs: found.blobs.clone(),
        ..Commitment::default()
    };
    assert_eq!(*found, expected);
    assert_eq!(found.blobs.len(), 1);
    // The operator's choices are words of the commitment.
    let batch = &mut input.batches[0];
    batch.fee_recipient = rich(9);
    let other = run(&input).unwrap();
    assert_eq!(other.before, claim.before);
    let paid = Commitment { fee_recipient: rich(9), ..expected };
    assert_eq!(other.after, paid.hash());
}

/// Pubdata is everything to go on from: the tree that it makes of the old one has the new root.
#[test]
fn the_pubdata_continues_the_chain() {
    let chain = Chain::new();
    let blocks = story(&chain);
    let mut oracle = chain.oracle();
    let ran = run_blocks(&chain.config, &chain.header, &blocks, &mut oracle, &Names).unwrap();
    let bytes = ran.pubdata(&chain.tree).unwrap();
    let read = pubdata::decode(&chain.tree, &bytes).unwrap();
    let mut tree = chain.tree.clone();
    let updates: Vec<_> = read.updates.into_iter().collect();
    tree.update(&updates).unwrap();
    assert_eq!(tree.root(), oracle.tree.root());
    assert_eq!(read.codes, [Bytes::from_static(&[0x30, 0xff])]);
    assert_eq!(alloy_rlp::decode_exact::<Header>(&read.header).unwrap(), ran.header);
}

#[test]
fn a_batch_has_from_one_to_the_most_blocks() {
    let chain = Chain::new();
    let empty = |count: u64| (0..count).map(|later| chain.block(later, vec![])).collect::<Vec<_>>();
    let most = u64::try_from(BATCH_BLOCKS_MAX).unwrap();
    let (mut input, end) = chain.range(empty(most));
    assert_eq!(run(&input).unwrap().after, end.commitment.hash());
    assert_eq!(end.header.number, most);
    for count in [0, most + 1] {
        input.batches[0].blocks = empty(count);
        let count = usize::try_from(count).unwrap();
        assert!(
            matches!(refused(&input), BatchError::BlockCount { count: found } if found == count)
        );
    }
    input.batches.clear();
    assert!(matches!(refused(&input), BatchError::EmptyRange));
}

/// A range claims what its batches claim one after the other.
#[test]
fn a_range_is_its_batches() {
    let start = Chain::new();
    let mut chain = start.clone();
    let first = chain.extend(story(&chain));
    let middle = chain.clone();
    let second = chain.extend(vec![chain.block(5, vec![Written::pay(0, 2, rich(3)).signed()])]);
    let both = run(&start.input(vec![first.clone(), second.clone()])).unwrap();
    let one = run(&start.input(vec![first])).unwrap();
    let other = run(&middle.input(vec![second])).unwrap();
    assert_eq!((one.before, one.after), (both.before, other.before));
    assert_eq!((both.after, chain.commitment.hash()), (other.after, other.after));
    assert_eq!(chain.commitment.first_block, 4);
}
