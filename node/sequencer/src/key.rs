//! The slice key: signs slices, and nothing else.

use std::{
    io::{ErrorKind, Write},
    path::Path,
};

use alloy_primitives::{Address, B256, U256, keccak256};
use minster_primitives::{Signature, SliceHeader};
use secp256k1::{Message, PublicKey, SecretKey, ecdsa::RecoverableSignature};

use crate::SequencerError;

/// The key that signs slices. It has no printable form.
#[derive(Clone)]
pub struct SliceKey {
    secret: SecretKey,
    address: Address,
}

impl std::fmt::Debug for SliceKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "SliceKey({})", self.address)
    }
}

impl SliceKey {
    /// A key from its 32 bytes; `None` when they are zero or not below the group order.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Option<Self> {
        let secret = SecretKey::from_secret_bytes(bytes).ok()?;
        let public = PublicKey::from_secret_key(&secret).serialize_uncompressed();
        let hash = keccak256(&public[1..]);
        Some(Self { secret, address: Address::from_slice(&hash[12..]) })
    }

    /// A new random key.
    ///
    /// # Errors
    /// When the operating system gives no randomness.
    pub fn generate() -> Result<Self, SequencerError> {
        loop {
            let mut bytes = [0; 32];
            getrandom::fill(&mut bytes).map_err(|error| SequencerError::SliceKey {
                path: "(in memory)".into(),
                reason: error.to_string(),
            })?;
            if let Some(key) = Self::from_bytes(bytes) {
                return Ok(key);
            }
        }
    }

    /// Reads a key from text, which `from` names in errors.
    ///
    /// # Errors
    /// When the text is no key.
    pub fn parse(text: &str, from: &str) -> Result<Self, SequencerError> {
        let fail =
            |reason: &str| SequencerError::SliceKey { path: from.into(), reason: reason.into() };
        let bytes: B256 = text.trim().parse().map_err(|_| fail("is not 32 bytes of hex"))?;
        Self::from_bytes(bytes.0).ok_or_else(|| fail("is not a secp256k1 key"))
    }

    /// Reads the key from a file. Of a new chain it makes one and writes it there, readable by its
    /// owner only.
    ///
    /// # Errors
    /// When the file cannot be read or written, does not hold a key, or is gone.
    pub fn load(path: &Path, is_new_chain: bool) -> Result<Self, SequencerError> {
        let fail =
            |reason: String| SequencerError::SliceKey { path: path.display().to_string(), reason };
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&text, &path.display().to_string()),
            Err(error) if error.kind() == ErrorKind::NotFound && !is_new_chain => {
                Err(SequencerError::SliceKeyLost { path: path.display().to_string() })
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let key = Self::generate()?;
                write_private(path, &B256::from(key.secret.to_secret_bytes()).to_string())
                    .map_err(|error| fail(error.to_string()))?;
                Ok(key)
            }
            Err(error) => Err(fail(error.to_string())),
        }
    }

    /// The address that signatures recover to.
    #[must_use]
    pub const fn address(&self) -> Address {
        self.address
    }

    /// Signs a slice.
    #[must_use]
    pub fn sign(&self, slice_hash: B256) -> Signature {
        let message = Message::from_digest(SliceHeader::signing_hash(slice_hash).0);
        let signature = RecoverableSignature::sign_ecdsa_recoverable(message, &self.secret);
        let (recovery_id, compact) = signature.serialize_compact();
        let is_odd = recovery_id.to_u8() & 1 == 1;
        Signature::new(
            U256::from_be_slice(&compact[..32]),
            U256::from_be_slice(&compact[32..]),
            is_odd,
        )
    }
}

/// Writes beside the final name first, so that a crash leaves a whole key or none.
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let temporary = path.with_extension("tmp");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&temporary)?;
    writeln!(file, "{text}")?;
    file.sync_all()?;
    std::fs::rename(&temporary, path)?;
    // The name must survive a power cut too: slices are signed with this key from now on.
    match path.parent() {
        Some(folder) => std::fs::File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}
