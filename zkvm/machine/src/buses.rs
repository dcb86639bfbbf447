//! The buses: what each tuple means, and which side of it a chip is on.
//!
//! Every bus balances over a segment: for each tuple, what is sent equals what is received. On a
//! lookup bus a table receives what others send, as often as they send it. All tuples of one bus
//! have one width.

use p3_field::{PrimeCharacteristicRing, PrimeField32};
use p3_lookup::Count;

use crate::F;
use crate::builder::ChipBuilder;

/// The machine between two instructions: `(pc / 4, clock)`.
pub const STATE: &str = "state";
/// A line of the program: see [`crate::rom::Line`].
pub const PROGRAM: &str = "program";
/// A memory cell and its last access: `(cell, low, high, stamp)`.
pub const MEMORY: &str = "memory";
/// A number below 2^16: `(value)`.
pub const RANGE: &str = "range";
/// Two numbers below 2^7: `(first, second)`.
pub const SEPTETS: &str = "septets";
/// Two bytes: `(first, second)`.
pub const BYTES: &str = "bytes";
/// Two bytes and their exclusive or: `(first, second, xor)`.
pub const XOR: &str = "xor";
/// A number below 2^14 and one below 2^2: `(word, offset)`.
pub const ALIGN: &str = "align";
/// A distance of a shift within a byte and its factor: `(right, distance, factor)`, where the
/// factor is `2^distance` to the left and `2^(8 - distance)` to the right, distance below 8.
pub const FACTOR: &str = "factor";
/// A constant of a precompile's round: `(index, low, high)`, see [`crate::lookups::constants`].
pub const CONSTANT: &str = "constant";
/// A call of a precompile: `(number, operands, clock, cell[4])`, see [`Call`].
pub const CALL: &str = "call";
/// Eight cells that a precompile accesses: `(clock, slot, cell, before[16], after[16])`, see
/// [`Block`].
pub const BLOCK: &str = "block";
/// SHA-256 between two pairs of rounds: `(clock, cell, pair, odd, state[16], queue[4])`.
pub const SHA256_ROUND: &str = "sha256 round";
/// The last sixteen words of SHA-256's message schedule: `(clock, cell, quad, words[32])`.
pub const SHA256_WINDOW: &str = "sha256 window";
/// Four words of SHA-256's message schedule: `(clock, cell, pair, words[8])`.
pub const SHA256_WORDS: &str = "sha256 words";
/// From a row of a point function to the next: `(clock, step, cell[2], slope[32], run[16])`. Step 1
/// leads from the slope to x of the result, step 2 from there to y. The cells are those of the
/// result and of P, the slope is its digits, and `run` is a value less x of P.
pub const SECP256K1_SLOPE: &str = "secp256k1 slope";
/// A coordinate of P for the row that step leads to: `(clock, step, limb[16])`.
pub const SECP256K1_COORDINATE: &str = "secp256k1 coordinate";
/// Bits that pass from a quarter of a round of Keccak-f to a quarter of the next: `(clock, step,
/// place, edges, packed[7])`, where `place` is the quarter that takes them plus four times its
/// distance from the one that gives them. See [`crate::chips::keccak`].
pub const KECCAK: &str = "keccak";
/// Limbs of a state before or after Keccak-f: `(clock, place, limb[13])`, where `place` is the
/// quarter that the limbs are of, plus 4 after the last round, plus 8 for the lanes from 12 on.
pub const KECCAK_LIMBS: &str = "keccak-limbs";
/// Where the lanes from 12 on lie: `(clock, cell)`.
pub const KECCAK_CELL: &str = "keccak-cell";
/// A call of BLAKE3 between two half rounds: `(clock, half_round, limb[32])`, the words
/// a, b, c and d of each lane.
pub const BLAKE3_STATE: &str = "blake3 state";
/// Eight words of a call of BLAKE3: `(clock, place, limb[16])`. At the place of each half round
/// those of the message that it mixes in, two for each lane; the chaining value at the result's
/// cell plus [`VALUE_PLACE`](crate::chips::blake3::VALUE_PLACE).
pub const BLAKE3_WORDS: &str = "blake3 words";
/// A node of the memory tree: `(level, index, before[8], after[8])`.
pub const NODE: &str = "node";
/// A compression of the memory tree: `(input[16], output[8])`.
pub const COMPRESSION: &str = "compression";
/// What is left of a block transfer: `(is_commit, cell, remaining, clock, position)`.
pub const TRANSFER: &str = "transfer";
/// Words of public output, and when the last of them was committed: `(words, clock)`.
pub const ORDER: &str = "order";
/// The public output so far: `(words, digest[8])`.
pub const OUTPUT: &str = "output";
/// The exit code of a halted program: `(low, high)`.
pub const EXIT: &str = "exit";

/// The buses of instructions, of the fixed table and of calls, with the widths of their tuples. Two
/// messages share a column of the bus argument only if they are on one bus of the library, and most
/// rows have an odd number on several of these. So all of them are one bus there, [`SHARED`].
const SHARING: [(&str, usize); 11] = [
    (STATE, 2),
    (PROGRAM, 8),
    (MEMORY, 4),
    (RANGE, 1),
    (SEPTETS, 2),
    (BYTES, 2),
    (XOR, 3),
    (ALIGN, 2),
    (FACTOR, 3),
    (CONSTANT, 3),
    (CALL, 7),
];

/// The library's bus for many of ours. A tuple begins with the number of its own bus, from 1 on,
/// and ends with as many zeros as it needs: no two tuples of two buses are the same.
const SHARED: &str = "shared";

/// The width of the widest tuple of [`SHARING`], with its number.
const SHARED_WIDTH: usize = {
    let (mut place, mut widest) = (0, 0);
    while place < SHARING.len() {
        if SHARING[place].1 > widest {
            widest = SHARING[place].1;
        }
        place += 1;
    }
    widest + 1
};

/// Hands a message to the library, on the bus that it is on there.
pub fn push<AB: ChipBuilder, const N: usize>(
    builder: &mut AB,
    bus: &str,
    tuple: [AB::Expr; N],
    count: Count<AB::Expr>,
) {
    match SHARING.iter().position(|(name, _)| *name == bus) {
        Some(place) => {
            // The library sees only the padded width.
            assert_eq!(N, SHARING[place].1, "the width of a tuple on {bus}");
            let number = constant::<AB>(place as u32 + 1);
            let zeros = core::iter::repeat_n(AB::Expr::ZERO, SHARED_WIDTH - 1 - N);
            let tuple = core::iter::once(number).chain(tuple).chain(zeros);
            builder.push_interaction(SHARED, tuple, count);
        }
        None => builder.push_interaction(bus, tuple, count),
    }
}

/// The bus that a message of the library is on, and its tuple there: what [`push`] made of them is
/// undone.
pub fn own_bus<'a>(bus: &'a str, tuple: &'a [F]) -> (&'a str, &'a [F]) {
    let sharing = match tuple.split_first() {
        Some((number, tuple)) if bus == SHARED => {
            let place = (number.as_canonical_u32() as usize).wrapping_sub(1);
            SHARING.get(place).and_then(|(name, width)| Some((*name, tuple.get(..*width)?)))
        }
        _ => None,
    };
    sharing.unwrap_or((bus, tuple))
}

/// Sends a tuple `count` times. `count` is a bit on every row: the chip constrains it.
pub fn send<AB: ChipBuilder, const N: usize>(
    builder: &mut AB,
    bus: &str,
    tuple: [AB::Expr; N],
    count: impl Into<AB::Expr>,
) {
    builder.message(bus, tuple, Count::bounded(count.into(), 1));
}

/// Receives a tuple `count` times. `count` is a bit on every row: the chip constrains it.
pub fn receive<AB: ChipBuilder, const N: usize>(
    builder: &mut AB,
    bus: &str,
    tuple: [AB::Expr; N],
    count: impl Into<AB::Expr>,
) {
    let count: AB::Expr = count.into();
    builder.message(bus, tuple, Count::bounded(-count, 1));
}

/// Provides a line of a table as often as it is asked for: the one place for a free multiplicity.
pub fn provide<AB: ChipBuilder, const N: usize>(
    builder: &mut AB,
    bus: &str,
    tuple: [AB::Expr; N],
    count: impl Into<AB::Expr>,
) {
    let count: AB::Expr = count.into();
    builder.message(bus, tuple, Count::provided(-count));
}

/// Requires a value to be below 2^16.
pub fn range<AB: ChipBuilder>(
    builder: &mut AB,
    value: impl Into<AB::Expr>,
    count: impl Into<AB::Expr>,
) {
    send(builder, RANGE, [value.into()], count);
}

/// Requires two values to be below 2^7.
pub fn septets<AB: ChipBuilder>(
    builder: &mut AB,
    values: [AB::Expr; 2],
    count: impl Into<AB::Expr>,
) {
    send(builder, SEPTETS, values, count);
}

/// Requires two values to be bytes.
pub fn bytes<AB: ChipBuilder>(builder: &mut AB, values: [AB::Expr; 2], count: impl Into<AB::Expr>) {
    send(builder, BYTES, values, count);
}

/// The inverse of `2^log` as an expression, `log` at most 24: p is 1 modulo 2^24.
pub fn inverse_power<AB: ChipBuilder>(log: u32) -> AB::Expr {
    constant::<AB>(F::ORDER_U32 - ((F::ORDER_U32 - 1) >> log))
}

/// Bits as the binary digits of a number, the lowest first. By constants: the library keeps the
/// expressions of messages as trees, and doubling a sum again and again would double its tree.
pub fn pack<AB: ChipBuilder>(bits: impl IntoIterator<Item = AB::Expr>) -> AB::Expr {
    (0..).zip(bits).map(|(index, bit)| bit * constant::<AB>(1 << index)).sum()
}

/// A constant as an expression.
pub fn constant<AB: ChipBuilder>(value: u32) -> AB::Expr {
    AB::Expr::from_u32(value)
}

/// The tuple of the call bus. The call chip sends it, a precompile's chip receives it.
#[derive(Clone, Debug)]
pub struct Call<E> {
    /// Number of the function.
    pub number: E,
    /// How many operands it has.
    pub operands: E,
    /// Tick of the call.
    pub clock: E,
    /// The first cell of each operand; 0 of those that the function does not have.
    pub cells: [E; 4],
}

impl<E> Call<E> {
    /// The parts in their order.
    pub fn tuple(self) -> [E; 7] {
        let [a, b, c, d] = self.cells;
        [self.number, self.operands, self.clock, a, b, c, d]
    }
}

/// The tuple of the block bus. A precompile's chip sends it, the block chip receives it.
#[derive(Clone, Debug)]
pub struct Block<E> {
    /// Tick of the call.
    pub clock: E,
    /// Slot of the access within the tick: see [`crate::chips::precompile::slot`].
    pub slot: E,
    /// The first of the eight cells.
    pub cell: E,
    /// What they hold before, each as its low and its high limb. Below 2^16, as all of memory.
    pub before: [E; 16],
    /// What they hold after. The sender bounds every limb by 2^16 where it differs from `before`.
    pub after: [E; 16],
}

impl<E> Block<E> {
    /// The parts in their order.
    pub fn tuple(self) -> [E; 35] {
        let [a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15] = self.before;
        let [b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, b13, b14, b15] = self.after;
        [
            self.clock, self.slot, self.cell, a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11,
            a12, a13, a14, a15, b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, b13, b14,
            b15,
        ]
    }
}

/// The tuple of the node bus.
#[derive(Clone, Debug)]
pub struct Node<E> {
    /// 0 for a leaf.
    pub level: E,
    /// Position in the level.
    pub index: E,
    /// Digest before the segment.
    pub before: [E; 8],
    /// Digest after the segment.
    pub after: [E; 8],
}

impl<E> Node<E> {
    /// The parts in their order.
    pub fn tuple(self) -> [E; 18] {
        let [a, b, c, d, e, f, g, h] = self.before;
        let [i, j, k, l, m, n, o, p] = self.after;
        [self.level, self.index, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p]
    }
}

/// The tuple of the output bus.
pub fn output<E>(words: E, digest: [E; 8]) -> [E; 9] {
    let [a, b, c, d, e, f, g, h] = digest;
    [words, a, b, c, d, e, f, g, h]
}

/// The tuple of the compression bus.
pub fn compression<E>(left: [E; 8], right: [E; 8], output: [E; 8]) -> [E; 24] {
    let [a, b, c, d, e, f, g, h] = left;
    let [i, j, k, l, m, n, o, p] = right;
    let [q, r, s, t, u, v, w, x] = output;
    [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x]
}
