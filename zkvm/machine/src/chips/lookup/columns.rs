//! Columns of the fixed table.

use crate::access::Word;
use crate::columns;

columns! {
    /// How often each answer of a line is asked for. What the line holds is preprocessed.
    pub struct LookupRow<T> {
        /// As a number below 2^16.
        pub range: T,
        /// As two numbers below 2^7.
        pub septets: T,
        /// As two bytes.
        pub bytes: T,
        /// As two bytes and their exclusive or.
        pub xor: T,
        /// As a number below 2^14 and one below 4.
        pub align: T,
        /// As a factor of a shift.
        pub factor: T,
        /// As a constant of a round.
        pub constant: T,
    }
}

columns! {
    /// What a line holds.
    pub struct LookupLine<T> {
        /// The line's number: every number below 2^16.
        pub value: T,
        /// Its high byte.
        pub second: T,
        /// The exclusive or of its bytes.
        pub xor: T,
        /// The number without its low two bits, divided by 4.
        pub word: T,
        /// Whether both bytes are below 2^7.
        pub are_septets: T,
        /// Whether the line holds a factor: the first 16 do.
        pub has_factor: T,
        /// Of a factor: whether the shift is to the right.
        pub right: T,
        /// Of a factor: the factor.
        pub factor: T,
        /// Whether the line holds a constant: the first 160 do.
        pub has_constant: T,
        /// Of a constant: its limbs.
        pub constant: Word<T>,
    }
}
