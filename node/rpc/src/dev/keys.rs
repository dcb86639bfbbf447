//! Keys that the node signs with.

use alloy_primitives::{Address, B256, Signature};
use alloy_signer::SignerSync;
use alloy_signer_local::PrivateKeySigner;
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
    signers: Vec<PrivateKeySigner>,
}

impl DevKeys {
    /// From secrets.
    ///
    /// # Errors
    /// When one is zero or not below the order of the curve.
    pub fn new(secrets: impl IntoIterator<Item = B256>) -> Result<Self, DevKeyError> {
        let signer = |(index, secret)| {
            PrivateKeySigner::from_bytes(&secret).map_err(|_| DevKeyError { index })
        };
        let signers = secrets.into_iter().enumerate().map(signer).collect::<Result<_, _>>()?;
        Ok(Self { signers })
    }

    pub(crate) fn addresses(&self) -> Vec<Address> {
        self.signers.iter().map(PrivateKeySigner::address).collect()
    }

    /// The signature of a hash.
    pub(crate) fn sign_hash(&self, from: Address, hash: &B256) -> Result<Signature, ApiError> {
        self.signer(from)?.sign_hash_sync(hash).map_err(failed)
    }

    /// The signature of a message, as EIP-191 wraps it.
    pub(crate) fn sign_message(&self, from: Address, text: &[u8]) -> Result<Signature, ApiError> {
        self.signer(from)?.sign_message_sync(text).map_err(failed)
    }

    fn signer(&self, from: Address) -> Result<&PrivateKeySigner, ApiError> {
        let mut signers = self.signers.iter();
        signers.find(|signer| signer.address() == from).ok_or(ApiError::UnknownAccount)
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
