//! Columns of the chip of BLAKE3's half rounds.

use super::LANES;
use crate::access::Word;
use crate::columns;

columns! {
    /// What one half of G computes, as bytes, the lowest first.
    pub struct Half<T> {
        /// Word a after it.
        pub a: [T; 4],
        /// Exclusive or of d and a; the rotation is left out.
        pub d: [T; 4],
        /// Word c after it.
        pub c: [T; 4],
        /// Exclusive or of b and c; the rotation is left out.
        pub b: [T; 4],
    }
}

columns! {
    /// One G: four words of the state and two of the message, mixed in two halves.
    pub struct Lane<T> {
        /// Word a before it.
        pub a: Word<T>,
        /// Bytes of word b before it.
        pub b: [T; 4],
        /// Word c before it.
        pub c: Word<T>,
        /// Bytes of word d before it.
        pub d: [T; 4],
        /// The message word of the first half.
        pub x: Word<T>,
        /// The message word of the second half.
        pub y: Word<T>,
        /// The first half; it turns d by 16 and b by 12.
        pub first: Half<T>,
        /// Low nibbles of the bytes of `first.b`, each in three pieces.
        pub nibbles: [T; 12],
        /// The second half; it turns d by 8 and b by 7.
        pub second: Half<T>,
        /// Top bits of the bytes 0 and 2 of `second.b`.
        pub tops: [T; 2],
    }
}

columns! {
    /// A half round of a call, or its end.
    pub struct Blake3Row<T> {
        /// 1 on a row of a half round.
        pub is_mixing: T,
        /// 1 on the last row of a call.
        pub is_output: T,
        /// Tick of the call.
        pub clock: T,
        /// Half rounds before this row.
        pub half_round: T,
        /// The first G.
        pub lane_0: Lane<T>,
        /// The second.
        pub lane_1: Lane<T>,
        /// The third.
        pub lane_2: Lane<T>,
        /// The fourth.
        pub lane_3: Lane<T>,
    }
}

impl<T> Blake3Row<T> {
    /// The four Gs.
    pub const fn lanes(&self) -> [&Lane<T>; LANES] {
        [&self.lane_0, &self.lane_1, &self.lane_2, &self.lane_3]
    }
}
