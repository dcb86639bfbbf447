//! The key that proofs of batches are checked against.

use std::sync::{Mutex, OnceLock, PoisonError};

use minster_primitives::B256;
use minster_riscv::Program;
use minster_verifier::VerifyingKey;
use p3_field::PrimeField32;

use crate::QueueError;

/// The batch guest and its key, which is made when it is first needed: that takes time and memory,
/// and a node may never see a batch.
pub struct GuestKey {
    elf: &'static [u8],
    key: OnceLock<VerifyingKey>,
    /// Held by who makes it.
    making: Mutex<()>,
}

impl GuestKey {
    /// The key of the program in an ELF file.
    #[must_use]
    pub const fn new(elf: &'static [u8]) -> Self {
        Self { elf, key: OnceLock::new(), making: Mutex::new(()) }
    }

    /// The key.
    ///
    /// # Errors
    /// When the guest is no program.
    pub fn get(&self) -> Result<&VerifyingKey, QueueError> {
        let _alone = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = self.key.get() {
            return Ok(key);
        }
        let key = VerifyingKey::new(&Program::from_elf(self.elf)?)?;
        Ok(self.key.get_or_init(|| key))
    }
}

/// The digest of a key as 32 bytes: its elements as big-endian words.
#[must_use]
pub fn key_digest(key: &VerifyingKey) -> B256 {
    let bytes = key.digest().iter().flat_map(|element| element.as_canonical_u32().to_be_bytes());
    let mut digest = B256::ZERO;
    digest.iter_mut().zip(bytes).for_each(|(place, byte)| *place = byte);
    digest
}
