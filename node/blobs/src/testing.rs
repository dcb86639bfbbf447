//! Bytes for tests.

use alloy_primitives::{B256, U256, keccak256};

/// Bytes without a pattern: keccak256 of 0, 1, … as words, one after the other.
pub(crate) fn noise(length: usize) -> Vec<u8> {
    let words = (0_u64..).map(|i| keccak256(B256::from(U256::from(i))).0);
    words.flatten().take(length).collect()
}
