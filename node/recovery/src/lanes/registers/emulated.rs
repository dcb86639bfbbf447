//! The instructions of AVX-512F and AVX-512 IFMA that the lanes use, as Intel's manual has them
//! (Intrinsics Guide, by the same names). For tests on processors without them: some fifty times
//! slower.
#![expect(non_camel_case_types, reason = "the types' names are the processor's")]

use core::array::from_fn;

/// Eight words.
#[derive(Clone, Copy)]
pub struct __m512i([u64; 8]);

/// A bit for each word.
pub type __mmask8 = u8;

/// What the multiplications look at: the low 52 bits of a word.
const LIMB: u64 = (1 << 52) - 1;

fn each(a: __m512i, of: impl Fn(u64) -> u64) -> __m512i {
    __m512i(a.0.map(of))
}

fn pairs(a: __m512i, b: __m512i, of: impl Fn(u64, u64) -> u64) -> __m512i {
    __m512i(from_fn(|lane| of(a.0[lane], b.0[lane])))
}

fn mask(a: __m512i, b: __m512i, of: impl Fn(u64, u64) -> bool) -> __mmask8 {
    (0..8).map(|lane| u8::from(of(a.0[lane], b.0[lane])) << lane).sum()
}

fn product(b: u64, c: u64) -> u128 {
    u128::from(b & LIMB) * u128::from(c & LIMB)
}

/// Loads from any alignment.
///
/// # Safety
/// There are 64 bytes.
pub unsafe fn _mm512_loadu_si512(from: *const __m512i) -> __m512i {
    // SAFETY: the caller's.
    unsafe { from.read_unaligned() }
}

/// Stores to any alignment.
///
/// # Safety
/// There is room for 64 bytes.
pub unsafe fn _mm512_storeu_si512(to: *mut __m512i, a: __m512i) {
    // SAFETY: the caller's.
    unsafe { to.write_unaligned(a) }
}

/// Zeros.
pub fn _mm512_setzero_si512() -> __m512i {
    __m512i([0; 8])
}

/// The same word in each lane.
pub fn _mm512_set1_epi64(a: i64) -> __m512i {
    __m512i([a.cast_unsigned(); 8])
}

/// Sums modulo 2^64.
pub fn _mm512_add_epi64(a: __m512i, b: __m512i) -> __m512i {
    pairs(a, b, u64::wrapping_add)
}

/// Differences modulo 2^64.
pub fn _mm512_sub_epi64(a: __m512i, b: __m512i) -> __m512i {
    pairs(a, b, u64::wrapping_sub)
}

/// Bitwise and.
pub fn _mm512_and_si512(a: __m512i, b: __m512i) -> __m512i {
    pairs(a, b, |a, b| a & b)
}

/// Bitwise or.
pub fn _mm512_or_si512(a: __m512i, b: __m512i) -> __m512i {
    pairs(a, b, |a, b| a | b)
}

/// Sizes of signed numbers.
pub fn _mm512_abs_epi64(a: __m512i) -> __m512i {
    each(a, |a| a.cast_signed().unsigned_abs())
}

/// Shifts to the left.
pub fn _mm512_slli_epi64<const IMM8: u32>(a: __m512i) -> __m512i {
    each(a, |a| a << IMM8)
}

/// Shifts to the right, zeros behind.
pub fn _mm512_srli_epi64<const IMM8: u32>(a: __m512i) -> __m512i {
    each(a, |a| a >> IMM8)
}

/// Shifts to the right, the sign behind.
pub fn _mm512_srai_epi64<const IMM8: u32>(a: __m512i) -> __m512i {
    each(a, |a| (a.cast_signed() >> IMM8).cast_unsigned())
}

/// Adds the low 52 bits of the products of the low 52 bits.
pub fn _mm512_madd52lo_epu64(a: __m512i, b: __m512i, c: __m512i) -> __m512i {
    let low = pairs(b, c, |b, c| product(b, c) as u64 & LIMB);
    _mm512_add_epi64(a, low)
}

/// Adds the high 52 bits of the products of the low 52 bits.
pub fn _mm512_madd52hi_epu64(a: __m512i, b: __m512i, c: __m512i) -> __m512i {
    let high = pairs(b, c, |b, c| (product(b, c) >> 52) as u64);
    _mm512_add_epi64(a, high)
}

/// Which are equal.
pub fn _mm512_cmpeq_epi64_mask(a: __m512i, b: __m512i) -> __mmask8 {
    mask(a, b, |a, b| a == b)
}

/// Which are less, as signed numbers.
pub fn _mm512_cmplt_epi64_mask(a: __m512i, b: __m512i) -> __mmask8 {
    mask(a, b, |a, b| a.cast_signed() < b.cast_signed())
}

/// `b` in the lanes of the mask, `a` in the others.
pub fn _mm512_mask_blend_epi64(k: __mmask8, a: __m512i, b: __m512i) -> __m512i {
    __m512i(from_fn(|lane| if k & (1 << lane) != 0 { b.0[lane] } else { a.0[lane] }))
}
