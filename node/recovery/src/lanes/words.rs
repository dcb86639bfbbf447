//! Registers of eight words of 64 bits, in memory.

use super::registers::{__m512i, _mm512_loadu_si512, _mm512_storeu_si512};

/// A word of each lane.
pub type Words = [u64; 8];

/// The words in a register.
#[inline]
#[cfg_attr(not(feature = "emulated"), target_feature(enable = "avx512f"))]
pub fn load(words: &Words) -> __m512i {
    // SAFETY: the array is as long as the register, and any alignment will do.
    unsafe { _mm512_loadu_si512(words.as_ptr().cast()) }
}

/// The register's words.
#[inline]
#[cfg_attr(not(feature = "emulated"), target_feature(enable = "avx512f"))]
pub fn store(register: __m512i, words: &mut Words) {
    // SAFETY: the array is as long as the register, and any alignment will do.
    unsafe { _mm512_storeu_si512(words.as_mut_ptr().cast(), register) }
}
