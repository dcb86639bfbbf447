//! The basic data leaf of an account.

use alloy_primitives::B256;

/// What the basic data leaf of an account holds.
///
/// An account with all of it zero encodes as the zero value, which means absent: an empty account
/// does not exist.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BasicData {
    /// Length of the code in bytes, below 2^24 (code is far shorter: EIP-170).
    pub code_size: u32,
    /// Nonce.
    pub nonce: u64,
    /// Balance in wei.
    pub balance: u128,
}

impl BasicData {
    /// The leaf value: `version 1 | reserved 4 | code size 3 | nonce 8 | balance 16`, big-endian.
    ///
    /// Nothing is ever cut off: a code size of 2^24 or more would run into the reserved byte
    /// before it, and [`BasicData::decode`] refuses such a leaf.
    #[must_use]
    pub fn encode(&self) -> B256 {
        let fields = (u128::from(self.code_size) << 64) | u128::from(self.nonce);
        let mut bytes = B256::ZERO;
        let (head, tail) = bytes.split_at_mut(16);
        head.copy_from_slice(&fields.to_be_bytes());
        tail.copy_from_slice(&self.balance.to_be_bytes());
        bytes
    }

    /// Reads a leaf value; `None` when its version or a reserved byte is not zero.
    #[must_use]
    pub const fn decode(value: B256) -> Option<Self> {
        let [0, 0, 0, 0, 0, c0, c1, c2, n0, n1, n2, n3, n4, n5, n6, n7, balance @ ..] = value.0
        else {
            return None;
        };
        Some(Self {
            code_size: u32::from_be_bytes([0, c0, c1, c2]),
            nonce: u64::from_be_bytes([n0, n1, n2, n3, n4, n5, n6, n7]),
            balance: u128::from_be_bytes(balance),
        })
    }
}

#[cfg(test)]
mod tests;
