#![doc = include_str!("../README.md")]
#![cfg_attr(target_os = "none", no_std)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

use minster_evm::{PrecompileCryptography, PrecompileHalt, install_crypto};
use minster_guest::precompiles::{Block, sha256_compress};

/// What the contracts compute with. What is not here is computed by instructions, and metered so.
#[derive(Debug)]
struct Contracts;

impl PrecompileCryptography for Contracts {
    fn sha256(&self, input: &[u8]) -> [u8; 32] {
        sha256(input)
    }

    /// The last word of the answer is the address (Yellow Paper, appendix E.1).
    fn secp256k1_ecrecover(
        &self,
        signature: &[u8; 64],
        recovery_id: u8,
        digest: &[u8; 32],
    ) -> Result<[u8; 32], PrecompileHalt> {
        let refused = PrecompileHalt::Secp256k1RecoverFailed;
        let ([r, s], []) = signature.as_chunks::<32>() else { return Err(refused) };
        let signature = minster_secp256k1::Signature {
            r: *r,
            s: *s,
            y_is_odd: recovery_id & 1 == 1,
            x_is_reduced: recovery_id & 2 == 2,
        };
        let key = minster_secp256k1::recover(digest, &signature).map_err(|_| refused)?;
        let mut hash = minster_guest::keccak256(&key);
        hash[..12].fill(0);
        Ok(hash)
    }
}

/// Makes the EVM use them. Later calls change nothing.
pub fn install() {
    install_crypto(Contracts);
}

/// The initial state of SHA-256 (FIPS 180-4, 5.3.3).
const SHA256_START: Block = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];
const SHA256_BLOCK: usize = 64;

fn sha256(input: &[u8]) -> [u8; 32] {
    let mut state = SHA256_START;
    let (blocks, rest) = input.as_chunks::<SHA256_BLOCK>();
    for block in blocks {
        sha256_compress(&mut state, &as_they_lie(block));
    }
    // FIPS 180-4, 5.1.1: a one, zeros, and the length in bits, in one block or two.
    let mut last = [0; 2 * SHA256_BLOCK];
    last[..rest.len()].copy_from_slice(rest);
    last[rest.len()] = 0x80;
    let size = if rest.len() < SHA256_BLOCK - 8 { SHA256_BLOCK } else { 2 * SHA256_BLOCK };
    last[size - 8..size].copy_from_slice(&(8 * input.len() as u64).to_be_bytes());
    for block in last[..size].as_chunks::<SHA256_BLOCK>().0 {
        sha256_compress(&mut state, &as_they_lie(block));
    }
    let mut digest = [0; 32];
    for (bytes, word) in digest.as_chunks_mut::<4>().0.iter_mut().zip(state) {
        *bytes = word.to_be_bytes();
    }
    digest
}

fn as_they_lie(bytes: &[u8; SHA256_BLOCK]) -> [Block; 2] {
    let mut words = [Block::default(); 2];
    for (word, bytes) in words.as_flattened_mut().iter_mut().zip(bytes.as_chunks::<4>().0) {
        *word = u32::from_ne_bytes(*bytes);
    }
    words
}

/// What `alloy-primitives` calls for every Keccak-256.
///
/// # Safety
/// `bytes` has `length` bytes, `output` room for 32.
#[cfg(target_os = "none")]
#[unsafe(no_mangle)]
unsafe extern "C" fn native_keccak256(bytes: *const u8, length: usize, output: *mut u8) {
    // SAFETY: the caller's promise. The pointer of an empty slice is not read.
    unsafe {
        let input = core::slice::from_raw_parts(bytes, length);
        output.copy_from_nonoverlapping(minster_guest::keccak256(input).as_ptr(), 32);
    }
}

#[cfg(test)]
mod tests;
