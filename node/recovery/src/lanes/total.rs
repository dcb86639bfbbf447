//! A sum of points that starts empty, lane by lane.

use super::registers::__mmask8;
use super::{
    field::Fe,
    point::{Affine, Jacobian},
};

/// A sum to which each lane may or may not add.
pub struct Total {
    sum: Jacobian,
    /// The lanes that have added something.
    begun: __mmask8,
}

impl Total {
    /// Nothing added yet.
    #[inline]
    #[cfg_attr(not(feature = "emulated"), target_feature(enable = "avx512f,avx512ifma"))]
    pub fn new() -> Self {
        let zero = Fe::small(0);
        Self { sum: Jacobian { x: zero, y: zero, z: zero }, begun: 0 }
    }

    /// Twice as much.
    #[inline]
    #[cfg_attr(not(feature = "emulated"), target_feature(enable = "avx512f,avx512ifma"))]
    pub fn double(&mut self) {
        self.sum = self.sum.double();
    }

    /// Adds to the lanes of the mask.
    #[inline]
    #[cfg_attr(not(feature = "emulated"), target_feature(enable = "avx512f,avx512ifma"))]
    pub fn add(&mut self, lanes: __mmask8, point: Affine) {
        let (more, _) = self.sum.add(&point);
        let first = lanes & !self.begun;
        self.sum = self.sum.blend(lanes, &more).blend(first, &point.jacobian());
        self.begun |= lanes;
    }

    /// Multiplies `z`: back from a curve on which the points were affine.
    #[inline]
    #[cfg_attr(not(feature = "emulated"), target_feature(enable = "avx512f,avx512ifma"))]
    pub fn scale(&mut self, z: &Fe) {
        self.sum.z = self.sum.z.mul(z);
    }

    /// The sum, with `z` zero in lanes that added nothing.
    #[inline]
    #[cfg_attr(not(feature = "emulated"), target_feature(enable = "avx512f,avx512ifma"))]
    pub const fn sum(&self) -> &Jacobian {
        &self.sum
    }
}
