//! Columns of the compression chip.

use crate::columns;

/// Full rounds before the partial ones, and as many after them.
pub const HALF_FULL_ROUNDS: usize = 4;
/// Partial rounds.
pub const PARTIAL_ROUNDS: usize = 20;
/// Elements of Poseidon2's state.
pub const WIDTH: usize = 16;

columns! {
    /// One permutation, with the state after each full round and the S-box of each partial round.
    pub struct CompressionRow<T> {
        /// How often the compression is asked for.
        pub count: T,
        /// The input.
        pub input: [T; WIDTH],
        /// The state after each of the first full rounds.
        pub beginning: [T; HALF_FULL_ROUNDS * WIDTH],
        /// The first element after the S-box of each partial round.
        pub partial: [T; PARTIAL_ROUNDS],
        /// The state after each of the last full rounds; the last one is the output.
        pub ending: [T; HALF_FULL_ROUNDS * WIDTH],
    }
}
