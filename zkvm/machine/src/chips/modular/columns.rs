//! Columns of the chip of modular arithmetic.

use crate::chips::bignum::{Bytes, Less};
use crate::columns;

columns! {
    /// One call.
    pub struct ModularRow<T> {
        /// Tick of the call.
        pub clock: T,
        /// 1 for `a·b mod m`.
        pub is_mul: T,
        /// 1 for `(a + b) mod m`.
        pub is_add: T,
        /// 1 for `(a - b) mod m`.
        pub is_sub: T,
        /// The first cell of the result, of a, of b and of m.
        pub cells: [T; 4],
        /// First operand.
        pub a: Bytes<T>,
        /// Second operand.
        pub b: Bytes<T>,
        /// The modulus.
        pub m: Bytes<T>,
        /// How many times the modulus is taken off, or put on in a subtraction.
        pub quotient: Bytes<T>,
        /// What the cells of the result held, as limbs.
        pub before: [T; 16],
        /// The result, as limbs.
        pub result: [T; 16],
        /// Carries of the equation, out of each coefficient but the highest.
        pub carries: [T; 31],
        /// That the result is below the modulus.
        pub less: Less<T>,
    }
}
