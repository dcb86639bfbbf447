//! Multiples of the generator, from a table that is made once.

use std::sync::LazyLock;

use k256::{
    AffinePoint, ProjectivePoint,
    elliptic_curve::{BatchNormalize, sec1::ToEncodedPoint},
};

use super::registers::{_mm512_cmpeq_epi64_mask, _mm512_cmplt_epi64_mask, _mm512_setzero_si512};
use super::{
    field::Fe,
    point::Affine,
    total::Total,
    words::{Words, load},
};
use crate::scalar::{BASE_MULTIPLES_MAX, BASE_WINDOW, BASE_WINDOWS, Base, Digits};

/// Both coordinates, four words each, the least significant first.
type Entry = [u64; 8];
/// A window's multiples of the generator.
type Window = [Entry; BASE_MULTIPLES_MAX];

static TABLE: LazyLock<Vec<Window>> = LazyLock::new(|| {
    let mut start = ProjectivePoint::GENERATOR;
    let windows = (0..BASE_WINDOWS).map(|_| {
        let mut sum = start;
        let multiples: [_; BASE_MULTIPLES_MAX] = std::array::from_fn(|_| {
            let multiple = sum;
            sum += start;
            multiple
        });
        for _ in 0..BASE_WINDOW {
            start = start.double();
        }
        ProjectivePoint::batch_normalize(&multiples).map(|point| entry(&point))
    });
    windows.collect()
});

fn entry(point: &AffinePoint) -> Entry {
    let point = point.to_encoded_point(false);
    let mut entry = [0; 8];
    let halves = entry.as_chunks_mut::<4>().0.iter_mut();
    for (words, coordinate) in halves.zip([point.x(), point.y()]) {
        // A multiple of the generator below the order is no infinity: it has both.
        let bytes: [u8; 32] = coordinate.map(|bytes| (*bytes).into()).unwrap_or_default();
        for (word, bytes) in words.iter_mut().rev().zip(bytes.as_chunks().0) {
            *word = u64::from_be_bytes(*bytes);
        }
    }
    entry
}

/// Adds the generator times numbers with these digits.
#[cfg_attr(not(feature = "emulated"), target_feature(enable = "avx512f,avx512ifma"))]
pub fn add_multiples(total: &mut Total, base: &Base) {
    for (window, digits) in TABLE.iter().zip(base) {
        let register = load(digits);
        let zero = _mm512_setzero_si512();
        let point = select(window, digits).negated(_mm512_cmplt_epi64_mask(register, zero));
        total.add(!_mm512_cmpeq_epi64_mask(register, zero), point);
    }
}

/// The multiples that digits name without their sign; where a digit is zero, any.
#[inline]
#[cfg_attr(not(feature = "emulated"), target_feature(enable = "avx512f,avx512ifma"))]
fn select(window: &Window, digits: &Digits) -> Affine {
    let mut columns: [Words; 8] = [[0; 8]; 8];
    for (lane, digit) in digits.iter().enumerate() {
        let size = digit.cast_signed().unsigned_abs() as usize;
        for (column, word) in columns.iter_mut().zip(window[size.saturating_sub(1)]) {
            column[lane] = word;
        }
    }
    let [a, b, c, d, e, f, g, h] = columns;
    Affine { x: Fe::from_words(&[a, b, c, d]), y: Fe::from_words(&[e, f, g, h]) }
}
