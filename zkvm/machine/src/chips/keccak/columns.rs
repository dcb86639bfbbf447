//! Columns of the Keccak chip.

use super::layout::{
    BITS, EDGES, FLIP_PACKS, FLIPS, IOTA_POSITIONS, LANES, PARITIES, QUARTERS, STATE_PACKS,
};
use crate::columns;

columns! {
    /// A quarter of a round: it makes 16 positions of all lanes of the state after the round, and
    /// their parities. What it starts from is the state after theta, rho and pi.
    pub struct KeccakRow<T> {
        /// Tick of the call.
        pub clock: T,
        /// Rounds done with this one: 0 in rows that show the state before the first round.
        pub step: T,
        /// Which quarter; all 0 on padding.
        pub quarter: [T; QUARTERS],
        /// 1 in rows of the state before the first round.
        pub is_first: T,
        /// 1 in rows of the last round.
        pub is_last: T,
        /// Bits of the state after theta, rho and pi.
        pub b: [T; BITS],
        /// Bits of the round constant, at the positions that have one in any round.
        pub iota: [T; IOTA_POSITIONS.len()],
        /// Bits of lane 0 after chi at these positions.
        pub chi: [T; IOTA_POSITIONS.len()],
        /// The lanes after the round, 16 bits of each.
        pub limbs: [T; LANES],
        /// Parities of the five bits after the round that share x and z.
        pub parity: [T; PARITIES],
        /// How many pairs of ones are among these five bits.
        pub pairs: [T; PARITIES],
        /// Bits that theta of this round added to those of `b`.
        pub flips: [T; FLIPS],
        /// Of such bits at position 0 of their quarter: the parity at this position, of x - 1.
        pub low_edges: [T; EDGES],
        /// And the parity at the position before, of x + 1.
        pub high_edges: [T; EDGES],
        /// Bits of the state before theta that come here, packed.
        pub state_in: [T; STATE_PACKS],
        /// Bits of the state after the round, packed as they go on.
        pub state_out: [T; STATE_PACKS],
        /// Bits that theta of the next round adds, packed.
        pub flips_out: [T; FLIP_PACKS],
    }
}
