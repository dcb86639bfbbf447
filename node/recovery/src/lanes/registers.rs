//! Registers of eight words, and the instructions on them: the processor's or, with the feature
//! `emulated`, the same in plain Rust.

#[cfg(not(feature = "emulated"))]
pub use core::arch::x86_64::{
    __m512i, __mmask8, _mm512_abs_epi64, _mm512_add_epi64, _mm512_and_si512,
    _mm512_cmpeq_epi64_mask, _mm512_cmplt_epi64_mask, _mm512_loadu_si512, _mm512_madd52hi_epu64,
    _mm512_madd52lo_epu64, _mm512_mask_blend_epi64, _mm512_or_si512, _mm512_set1_epi64,
    _mm512_setzero_si512, _mm512_slli_epi64, _mm512_srai_epi64, _mm512_srli_epi64,
    _mm512_storeu_si512, _mm512_sub_epi64,
};

#[cfg(feature = "emulated")]
mod emulated;
#[cfg(feature = "emulated")]
pub use emulated::*;
