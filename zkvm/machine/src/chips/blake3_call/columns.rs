//! Columns of the chip of BLAKE3's calls.

use crate::columns;

columns! {
    /// One call.
    pub struct Blake3CallRow<T> {
        /// 1 on a row of a call, 0 on padding.
        pub real: T,
        /// Tick of the call.
        pub clock: T,
        /// The first cells of the three operands.
        pub cells: [T; 3],
        /// The chaining value before the call, each word as its low and its high limb.
        pub value: [T; 16],
        /// The message.
        pub message: [T; 32],
        /// Counter (2 words), length, flags, and 4 words that count for nothing.
        pub parameters: [T; 16],
    }
}
