//! Parents, configs and blocks that are not those of the chain.

use alloy_primitives::{B64, Bloom, U256};
use minster_primitives::{Encodable2718, Envelope, TxDeposit, alloy_consensus::Sealable};

use super::*;

/// Nothing is claimed from the chain's commitment.
fn check_refused(input: &RangeInput, what: &'static str) {
    let refused = refused(input);
    assert!(
        matches!(refused, BatchError::NotTheParents { what: found } if found == what),
        "{refused:?} instead of {what}"
    );
}

type HeaderLie = fn(&mut Header);

const HEADER_LIES: [HeaderLie; 21] = [
    |h| h.parent_hash = B256::repeat_byte(1),
    |h| h.ommers_hash = B256::repeat_byte(1),
    |h| h.beneficiary = rich(1),
    |h| h.state_root = B256::repeat_byte(1),
    |h| h.transactions_root = B256::repeat_byte(1),
    |h| h.receipts_root = B256::repeat_byte(1),
    |h| h.logs_bloom = Bloom::repeat_byte(1),
    |h| h.difficulty = U256::from(1),
    |h| h.number += 1,
    |h| h.gas_limit += 1,
    |h| h.gas_used += 1,
    |h| h.timestamp -= 1,
    |h| h.extra_data = vec![1].into(),
    |h| h.mix_hash = B256::repeat_byte(1),
    |h| h.nonce = B64::repeat_byte(1),
    |h| h.base_fee_per_gas = Some(7),
    |h| h.withdrawals_root = None,
    |h| h.blob_gas_used = Some(1),
    |h| h.excess_blob_gas = Some(1),
    |h| h.parent_beacon_block_root = Some(B256::repeat_byte(1)),
    |h| h.requests_hash = Some(B256::repeat_byte(1)),
];

/// Each field by itself. What the next block takes from its parent, its number and its base fee, it
/// takes from the header that the parent's commitment names.
#[test]
fn every_field_of_the_parent_header_is_bound() {
    let mut chain = Chain::new();
    chain.extend(story(&chain));
    let (input, _) = chain.range(vec![chain.block(0, vec![Written::pay(0, 2, rich(5)).signed()])]);
    let honest = run(&input).unwrap();
    for (index, lie) in HEADER_LIES.iter().enumerate() {
        let mut input = input.clone();
        lie(&mut input.parent_header);
        check_refused(&input, "last header");
        // With a commitment to the lie, it is no claim about this chain.
        input.parent.last_block_hash = input.parent_header.hash_slow();
        if let Ok(claim) = run(&input) {
            assert_ne!(claim.before, honest.before, "{index}");
            assert_ne!(claim.after, honest.after, "{index}");
        }
    }
}

type CommitmentLie = fn(&mut Commitment);

const COMMITMENT_LIES: [CommitmentLie; 32] = [
    |c| c.version = 2,
    |c| c.parent = B256::repeat_byte(1),
    |c| c.l1_chain_id = 1,
    |c| c.l1_chain_address = rich(1),
    |c| c.chain_id = 7,
    |c| c.config_hash = B256::repeat_byte(1),
    |c| c.number += 1,
    |c| c.parent_block_hash = B256::repeat_byte(1),
    |c| c.last_block_hash = B256::repeat_byte(1),
    |c| c.first_block += 1,
    |c| c.last_block += 1,
    |c| c.first_timestamp += 1,
    |c| c.last_timestamp += 1,
    |c| c.old_state_root = B256::repeat_byte(1),
    |c| c.new_state_root = B256::repeat_byte(1),
    |c| c.l1_origin_number = 1,
    |c| c.l1_origin_hash = B256::repeat_byte(1),
    |c| c.inbox_index_before = 1,
    |c| c.inbox_hash_before = B256::repeat_byte(1),
    |c| c.inbox_index_after = 1,
    |c| c.inbox_hash_after = B256::repeat_byte(1),
    |c| c.message_count = 1,
    |c| c.message_root = B256::repeat_byte(1),
    |c| c.interop_root = B256::repeat_byte(1),
    |c| c.data_mode = 1,
    |c| c.pubdata_length += 1,
    |c| c.pubdata_hash = B256::repeat_byte(1),
    |c| c.blobs.clear(),
    |c| c.blobs[0].versioned_hash = B256::repeat_byte(9),
    |c| c.blobs[0].point = U256::from(1),
    |c| c.blobs[0].value = U256::from(1),
    |c| c.fee_recipient = rich(1),
];

/// A claim names the parent that it was made for: a lie in it is another `before`.
#[test]
fn every_field_of_the_parent_is_bound() {
    let mut chain = Chain::new();
    chain.extend(story(&chain));
    let (input, _) = chain.range(vec![chain.block(0, vec![])]);
    let honest = run(&input).unwrap();
    for (index, lie) in COMMITMENT_LIES.iter().enumerate() {
        let mut input = input.clone();
        lie(&mut input.parent);
        assert_ne!(input.parent, chain.commitment, "{index}");
        match run(&input) {
            Ok(claim) => {
                assert_ne!(claim.before, honest.before, "{index}");
                assert_ne!(claim.after, honest.after, "{index}");
            }
            Err(BatchError::NotTheParents { .. } | BatchError::Witness(_)) => {}
            Err(error) => panic!("{index}: {error:?}"),
        }
    }
    for (lie, what) in [(0, "protocol version"), (4, "chain id"), (5, "chain config")] {
        let mut input = input.clone();
        COMMITMENT_LIES[lie](&mut input.parent);
        check_refused(&input, what);
    }
    let mut input = input;
    COMMITMENT_LIES[14](&mut input.parent);
    assert!(matches!(refused(&input), BatchError::Witness(WitnessError::RootMismatch { .. })));
}

#[test]
fn another_config_is_refused() {
    let chain = Chain::new();
    let (input, _) = chain.range(story(&chain));
    let lies: [fn(&mut ChainConfig); 10] = [
        |c| c.chain_id = 1,
        |c| c.block_time_ms = 2_000,
        |c| c.block_gas_limit += 1,
        |c| c.base_fee_initial += 1,
        |c| c.base_fee_min -= 1,
        |c| c.base_fee_denominator = 8,
        |c| c.elasticity = 3,
        |c| c.fee_vault = rich(1),
        |c| c.transaction_cycles_max -= 1,
        |c| c.block_cycles_max += 1,
    ];
    for lie in lies {
        let mut input = input.clone();
        lie(&mut input.config);
        check_refused(&input, "chain config");
    }
    // One that nobody can run, whatever its parent says.
    let mut input = input;
    input.config.elasticity = 0;
    input.parent.config_hash = input.config.hash();
    assert!(matches!(refused(&input), BatchError::Config(ChainConfigError::BaseFeeRule)));
}

#[test]
fn time_goes_on() {
    let chain = Chain::new();
    let (input, _) = chain.range(story(&chain));
    let start = chain.header.timestamp;
    for (block, timestamp) in [(0, start), (0, start - 1), (0, 0), (1, start + 1), (2, start + 2)] {
        let mut input = input.clone();
        input.batches[0].blocks[block].timestamp = timestamp;
        let error = refused(&input);
        assert!(matches!(error, BatchError::Timestamp { .. }), "{block}, {timestamp}: {error:?}");
    }
    // None follows the last second.
    let mut input = input;
    input.batches[0].blocks[1].timestamp = u64::MAX;
    assert!(matches!(refused(&input), BatchError::Timestamp { number: 3, .. }));
}

/// The transactions of the first block become these.
fn with(input: &RangeInput, transactions: Vec<Bytes>) -> RangeInput {
    let mut input = input.clone();
    input.batches[0].blocks[0].transactions = transactions;
    input
}

#[test]
fn only_transactions_that_may_be_there_are() {
    let chain = Chain::new();
    let (input, _) = chain.range(story(&chain));
    let deposit = Envelope::Deposit(TxDeposit { mint: 5, ..Default::default() }.seal_slow());
    let refusal = refused(&with(&input, vec![deposit.encoded_2718().into()]));
    assert!(matches!(refusal, BatchError::Deposit { number: 1, index: 0 }));

    let honest = Written::pay(0, 0, rich(30)).signed();
    let mut unsigned = honest.to_vec();
    *unsigned.last_mut().unwrap() ^= 1;
    let trailing = [&honest[..], &[0]].concat();
    for bytes in [vec![], vec![3], vec![0xff], honest[1..].to_vec(), unsigned, trailing] {
        let error = refused(&with(&input, vec![honest.clone(), bytes.clone().into()]));
        assert!(
            matches!(error, BatchError::Transaction { number: 1, index: 1, .. }),
            "{bytes:?}: {error:?}"
        );
    }
    // Twice, too early, too poor.
    let poor = Written { value: u64::MAX, ..Written::pay(0, 0, rich(30)) };
    let gap = Written::pay(0, 1, rich(30));
    for transactions in [vec![honest.clone(), honest], vec![gap.signed()]] {
        let error = refused(&with(&input, transactions));
        assert!(matches!(error, BatchError::Block { number: 1, .. }), "{error:?}");
    }
    // The rich can pay that, but not to whom the witness does not show.
    let unknown = Written { to: alloy_primitives::TxKind::Call(rich(200)), ..poor };
    let error = refused(&with(&input, vec![unknown.signed()]));
    assert!(matches!(error, BatchError::Block { number: 1, .. }), "{error:?}");
}
