//! Keys that the node signs with.

use std::sync::Arc;

use alloy_primitives::{Address, B256, Signature};
use alloy_signer::SignerSync;
use alloy_signer_local::PrivateKeySigner;
use parking_lot::Mutex;
use thiserror::Error;

use crate::error::ApiError;

/// A secret that is no key of secp256k1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("development key {index} is not a secp256k1 secret")]
pub struct DevKeyError {
    /// Its place in the list.
    pub index: usize,
}

/// Keys of a development chain. Whoever can reach the server signs with them, so they must be worth
/// nothing anywhere else. Only addresses are ever printed.
#[derive(Debug, Clone, Default)]
pub struct DevKeys {
    keys: Vec<DevKey>,
}

#[derive(Debug, Clone)]
struct DevKey {
    signer: PrivateKeySigner,
    /// Held from the choice of a nonce until the transaction is in the pool.
    turn: Arc<Mutex<()>>,
}

impl DevKeys {
    /// From secrets.
    ///
    /// # Errors
    /// When one is zero or not below the order of the curve.
    pub fn new(secrets: impl IntoIterator<Item = B256>) -> Result<Self, DevKeyError> {
        let signer = |(index, secret)| {
            let signer = PrivateKeySigner::from_bytes(&secret);
            let signer = signer.map_err(|_| DevKeyError { index })?;
            Ok(DevKey { signer, turn: Arc::default() })
        };
        let keys = secrets.into_iter().enumerate().map(signer).collect::<Result<_, _>>()?;
        Ok(Self { keys })
    }

    pub(crate) fn addresses(&self) -> Vec<Address> {
        self.keys.iter().map(|key| key.signer.address()).collect()
    }

    /// What whoever chooses a nonce of this account holds.
    pub(crate) fn turn(&self, from: Address) -> Result<&Mutex<()>, ApiError> {
        Ok(&self.key(from)?.turn)
    }

    /// The signature of a hash.
    pub(crate) fn sign_hash(&self, from: Address, hash: &B256) -> Result<Signature, ApiError> {
        self.key(from)?.signer.sign_hash_sync(hash).map_err(failed)
    }

    /// The signature of a message, as EIP-191 wraps it.
    pub(crate) fn sign_message(&self, from: Address, text: &[u8]) -> Result<Signature, ApiError> {
        self.key(from)?.signer.sign_message_sync(text).map_err(failed)
    }

    fn key(&self, from: Address) -> Result<&DevKey, ApiError> {
        let mut keys = self.keys.iter();
        keys.find(|key| key.signer.address() == from).ok_or(ApiError::UnknownAccount)
    }
}

impl PartialEq for DevKeys {
    fn eq(&self, other: &Self) -> bool {
        self.addresses() == other.addresses()
    }
}

impl Eq for DevKeys {}

fn failed(error: alloy_signer::Error) -> ApiError {
    ApiError::Internal { reason: error.to_string() }
}
