//! The basic data leaf of an account.

use alloy_primitives::B256;

/// The largest code size that a basic data leaf holds.
pub const CODE_SIZE_MAX: u32 = 0x00ff_ffff;

/// What the basic data leaf of an account holds.
///
/// An account with all of it zero encodes as the zero value, which means absent: an empty account
/// does not exist.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BasicData {
    /// Length of the code in bytes, at most [`CODE_SIZE_MAX`].
    pub code_size: u32,
    /// Nonce.
    pub nonce: u64,
    /// Balance in wei.
    pub balance: u128,
}

/// Why a basic data leaf was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BasicDataError {
    /// The version byte is not zero.
    #[error("version {version} of the basic data leaf is unknown")]
    UnknownVersion {
        /// The byte found.
        version: u8,
    },
    /// The reserved bytes are not zero.
    #[error("reserved bytes of the basic data leaf are set")]
    ReservedBytes,
    /// The code is longer than three bytes can say.
    #[error("code of {code_size} bytes does not fit the basic data leaf")]
    CodeTooLong {
        /// The size given.
        code_size: u32,
    },
}

impl BasicData {
    /// The leaf value: `version 1 | reserved 4 | code size 3 | nonce 8 | balance 16`, big-endian.
    ///
    /// # Errors
    /// [`BasicDataError::CodeTooLong`] past [`CODE_SIZE_MAX`].
    pub fn encode(&self) -> Result<B256, BasicDataError> {
        if self.code_size > CODE_SIZE_MAX {
            return Err(BasicDataError::CodeTooLong { code_size: self.code_size });
        }
        let fields = (u128::from(self.code_size) << 64) | u128::from(self.nonce);
        let mut bytes = B256::ZERO;
        let (head, tail) = bytes.split_at_mut(16);
        head.copy_from_slice(&fields.to_be_bytes());
        tail.copy_from_slice(&self.balance.to_be_bytes());
        Ok(bytes)
    }

    /// Reads a leaf value.
    ///
    /// # Errors
    /// When the version or a reserved byte is not zero.
    pub fn decode(value: &B256) -> Result<Self, BasicDataError> {
        let [version, r0, r1, r2, r3, c0, c1, c2, rest @ ..] = value.0;
        if version != 0 {
            return Err(BasicDataError::UnknownVersion { version });
        }
        if [r0, r1, r2, r3] != [0; 4] {
            return Err(BasicDataError::ReservedBytes);
        }
        let [n0, n1, n2, n3, n4, n5, n6, n7, balance @ ..] = rest;
        Ok(Self {
            code_size: u32::from_be_bytes([0, c0, c1, c2]),
            nonce: u64::from_be_bytes([n0, n1, n2, n3, n4, n5, n6, n7]),
            balance: u128::from_be_bytes(balance),
        })
    }
}

#[cfg(test)]
mod tests;
