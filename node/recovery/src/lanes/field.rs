//! The field of secp256k1 in eight lanes: five limbs of 52 bits, one element in each lane.

use super::registers::{
    __m512i, __mmask8, _mm512_add_epi64, _mm512_and_si512, _mm512_cmpeq_epi64_mask,
    _mm512_madd52hi_epu64, _mm512_madd52lo_epu64, _mm512_mask_blend_epi64, _mm512_or_si512,
    _mm512_set1_epi64, _mm512_setzero_si512, _mm512_slli_epi64, _mm512_srai_epi64,
    _mm512_srli_epi64, _mm512_sub_epi64,
};
use super::words::{Words, load, store};

/// Limbs of an element.
const LIMBS: usize = 5;
/// Bits of a limb.
const BITS: u32 = 52;
/// A limb full of ones.
const MASK: i64 = (1 << BITS) - 1;
/// Bits of the last limb of a number below `2^256`.
const BITS_LAST: u32 = 256 - 4 * BITS;
/// `2^256` modulo the field's prime.
const FOLD: i64 = 0x1_0000_03d1;
/// `2^260` modulo the field's prime.
const FOLD_LIMBS: i64 = FOLD << (LIMBS as u32 * BITS - 256);
/// The field's prime, `2^256 - FOLD`.
const PRIME: [i64; LIMBS] = [MASK + 1 - FOLD, MASK, MASK, MASK, (1 << BITS_LAST) - 1];
/// How often the prime is added to a [`Sum`], so that none is negative.
const BIAS: i64 = 32;

/// Eight elements. Limbs are below `2^52`, and the number is below `2^256 + 2^52`.
#[derive(Clone, Copy)]
pub struct Fe([__m512i; LIMBS]);

/// A sum of few elements with signs, not carried: above `-2^261` and below `2^261`.
#[derive(Clone, Copy)]
pub struct Sum([__m512i; LIMBS]);

impl Fe {
    /// Elements from numbers below `2^256`, four words of 64 bits each, the least significant
    /// first.
    #[inline]
    #[cfg_attr(not(feature = "emulated"), target_feature(enable = "avx512f,avx512ifma"))]
    pub fn from_words(words: &[Words; 4]) -> Self {
        let [a, b, c, d] = [load(&words[0]), load(&words[1]), load(&words[2]), load(&words[3])];
        let mask = _mm512_set1_epi64(MASK);
        let join = |low, high| _mm512_and_si512(_mm512_or_si512(low, high), mask);
        Self([
            _mm512_and_si512(a, mask),
            join(_mm512_srli_epi64::<52>(a), _mm512_slli_epi64::<12>(b)),
            join(_mm512_srli_epi64::<40>(b), _mm512_slli_epi64::<24>(c)),
            join(_mm512_srli_epi64::<28>(c), _mm512_slli_epi64::<36>(d)),
            _mm512_srli_epi64::<16>(d),
        ])
    }

    /// The numbers, each below the prime.
    #[inline]
    #[cfg_attr(not(feature = "emulated"), target_feature(enable = "avx512f,avx512ifma"))]
    pub fn to_words(self) -> [Words; 4] {
        let [a, b, c, d, e] = self.canonical().0;
        let mut words = [[0; 8]; 4];
        let pairs = [
            _mm512_or_si512(a, _mm512_slli_epi64::<52>(b)),
            _mm512_or_si512(_mm512_srli_epi64::<12>(b), _mm512_slli_epi64::<40>(c)),
            _mm512_or_si512(_mm512_srli_epi64::<24>(c), _mm512_slli_epi64::<28>(d)),
            _mm512_or_si512(_mm512_srli_epi64::<36>(d), _mm512_slli_epi64::<16>(e)),
        ];
        for (words, pair) in words.iter_mut().zip(pairs) {
            store(pair, words);
        }
        words
    }

    /// The same small number in every lane.
    #[inline]
    #[cfg_attr(not(feature = "emulated"), target_feature(enable = "avx512f,avx512ifma"))]
    pub fn small(number: u32) -> Self {
        let zero = _mm512_setzero_si512();
        Self([_mm512_set1_epi64(i64::from(number)), zero, zero, zero, zero])
    }

    /// As a sum of one.
    #[inline]
    #[cfg_attr(not(feature = "emulated"), target_feature(enable = "avx512f,avx512ifma"))]
    pub fn sum(self) -> Sum {
        Sum(self.0)
    }

    /// `other` in the lanes of the mask, `self` in the others.
    #[inline]
    #[cfg_attr(not(feature = "emulated"), target_feature(enable = "avx512f,avx512ifma"))]
    pub fn blend(self, mask: __mmask8, other: Self) -> Self {
        let mut limbs = self.0;
        for (limb, other) in limbs.iter_mut().zip(other.0) {
            *limb = _mm512_mask_blend_epi64(mask, *limb, other);
        }
        Self(limbs)
    }

    /// The product.
    #[inline]
    #[cfg_attr(not(feature = "emulated"), target_feature(enable = "avx512f,avx512ifma"))]
    pub fn mul(&self, other: &Self) -> Self {
        let zero = _mm512_setzero_si512();
        let (mut low, mut high) = ([zero; 2 * LIMBS], [zero; 2 * LIMBS]);
        for i in 0..LIMBS {
            for j in 0..LIMBS {
                low[i + j] = _mm512_madd52lo_epu64(low[i + j], self.0[i], other.0[j]);
                high[i + j + 1] = _mm512_madd52hi_epu64(high[i + j + 1], self.0[i], other.0[j]);
            }
        }
        for (low, high) in low.iter_mut().zip(high) {
            *low = _mm512_add_epi64(*low, high);
        }
        fold(low)
    }

    /// The square.
    #[inline]
    #[cfg_attr(not(feature = "emulated"), target_feature(enable = "avx512f,avx512ifma"))]
    pub fn square(&self) -> Self {
        let zero = _mm512_setzero_si512();
        let (mut low, mut high) = ([zero; 2 * LIMBS], [zero; 2 * LIMBS]);
        for i in 0..LIMBS {
            for j in i + 1..LIMBS {
                low[i + j] = _mm512_madd52lo_epu64(low[i + j], self.0[i], self.0[j]);
                high[i + j + 1] = _mm512_madd52hi_epu64(high[i + j + 1], self.0[i], self.0[j]);
            }
        }
        for (low, high) in low.iter_mut().zip(high) {
            let half = _mm512_add_epi64(*low, high);
            *low = _mm512_add_epi64(half, half);
        }
        for i in 0..LIMBS {
            low[2 * i] = _mm512_madd52lo_epu64(low[2 * i], self.0[i], self.0[i]);
            low[2 * i + 1] = _mm512_madd52hi_epu64(low[2 * i + 1], self.0[i], self.0[i]);
        }
        fold(low)
    }

    /// The square of the square and so on, so many times.
    #[inline]
    #[cfg_attr(not(feature = "emulated"), target_feature(enable = "avx512f,avx512ifma"))]
    pub fn square_times(mut self, times: usize) -> Self {
        for _ in 0..times {
            self = self.square();
        }
        self
    }

    /// The lanes that hold zero.
    #[inline]
    #[cfg_attr(not(feature = "emulated"), target_feature(enable = "avx512f,avx512ifma"))]
    pub fn is_zero(&self) -> __mmask8 {
        // A number below twice the prime is zero if it is 0 or the prime, and carried limbs are
        // unique.
        let (mut zero, mut prime) = (0xff, 0xff);
        for (limb, of_prime) in self.0.into_iter().zip(PRIME) {
            zero &= _mm512_cmpeq_epi64_mask(limb, _mm512_setzero_si512());
            prime &= _mm512_cmpeq_epi64_mask(limb, _mm512_set1_epi64(of_prime));
        }
        zero | prime
    }

    /// The lanes that hold an odd number.
    #[inline]
    #[cfg_attr(not(feature = "emulated"), target_feature(enable = "avx512f,avx512ifma"))]
    pub fn is_odd(self) -> __mmask8 {
        let one = _mm512_set1_epi64(1);
        _mm512_cmpeq_epi64_mask(_mm512_and_si512(self.canonical().0[0], one), one)
    }

    /// The same elements as numbers below the prime.
    #[inline]
    #[cfg_attr(not(feature = "emulated"), target_feature(enable = "avx512f,avx512ifma"))]
    fn canonical(self) -> Self {
        // The number is below twice the prime. It is at least the prime where adding `FOLD`
        // reaches `2^256`, and then the rest is what is wanted.
        let mut limbs = self.0;
        limbs[0] = _mm512_add_epi64(limbs[0], _mm512_set1_epi64(FOLD));
        carry(&mut limbs);
        let last = limbs[LIMBS - 1];
        let above = _mm512_srli_epi64::<BITS_LAST>(last);
        limbs[LIMBS - 1] = _mm512_and_si512(last, _mm512_set1_epi64((1 << BITS_LAST) - 1));
        let below = _mm512_cmpeq_epi64_mask(above, _mm512_setzero_si512());
        Self(limbs).blend(below, self)
    }
}

impl Sum {
    /// With other elements added.
    #[inline]
    #[cfg_attr(not(feature = "emulated"), target_feature(enable = "avx512f,avx512ifma"))]
    pub fn plus(mut self, other: Self) -> Self {
        for (limb, other) in self.0.iter_mut().zip(other.0) {
            *limb = _mm512_add_epi64(*limb, other);
        }
        self
    }

    /// With other elements subtracted.
    #[inline]
    #[cfg_attr(not(feature = "emulated"), target_feature(enable = "avx512f,avx512ifma"))]
    pub fn minus(mut self, other: Self) -> Self {
        for (limb, other) in self.0.iter_mut().zip(other.0) {
            *limb = _mm512_sub_epi64(*limb, other);
        }
        self
    }

    /// Times a power of two.
    #[inline]
    #[cfg_attr(not(feature = "emulated"), target_feature(enable = "avx512f,avx512ifma"))]
    pub fn shifted<const BY: u32>(mut self) -> Self {
        for limb in &mut self.0 {
            *limb = _mm512_slli_epi64::<BY>(*limb);
        }
        self
    }

    /// The elements.
    #[inline]
    #[cfg_attr(not(feature = "emulated"), target_feature(enable = "avx512f,avx512ifma"))]
    pub fn fe(self) -> Fe {
        let mut limbs = self.0;
        for (limb, of_prime) in limbs.iter_mut().zip(PRIME) {
            *limb = _mm512_add_epi64(*limb, _mm512_set1_epi64(BIAS * of_prime));
        }
        Fe(reduce(limbs, _mm512_setzero_si512()))
    }
}

/// Moves what is above 52 bits to the next limb, up to the last.
#[inline]
#[cfg_attr(not(feature = "emulated"), target_feature(enable = "avx512f,avx512ifma"))]
fn carry(limbs: &mut [__m512i]) {
    let mask = _mm512_set1_epi64(MASK);
    for i in 1..limbs.len() {
        let above = _mm512_srai_epi64::<BITS>(limbs[i - 1]);
        limbs[i - 1] = _mm512_and_si512(limbs[i - 1], mask);
        limbs[i] = _mm512_add_epi64(limbs[i], above);
    }
}

/// A number below `2^514`, in columns below `2^60`, as an element.
#[inline]
#[cfg_attr(not(feature = "emulated"), target_feature(enable = "avx512f,avx512ifma"))]
fn fold(columns: [__m512i; 2 * LIMBS]) -> Fe {
    let [mut limbs @ .., f, g, h, i, j] = columns;
    let mut upper = [f, g, h, i, j];
    carry(&mut upper);
    let fold = _mm512_set1_epi64(FOLD_LIMBS);
    for (limb, upper) in limbs.iter_mut().zip(upper) {
        *limb = _mm512_madd52lo_epu64(*limb, upper, fold);
    }
    for (limb, upper) in limbs[1..].iter_mut().zip(upper) {
        *limb = _mm512_madd52hi_epu64(*limb, upper, fold);
    }
    let above = _mm512_madd52hi_epu64(_mm512_setzero_si512(), upper[LIMBS - 1], fold);
    Fe(reduce(limbs, above))
}

/// Limbs that make a number that is not negative, below `2^268`, and `above` times `2^260`, of
/// less than 48 bits, brought below `2^256 + 2^52`.
#[inline]
#[cfg_attr(not(feature = "emulated"), target_feature(enable = "avx512f,avx512ifma"))]
fn reduce(mut limbs: [__m512i; LIMBS], above: __m512i) -> [__m512i; LIMBS] {
    carry(&mut limbs);
    let last = limbs[LIMBS - 1];
    let above = _mm512_add_epi64(
        _mm512_slli_epi64::<{ BITS - BITS_LAST }>(above),
        _mm512_srai_epi64::<BITS_LAST>(last),
    );
    limbs[LIMBS - 1] = _mm512_and_si512(last, _mm512_set1_epi64((1 << BITS_LAST) - 1));
    let fold = _mm512_set1_epi64(FOLD);
    limbs[0] = _mm512_madd52lo_epu64(limbs[0], above, fold);
    limbs[1] = _mm512_madd52hi_epu64(limbs[1], above, fold);
    carry(&mut limbs);
    limbs
}
