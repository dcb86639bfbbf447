//! How fast the machine is, by something everybody has: what libsecp256k1 takes to recover the
//! sender of one transaction.

use std::time::Instant;

use alloy_primitives::keccak256;
use eyre::{Result, bail};
use secp256k1::{Message, SecretKey, ecdsa::RecoverableSignature};
use serde_json::{Value, json};

/// Signatures in a round.
const COUNT: u8 = 200;

/// Rounds, of which the quickest counts.
const ROUNDS: usize = 10;

/// Recovers on one core: `scale`.
///
/// # Errors
/// When a signature is refused.
pub fn run(arguments: &[String]) -> Result<Value> {
    if !arguments.is_empty() {
        bail!("usage: load scale");
    }
    let key = SecretKey::from_secret_bytes(keccak256("scale").0)?;
    let sign = |number: u8| {
        let message = Message::from_digest(keccak256([number]).0);
        (message, RecoverableSignature::sign_ecdsa_recoverable(message, &key))
    };
    let signed: Vec<_> = (0..COUNT).map(sign).collect();
    let mut quickest = f64::MAX;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        for (message, signature) in &signed {
            signature.recover_ecdsa(*message)?;
        }
        quickest = quickest.min(start.elapsed().as_secs_f64());
    }
    Ok(json!({ "micros": quickest * 1e6 / f64::from(COUNT) }))
}
