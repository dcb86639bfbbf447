//! Columns of the secp256k1 chip.

use crate::chips::bignum::Bytes;
use crate::columns;

columns! {
    /// How far a number is below the modulus, in its upper limbs.
    pub struct Distance<T> {
        /// `2·Σ (65535 - limb k)` over limbs 3 to 15, plus 65535 less limb 2.
        pub high: T,
        /// `high - 1`, plus 65535 less limb 1.
        pub low: T,
        /// Limb 0.
        pub limb: T,
    }
}

columns! {
    /// What shows that a number is below the modulus.
    pub struct Below<T> {
        /// 1 if the limbs above limb 0 show it alone.
        pub far: T,
        /// The inverse of the product of both distances, if it has one.
        pub inverse: T,
    }
}

columns! {
    /// One of the three equations of a point addition or doubling: `P`, and `Q` or again `P`, have
    /// the sum `R`.
    pub struct Secp256k1Row<T> {
        /// 1 for the slope of an addition.
        pub is_add: T,
        /// 1 for the slope of a doubling.
        pub is_double: T,
        /// 1 for the x coordinate of the result.
        pub is_x: T,
        /// 1 for the y coordinate of the result.
        pub is_y: T,
        /// Tick of the call.
        pub clock: T,
        /// The first cells of R, P and Q. Of Q 0 in a doubling; free in rows of coordinates.
        pub cells: [T; 3],
        /// The slope, in digits from -128 to 127.
        pub slope: Bytes<T>,
        /// What the slope is multiplied with, in digits from -128 to 127: x of Q less x of P, y of
        /// P, the slope, or x of R less x of P.
        pub factor: Bytes<T>,
        /// What is borrowed from the limb above by each limb of the factor, from -1 to 1.
        pub borrows: [T; 16],
        /// x of Q, x of P, x of R, or y of R, in bytes.
        pub value: Bytes<T>,
        /// x of P, or y of P in the row of y.
        pub point: [T; 16],
        /// y of P in the row of the slope; then x of Q less x of P, and x of R less x of P.
        pub other: [T; 16],
        /// y of Q, bits of carries of a doubling, or what the result's place held.
        pub old: [T; 16],
        /// How often the modulus is in the equation. The top limb is signed.
        pub quotient: [T; 16],
        /// Carries between the equation's coefficients.
        pub carries: [T; 31],
        /// The inverse of the sum of the squares of the factor's digits, in the row of a slope.
        pub factor_inverse: T,
        /// `value` is below the modulus.
        pub value_below: Below<T>,
        /// Of y of Q in the row of an addition's slope, of `point` in the rows of coordinates.
        pub distance: Distance<T>,
        /// So is the number of `distance`.
        pub other_below: Below<T>,
    }
}
