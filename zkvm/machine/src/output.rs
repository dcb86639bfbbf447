//! The digest of the public output: a chain of compressions, one for each word.

#[cfg(test)]
mod tests;

use p3_field::PrimeCharacteristicRing;

use crate::F;
use crate::chips::transfer::output_block;
use crate::config::Digest;
use crate::tree::{Compressor, join};

/// The digest of an output that grows.
#[derive(Clone, Debug, Default)]
pub struct OutputDigest {
    digest: Digest,
    compressor: Compressor,
}

impl OutputDigest {
    /// The digest of a whole output: whole words, then perhaps a last one of fewer bytes.
    pub fn of(bytes: &[u8]) -> Digest {
        let mut output = Self::default();
        for chunk in bytes.chunks(4) {
            let shifts = [0, 8, 16, 24];
            let parts = chunk.iter().zip(shifts).map(|(byte, shift)| u32::from(*byte) << shift);
            output.absorb(parts.sum(), chunk.len() as u32);
        }
        output.digest
    }

    /// The digest of what is committed so far. Of nothing it is all zeros.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Commits a word of which the low `bytes` bytes count; the others are zero.
    pub fn absorb(&mut self, word: u32, bytes: u32) {
        let block =
            output_block(F::from_u32(word & 0xffff), F::from_u32(word >> 16), F::from_u32(bytes));
        self.digest = self.compressor.compress(join(&self.digest, &block));
    }
}
