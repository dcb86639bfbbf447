//! What one transaction costs the pool, with many others in it.
#![expect(clippy::print_stdout, reason = "a benchmark prints its result")]

use std::{
    hint::black_box,
    sync::Arc,
    time::{Duration, Instant},
};

use minster_mempool::{FeeContext, Mempool, PoolConfig, SenderAccount};
use minster_primitives::{
    Address, Envelope, Signature, Transaction, TxKind, U256,
    alloy_consensus::{SignableTransaction, TxEip1559},
    keccak256,
};

const POOLED: u64 = 100_000;
const BATCH: usize = 256;
const FEES: FeeContext = FeeContext { base_fee: 100, block_gas_limit: 2_000_000_000 };

fn transaction(sender: u64, nonce: u64, tip: u128) -> Arc<Transaction> {
    let tx = TxEip1559 {
        chain_id: 1,
        nonce,
        gas_limit: 21_000,
        max_fee_per_gas: 1_000_000,
        max_priority_fee_per_gas: tip,
        to: TxKind::Call(Address::ZERO),
        value: U256::from(sender),
        ..Default::default()
    };
    let address = Address::from_word(keccak256(sender.to_be_bytes()));
    let envelope = Envelope::Eip1559(tx.into_signed(Signature::test_signature()));
    // The node computes the hash when it decodes; it is kept in the envelope.
    black_box(envelope.hash());
    Arc::new(Transaction::from_trusted_parts(envelope, address))
}

/// `POOLED` transactions of so many senders, at tips in no order, in the order of nonces.
fn transactions(senders: u64) -> Vec<Arc<Transaction>> {
    (0..POOLED)
        .map(|index| {
            let tip = u128::from(index.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 48);
            transaction(index % senders, index / senders, tip)
        })
        .collect()
}

fn add_all(pool: &Mempool, transactions: &[Arc<Transaction>]) {
    let account = SenderAccount { nonce: 0, balance: U256::MAX };
    for transaction in transactions {
        let _ = black_box(pool.add(Arc::clone(transaction), account, FEES, 0));
    }
}

fn report(name: &str, elapsed: Duration, count: u64) {
    let each = elapsed.as_secs_f64() * 1e6 / count as f64;
    println!("{name:<48} {each:>8.3} us");
}

fn life(senders: u64) {
    let config =
        PoolConfig { per_sender_max: POOLED as usize, gap_max: POOLED, ..PoolConfig::default() };
    let transactions = transactions(senders);
    let pool = Mempool::new(config);
    let started = Instant::now();
    add_all(&pool, &transactions);
    let adding = started.elapsed();
    assert_eq!(pool.status().pending, POOLED as usize);

    let started = Instant::now();
    let ranked = pool.take_batch(FEES.base_fee, 0);
    assert!(ranked.is_empty());
    let ranking = started.elapsed();

    let (mut taking, mut executing) = (Duration::ZERO, Duration::ZERO);
    loop {
        let started = Instant::now();
        let batch = pool.take_batch(FEES.base_fee, BATCH);
        taking += started.elapsed();
        if batch.is_empty() {
            break;
        }
        let started = Instant::now();
        pool.executed(batch.iter().map(|transaction| transaction.hash()));
        executing += started.elapsed();
    }
    assert_eq!(pool.status().pending, 0);
    report(&format!("{senders} senders: add"), adding, POOLED);
    report(&format!("{senders} senders: take"), taking, POOLED);
    report(&format!("{senders} senders: executed"), executing, POOLED);
    report(&format!("{senders} senders: all three"), adding + taking + executing, POOLED);
    report(&format!("{senders} senders: rank anew, once a base fee"), ranking, 1);
}

/// Every addition evicts.
fn eviction() {
    let pool = Mempool::new(PoolConfig::default());
    add_all(&pool, &transactions(POOLED));
    let better: Vec<_> = (0..POOLED).map(|index| transaction(POOLED + index, 0, 70_000)).collect();
    let started = Instant::now();
    add_all(&pool, &better);
    report("full pool: add and evict", started.elapsed(), POOLED);
    assert_eq!(pool.status().pending, POOLED as usize);
    assert!(better.iter().all(|transaction| pool.get(transaction.hash()).is_some()));
}

fn main() {
    for senders in [1, 100, 10_000, POOLED] {
        life(senders);
    }
    eviction();
}
