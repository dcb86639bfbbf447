//! Points of the curve in eight lanes.

use super::field::Fe;
use super::registers::__mmask8;

/// Points that are not at infinity.
#[derive(Clone, Copy)]
pub struct Affine {
    /// First coordinate.
    pub x: Fe,
    /// Second coordinate.
    pub y: Fe,
}

/// Points `(x / z^2, y / z^3)`. Where `z` is zero nothing is known of the point: it is at infinity,
/// or a sum met equal points, which its formula does not add. What is computed from such a point
/// has `z` zero again.
#[derive(Clone, Copy)]
pub struct Jacobian {
    /// First coordinate.
    pub x: Fe,
    /// Second coordinate.
    pub y: Fe,
    /// What both are divided by.
    pub z: Fe,
}

impl Affine {
    /// The opposite points in the lanes of the mask.
    #[inline]
    #[cfg_attr(not(feature = "emulated"), target_feature(enable = "avx512f,avx512ifma"))]
    pub fn negated(self, mask: __mmask8) -> Self {
        let opposite = Fe::small(0).sum().minus(self.y.sum()).fe();
        Self { x: self.x, y: self.y.blend(mask, opposite) }
    }

    /// The same points with `z` one.
    #[inline]
    #[cfg_attr(not(feature = "emulated"), target_feature(enable = "avx512f,avx512ifma"))]
    pub fn jacobian(self) -> Jacobian {
        Jacobian { x: self.x, y: self.y, z: Fe::small(1) }
    }
}

impl Jacobian {
    /// Twice the points.
    #[cfg_attr(not(feature = "emulated"), target_feature(enable = "avx512f,avx512ifma"))]
    pub fn double(&self) -> Self {
        let y_squared = self.y.square();
        let product = self.x.mul(&y_squared).sum();
        let x_squared = self.x.square().sum();
        let slope = x_squared.shifted::<1>().plus(x_squared).fe();
        let x = slope.square().sum().minus(product.shifted::<3>()).fe();
        let across = slope.mul(&product.shifted::<2>().minus(x.sum()).fe()).sum();
        let y = across.minus(y_squared.square().sum().shifted::<3>()).fe();
        let z = self.y.mul(&self.z).sum().shifted::<1>().fe();
        Self { x, y, z }
    }

    /// The sums with other points, and what `z` was multiplied by.
    #[cfg_attr(not(feature = "emulated"), target_feature(enable = "avx512f,avx512ifma"))]
    pub fn add(&self, other: &Affine) -> (Self, Fe) {
        let z_squared = self.z.square();
        let x_other = other.x.mul(&z_squared).sum();
        let y_other = other.y.mul(&z_squared.mul(&self.z)).sum();
        let width = x_other.minus(self.x.sum()).fe();
        let height = y_other.minus(self.y.sum()).fe();
        let square = width.square();
        let cube = width.mul(&square);
        let start = self.x.mul(&square).sum();
        let x = height.square().sum().minus(cube.sum()).minus(start.shifted::<1>()).fe();
        let across = height.mul(&start.minus(x.sum()).fe()).sum();
        let y = across.minus(self.y.mul(&cube).sum()).fe();
        (Self { x, y, z: self.z.mul(&width) }, width)
    }

    /// `other` in the lanes of the mask, `self` in the others.
    #[inline]
    #[cfg_attr(not(feature = "emulated"), target_feature(enable = "avx512f,avx512ifma"))]
    pub fn blend(self, mask: __mmask8, other: &Self) -> Self {
        Self {
            x: self.x.blend(mask, other.x),
            y: self.y.blend(mask, other.y),
            z: self.z.blend(mask, other.z),
        }
    }
}
