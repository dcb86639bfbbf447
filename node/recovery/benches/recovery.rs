//! Recoveries in the lanes against libsecp256k1, one by one.
#![expect(clippy::print_stdout, reason = "the result of a benchmark")]

use std::{hint::black_box, time::Instant};

use minster_primitives::{B256, SenderRecovery, Signature, U256, keccak256};
use minster_recovery::{Libsecp, recover_all};
use secp256k1::{
    Message, SecretKey,
    ecdsa::{RecoverableSignature, RecoveryId},
};

fn sign(index: u64) -> (B256, Signature) {
    let key = SecretKey::from_secret_bytes(keccak256(index.to_be_bytes()).0).expect("a key");
    let prehash = keccak256(U256::from(index).to_be_bytes::<32>());
    let message = Message::from_digest(prehash.0);
    let signed = RecoverableSignature::sign_ecdsa_recoverable(message, &key);
    let (parity, compact) = signed.serialize_compact();
    let number = |bytes| U256::from_be_slice(bytes);
    let odd = matches!(parity, RecoveryId::One | RecoveryId::Three);
    (prehash, Signature::new(number(&compact[..32]), number(&compact[32..]), odd))
}

fn main() {
    let requests: Vec<_> = (0..4_096).map(sign).collect();
    black_box(recover_all(&requests[..8]));
    let started = Instant::now();
    for (prehash, signature) in &requests {
        black_box(Libsecp.recover(*prehash, signature));
    }
    let alone = started.elapsed().as_secs_f64() / requests.len() as f64;
    println!("libsecp256k1: {:.2} us", 1e6 * alone);
    for count in [1, 4, 8, 16, 32, 64, 256, 1_024] {
        let started = Instant::now();
        for requests in requests.chunks(count) {
            black_box(recover_all(requests));
        }
        let each = started.elapsed().as_secs_f64() / requests.len() as f64;
        println!("{count} at once: {:.2} us each, {:.2} times as fast", 1e6 * each, alone / each);
    }
}
