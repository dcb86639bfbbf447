//! What comes in is answered, each transaction for itself, and found when its effect is seen.

mod common;

use std::time::{Duration, Instant};

use alloy_primitives::{Address, Signature, U256, keccak256};
use alloy_signer_local::PrivateKeySigner;
use minster_primitives::{
    Encodable2718, Envelope, TransactionError, alloy_consensus::SignableTransaction,
};
use minster_sequencer::{Running, StartConfig, SubmitError};

use common::{genesis_with, key_of, signed, transfer_to};

fn key(index: u8) -> PrivateKeySigner {
    key_of(index + 1)
}

fn transfer(key: &PrivateKeySigner, nonce: u64) -> Vec<u8> {
    signed(key, transfer_to(Address::with_last_byte(200), nonce, 1))
}

fn start() -> Running {
    let genesis = genesis_with((0..200).map(|index| key(index).address()));
    Running::start(&genesis, StartConfig::default()).unwrap()
}

/// The same with a signature that no key makes: there is no point of the curve at 5.
fn unsigned(bytes: &[u8]) -> Vec<u8> {
    let Envelope::Eip1559(signed) = Envelope::decode_network(bytes).unwrap() else { panic!() };
    let signature = Signature::new(U256::from(5), U256::ONE, false);
    Envelope::Eip1559(signed.into_parts().0.into_signed(signature)).encoded_2718()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_is_answered_for_itself() {
    let running = start();
    let sequencer = running.handle();
    let answers = (0..200_u8).map(|index| {
        let good = transfer(&key(index), 0);
        let bytes = match index % 5 {
            0 => unsigned(&good),
            1 => good[..good.len() - 1].to_vec(),
            _ => good,
        };
        let sequencer = sequencer.clone();
        (index, tokio::spawn(async move { sequencer.submit_soon(bytes).await }))
    });
    for (index, answer) in answers.collect::<Vec<_>>() {
        let answer = answer.await.unwrap();
        let transaction = |error: &SubmitError| match error {
            SubmitError::Transaction(error) => error.clone(),
            other => panic!("{other}"),
        };
        match (index % 5, &answer) {
            (0, Err(error)) => {
                assert_eq!(transaction(error), TransactionError::InvalidSignature, "{index}");
            }
            (1, Err(error)) => {
                assert!(matches!(transaction(error), TransactionError::Rlp { .. }), "{index}");
            }
            (2.., Ok(hash)) => {
                let bytes = transfer(&key(index), 0);
                assert_eq!(*hash, keccak256(&bytes), "{index}");
            }
            _ => panic!("{index}: {answer:?}"),
        }
    }
    assert_eq!(running.drain(Duration::from_secs(20)), 0);
    let chain = sequencer.chain();
    for index in (0..200_u8).filter(|index| index % 5 >= 2) {
        let hash = keccak256(transfer(&key(index), 0));
        let located = chain.transaction(hash).unwrap().expect("executed");
        assert_eq!(located.item.transaction.sender(), key(index).address());
    }
    let stopped = sequencer.clone();
    running.stop().unwrap();
    let refused = stopped.submit_soon(transfer(&key(0), 1)).await;
    assert!(matches!(refused, Err(SubmitError::Stopping)));
}

/// Somebody who polls a nonce asks for the receipt the moment that it grows.
#[test]
fn who_sees_the_nonce_of_a_transaction_finds_the_transaction() {
    let running = start();
    let sequencer = running.handle();
    let (key, chain) = (key(0), sequencer.chain());
    let address = key.address();
    let nonce = || {
        let account = chain.state().unwrap().account(address).unwrap();
        account.map_or(0, |account| account.nonce)
    };
    for round in 0..1_000 {
        let hash = sequencer.submit(&transfer(&key, round)).unwrap();
        while nonce() == round {
            std::hint::spin_loop();
        }
        assert!(chain.transaction(hash).unwrap().is_some(), "transaction {round}");
    }
    running.stop().unwrap();
}

/// A block is sealed whatever number of slices it has, and whatever number is kept.
#[test]
fn a_block_may_have_more_slices_than_versions_are_kept() {
    let mut genesis = genesis_with([key(0).address()]);
    genesis.config.block_time_ms = 2_000;
    let mut config = StartConfig::default();
    config.sequencer.retention.versions_max = 4;
    let running = Running::start(&genesis, config).unwrap();
    let (sequencer, chain) = (running.handle(), running.handle().chain());
    for nonce in 0..40 {
        let hash = sequencer.submit(&transfer(&key(0), nonce)).unwrap();
        while chain.transaction(hash).unwrap().is_none() {
            std::hint::spin_loop();
        }
    }
    let deadline = Instant::now() + Duration::from_secs(20);
    let slices = |number| chain.block(number).unwrap().unwrap().slice_hashes.len();
    while (1..=chain.latest().number()).map(slices).sum::<usize>() < 40 {
        assert!(Instant::now() < deadline, "a block is not sealed");
        std::thread::sleep(Duration::from_millis(10));
    }
    let most = (1..=chain.latest().number()).map(slices).max();
    assert!(most > Some(8), "at most {most:?} slices in a block");
    running.stop().unwrap();
}

/// The date may have been set ahead while a transaction came, and back later.
#[test]
fn how_long_a_transaction_waits_does_not_depend_on_the_date() {
    let running = start();
    let sequencer = running.handle();
    let hash = sequencer.submit(&transfer(&key(0), 1)).unwrap();
    assert!(sequencer.pool().get(hash).is_some(), "waits for the nonce before it");
    // What the pool counts in began with the process, not in 1970.
    let day_ms = 24 * 3_600 * 1_000;
    assert_eq!(sequencer.pool().expire(10 * day_ms), 1);
    assert!(sequencer.pool().get(hash).is_none());
    running.stop().unwrap();
}
