//! Headers recompute by other code than ours: alloy's and op-alloy's types, roots and formulas.

use alloy_consensus::{
    Receipt as PlainReceipt, ReceiptWithBloom, SignableTransaction, TxEip1559, TxEip2930, TxLegacy,
    proofs::{calculate_receipt_root, calculate_transaction_root},
};
use alloy_eips::{eip1559::BaseFeeParams, eip2718::Decodable2718};
use alloy_primitives::{Address, Log, Signature, TxKind, keccak256};
use minster_primitives::{
    Envelope, Transaction, TxDeposit, alloy_consensus::Sealable, transactions_root,
};
use op_alloy_consensus::{OpDepositReceipt, OpReceiptEnvelope, OpTxEnvelope};

use super::*;

const ORIGIN: L1Origin = L1Origin { number: 77, hash: B256::repeat_byte(0x11) };

fn context() -> BlockContext {
    let config = ChainConfig::new(1337);
    let parent = Header { number: 8, base_fee_per_gas: Some(2_000_000), ..Header::default() };
    block_context(&config, &parent, B256::repeat_byte(3), 1_234, ORIGIN)
}

fn transactions() -> Vec<Transaction> {
    let signature = Signature::test_signature();
    let to = TxKind::Call(Address::repeat_byte(5));
    let envelopes = [
        Envelope::Deposit(TxDeposit { mint: 9, to, ..Default::default() }.seal_slow()),
        Envelope::Legacy(
            TxLegacy { to, gas_price: 4, ..Default::default() }.into_signed(signature),
        ),
        Envelope::Eip2930(TxEip2930 { to, ..Default::default() }.into_signed(signature)),
        Envelope::Eip1559(TxEip1559 { to, nonce: 3, ..Default::default() }.into_signed(signature)),
    ];
    let sender = Address::repeat_byte(6);
    envelopes.map(|envelope| Transaction::from_trusted_parts(envelope, sender)).to_vec()
}

fn log(byte: u8) -> Log {
    let topics = vec![B256::repeat_byte(byte), B256::repeat_byte(byte + 1)];
    Log::new_unchecked(Address::repeat_byte(byte), topics, vec![byte; 40].into())
}

fn receipts() -> Vec<Receipt> {
    vec![
        Receipt::new(0x7e, true, 30_000, vec![log(1)], Some(4)),
        Receipt::new(0, false, 60_000, vec![], None),
        Receipt::new(1, true, 90_000, vec![log(2), log(3)], None),
        Receipt::new(2, true, 120_000, vec![log(1)], None),
    ]
}

fn op_receipt(receipt: &Receipt) -> OpReceiptEnvelope {
    let inner = PlainReceipt {
        status: receipt.success.into(),
        cumulative_gas_used: receipt.cumulative_gas_used,
        logs: receipt.logs.clone(),
    };
    let plain: ReceiptWithBloom<_> = inner.clone().into();
    match receipt.tx_type {
        0 => OpReceiptEnvelope::Legacy(plain),
        1 => OpReceiptEnvelope::Eip2930(plain),
        2 => OpReceiptEnvelope::Eip1559(plain),
        _ => OpReceiptEnvelope::Deposit(
            OpDepositReceipt {
                inner,
                deposit_nonce: receipt.deposit_nonce,
                deposit_receipt_version: Some(1),
            }
            .into(),
        ),
    }
}

fn refs<T>(items: &[T]) -> Vec<&T> {
    items.iter().collect()
}

fn root(transactions: &[Transaction]) -> B256 {
    transactions_root(&refs(transactions))
}

#[test]
fn roots_and_bloom_recompute_by_op_alloy() {
    let (transactions, receipts) = (transactions(), receipts());
    let header = seal(&context(), root(&transactions), &refs(&receipts), B256::repeat_byte(9));
    let op_transactions: Vec<_> = transactions
        .iter()
        .map(|tx| OpTxEnvelope::decode_2718(&mut tx.encoded().as_ref()).unwrap())
        .collect();
    assert_eq!(header.transactions_root, calculate_transaction_root(&op_transactions));
    let op_receipts: Vec<_> = receipts.iter().map(op_receipt).collect();
    assert_eq!(header.receipts_root, calculate_receipt_root(&op_receipts));
    let logs = receipts.iter().flat_map(|receipt| &receipt.logs);
    assert_eq!(header.logs_bloom, alloy_primitives::logs_bloom(logs));
    assert_eq!(header.gas_used, 120_000);
    let empty = seal(&context(), root(&[]), &[], B256::ZERO);
    assert_eq!(empty.receipts_root, EMPTY_RECEIPTS);
    assert_eq!(empty.transactions_root, EMPTY_TRANSACTIONS);
    assert_eq!((empty.gas_used, empty.logs_bloom), (0, Bloom::ZERO));
}

#[test]
fn a_header_survives_its_encoding() {
    let header = seal(&context(), root(&transactions()), &refs(&receipts()), B256::repeat_byte(9));
    let encoded = alloy_rlp::encode(&header);
    assert_eq!(header.hash_slow(), keccak256(&encoded));
    let decoded: Header = alloy_rlp::Decodable::decode(&mut encoded.as_slice()).unwrap();
    assert_eq!(decoded, header);
    assert!(header.extra_data.is_empty());
}

#[test]
fn a_header_names_the_origin_and_the_vault() {
    let context = context();
    let header = seal(&context, root(&[]), &[], B256::repeat_byte(9));
    assert_eq!(header.mix_hash, ORIGIN.hash);
    assert_eq!(header.parent_beacon_block_root, Some(ORIGIN.hash));
    assert_eq!(header.beneficiary, ChainConfig::new(1337).fee_vault);
    assert_eq!(header.state_root, B256::repeat_byte(9));
    assert_eq!((header.number, header.timestamp), (9, 1_234));
    assert_eq!(context.prev_randao, ORIGIN.hash);
    assert_eq!(context.blob_base_fee, 1);
}

#[test]
fn a_header_has_no_blobs_withdrawals_or_requests() {
    let header = seal(&context(), root(&transactions()), &refs(&receipts()), B256::ZERO);
    assert_eq!((header.blob_gas_used, header.excess_blob_gas), (Some(0), Some(0)));
    assert_eq!(header.withdrawals_root, Some(EMPTY_WITHDRAWALS));
    assert_eq!(header.requests_hash, Some(EMPTY_REQUESTS_HASH));
    assert_eq!(header.ommers_hash, EMPTY_OMMER_ROOT_HASH);
    assert_eq!((header.difficulty, header.nonce), (U256::ZERO, B64::ZERO));
}

#[test]
fn genesis_commits_to_the_config() {
    let config = ChainConfig::new(1337);
    let genesis = Genesis { config: config.clone(), timestamp: 5, accounts: Default::default() };
    let header = genesis_header(&genesis, B256::repeat_byte(2));
    assert_eq!(header.extra_data[..], config.hash()[..]);
    assert_eq!((header.number, header.timestamp), (0, 5));
    assert_eq!(header.parent_hash, B256::ZERO);
    let other = ChainConfig { base_fee_min: config.base_fee_min + 1, ..config };
    let other = genesis_header(&Genesis { config: other, ..genesis }, B256::repeat_byte(2));
    assert_ne!(other.hash_slow(), header.hash_slow());
}

/// alloy's EIP-1559 formula with this chain's parameters, then the floor.
fn reference(config: &ChainConfig, parent: &Header) -> u64 {
    let params = BaseFeeParams::new(config.base_fee_denominator.into(), config.elasticity.into());
    parent.next_block_base_fee(params).unwrap().max(config.base_fee_min)
}

#[test]
fn the_base_fee_follows_eip_1559_with_this_chains_numbers() {
    let config = ChainConfig::new(1337);
    let limit = config.block_gas_limit;
    let genesis = Genesis { config: config.clone(), timestamp: 0, accounts: Default::default() };
    let mut parent = genesis_header(&genesis, B256::ZERO);
    let used = [0, limit, limit / 2, limit / 2 + 1, limit / 2 - 1, 21_000, limit / 3];
    for gas_used in used.into_iter().cycle().take(200) {
        let parent_hash = parent.hash_slow();
        let timestamp = parent.timestamp + 1;
        let context = block_context(&config, &parent, parent_hash, timestamp, ORIGIN);
        let expected = match parent.number {
            0 => config.base_fee_initial,
            _ => reference(&config, &parent),
        };
        assert_eq!(context.base_fee, expected, "block {}", context.number);
        parent = Header { gas_used, ..seal(&context, root(&[]), &[], B256::ZERO) };
    }
    // Idle blocks fall to the floor and stay there; twelve full ones rise by an eighth.
    let mut base_fee = config.base_fee_initial;
    for _ in 0..2_000 {
        base_fee = config.next_base_fee(base_fee, 0);
    }
    assert_eq!(base_fee, config.base_fee_min);
    let risen = (0..12).fold(1_000_000_000, |fee, _| config.next_base_fee(fee, limit));
    assert_eq!(risen / 1_000_000, 1_126);
}

#[test]
fn the_context_follows_the_config() {
    let config = ChainConfig { chain_id: 9, ..ChainConfig::new(1) };
    let parent = Header {
        number: 41,
        gas_used: 0,
        base_fee_per_gas: Some(1_000_000_000),
        ..{ Header::default() }
    };
    let context = block_context(&config, &parent, B256::repeat_byte(8), 99, ORIGIN);
    assert_eq!((context.chain_id, context.number, context.timestamp), (9, 42, 99));
    assert_eq!(context.parent_hash, B256::repeat_byte(8));
    assert_eq!(context.gas_limit, config.block_gas_limit);
    assert_eq!(context.transaction_cycles_max, config.transaction_cycles_max);
    assert_eq!(context.block_cycles_max, config.block_cycles_max);
    assert_eq!(context.l1_origin, ORIGIN);
}
