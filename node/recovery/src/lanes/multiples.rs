//! Small multiples of points that differ from lane to lane.

use super::registers::{
    __m512i, _mm512_abs_epi64, _mm512_cmpeq_epi64_mask, _mm512_cmplt_epi64_mask, _mm512_set1_epi64,
    _mm512_setzero_si512,
};
use super::{
    field::Fe,
    point::{Affine, Jacobian},
    total::Total,
    words::load,
};
use crate::scalar::{HALF_WINDOWS, Half, MULTIPLES_MAX, WINDOW};

/// A root of one: multiplying `x` by it multiplies the point by the scalar that splits others in
/// two halves.
const ROOT: [u64; 4] =
    [0xc139_6c28_7195_01ee, 0x9cf0_4975_12f5_8995, 0x6e64_479e_ac34_34e9, 0x7ae9_6a2b_657c_0710];

/// The first multiples of each lane's point, with one `z` for all of a lane.
pub struct Multiples {
    points: [Affine; MULTIPLES_MAX],
    /// First coordinates times [`ROOT`].
    rotated: [Fe; MULTIPLES_MAX],
    z: Fe,
}

impl Multiples {
    /// The multiples of points.
    #[cfg_attr(not(feature = "emulated"), target_feature(enable = "avx512f,avx512ifma"))]
    pub fn of(point: Affine) -> Self {
        // Each is the one before with the point added, which multiplies z by a factor.
        let one = Fe::small(1);
        let mut sums = [point.jacobian(); MULTIPLES_MAX];
        let mut factors = [one; MULTIPLES_MAX];
        sums[1] = sums[0].double();
        factors[1] = sums[1].z;
        for i in 2..MULTIPLES_MAX {
            (sums[i], factors[i]) = sums[i - 1].add(&point);
        }
        // The product of all factors after one brings it to the last one's z.
        let root = Fe::from_words(&ROOT.map(|word| [word; 8]));
        let mut missing = one;
        let mut points = [point; MULTIPLES_MAX];
        let mut rotated = [one; MULTIPLES_MAX];
        for i in (0..MULTIPLES_MAX).rev() {
            let Jacobian { x, y, .. } = &sums[i];
            let square = missing.square();
            points[i] = Affine { x: x.mul(&square), y: y.mul(&square.mul(&missing)) };
            rotated[i] = points[i].x.mul(&root);
            missing = missing.mul(&factors[i]);
        }
        Self { points, rotated, z: sums[MULTIPLES_MAX - 1].z }
    }

    /// Each lane's point times a number, of which `halves` are the two halves.
    #[cfg_attr(not(feature = "emulated"), target_feature(enable = "avx512f,avx512ifma"))]
    pub fn times(&self, halves: &[Half; 2]) -> Total {
        let mut total = Total::new();
        for window in (0..HALF_WINDOWS).rev() {
            if window + 1 < HALF_WINDOWS {
                for _ in 0..WINDOW {
                    total.double();
                }
            }
            for (rotated, half) in [false, true].into_iter().zip(halves) {
                let digits = load(&half[window]);
                let some = !_mm512_cmpeq_epi64_mask(digits, _mm512_setzero_si512());
                total.add(some, self.select(digits, rotated));
            }
        }
        total.scale(&self.z);
        total
    }

    /// The multiples that signed digits name; where a digit is zero, any.
    #[inline]
    #[cfg_attr(not(feature = "emulated"), target_feature(enable = "avx512f,avx512ifma"))]
    fn select(&self, digits: __m512i, rotated: bool) -> Affine {
        let size = _mm512_abs_epi64(digits);
        let first = |i: usize| if rotated { self.rotated[i] } else { self.points[i].x };
        let mut point = Affine { x: first(0), y: self.points[0].y };
        for i in 1..MULTIPLES_MAX {
            let here = _mm512_cmpeq_epi64_mask(size, _mm512_set1_epi64(i as i64 + 1));
            point.x = point.x.blend(here, first(i));
            point.y = point.y.blend(here, self.points[i].y);
        }
        point.negated(_mm512_cmplt_epi64_mask(digits, _mm512_setzero_si512()))
    }
}
