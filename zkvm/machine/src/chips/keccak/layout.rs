//! Where the bits of a state lie in rows, and where theta, rho and pi take them. Everything here
//! follows from FIPS 202, section 3.2, and from the size of a quarter.
//!
//! Lane `(x, y)` has index `x + 5·y`. A bit of a quarter has index `16·lane + position`, a parity
//! of one has index `16·x + position`.

/// Lanes with the same x, and x of a lane.
pub const SHEETS: usize = 5;
/// Lanes of a state.
pub const LANES: usize = SHEETS * SHEETS;
/// Quarters of a state.
pub const QUARTERS: usize = 4;
/// Bits of a lane in a quarter.
pub const POSITIONS: usize = 64 / QUARTERS;
/// Bits of a quarter.
pub const BITS: usize = LANES * POSITIONS;
/// Parities of a quarter.
pub const PARITIES: usize = SHEETS * POSITIONS;
/// Bits that fit into a column as one number: 2^30 is below p.
pub const PACKED: usize = 30;
/// Positions in a quarter at which a round constant can have a bit.
pub const IOTA_POSITIONS: [usize; 5] = [0, 1, 3, 7, 15];

/// Bits of theta that a quarter needs, without those at position 0 of their own quarter.
pub const FLIPS: usize = 221;
/// Bits of theta that a quarter needs and that lie at position 0 of their own quarter. Each is
/// made of parities of two quarters.
pub const EDGES: usize = 13;
/// Packed columns for the bits of a state.
pub const STATE_PACKS: usize = STATE.packs_before(QUARTERS);
/// Packed columns for bits of theta.
pub const FLIP_PACKS: usize = FLIP.packs_before(QUARTERS);

/// How far rho takes the bits of each lane.
const ROTATIONS: [usize; LANES] = rotations();
/// The bits of a state, by distance.
pub static STATE: Routes<Passage, BITS> = Routes::state();
/// Bits of theta, by distance.
pub static FLIP: Routes<Flip, FLIPS> = Routes::flips();
/// Bits of theta at position 0, by distance: their x.
pub static EDGE: Routes<usize, EDGES> = Routes::edges();

/// A bit of the state on its way into the next round.
#[derive(Clone, Copy, Debug, Default)]
pub struct Passage {
    /// Its index in the quarter that it comes from.
    pub from: usize,
    /// Its index in the quarter that it gets to.
    pub to: usize,
    /// The bit of theta that is added to it: in [`EDGE`] if it comes from position 0, otherwise
    /// in [`FLIP`].
    pub theta: usize,
}

/// A bit of theta.
#[derive(Clone, Copy, Debug, Default)]
pub struct Flip {
    /// x of the lanes that it is added to.
    pub sheet: usize,
    /// Position in its quarter.
    pub position: usize,
}

/// What a row of each quarter sends to rows of the quarters at distance 0, 1, 2 and 3 from it, in
/// the order of distances.
#[derive(Clone, Copy, Debug)]
pub struct Routes<B, const N: usize> {
    bits: [B; N],
    starts: [usize; QUARTERS + 1],
}

impl<B, const N: usize> Routes<B, N> {
    /// What goes a distance.
    pub fn at(&self, distance: usize) -> &[B] {
        &self.bits[self.range(distance)]
    }

    /// The indices of what goes a distance.
    pub const fn range(&self, distance: usize) -> core::ops::Range<usize> {
        self.starts[distance]..self.starts[distance + 1]
    }

    /// The groups that share a column each, in the order of columns.
    pub fn packs(&self) -> impl Iterator<Item = &[B]> {
        (0..QUARTERS).flat_map(|distance| self.at(distance).chunks(PACKED))
    }

    /// How many columns the distances below one take.
    pub const fn packs_before(&self, distance: usize) -> usize {
        let (mut packs, mut at) = (0, 0);
        while at < distance {
            packs += (self.starts[at + 1] - self.starts[at]).div_ceil(PACKED);
            at += 1;
        }
        packs
    }
}

impl Routes<Passage, BITS> {
    const fn state() -> Self {
        let mut bits = [Passage { from: 0, to: 0, theta: 0 }; BITS];
        let mut starts = [0; QUARTERS + 1];
        let (mut count, mut distance) = (0, 0);
        while distance < QUARTERS {
            let mut from = 0;
            while from < BITS {
                let (lane, position) = (from / POSITIONS, from % POSITIONS);
                if travels(lane, position) == distance {
                    let (x, y) = (lane % SHEETS, lane / SHEETS);
                    let target = y + SHEETS * ((2 * x + 3 * y) % SHEETS);
                    let landing = (position + ROTATIONS[lane]) % POSITIONS;
                    let to = POSITIONS * target + landing;
                    bits[count] = Passage { from, to, theta: theta(x, position, distance) };
                    count += 1;
                }
                from += 1;
            }
            distance += 1;
            starts[distance] = count;
        }
        Self { bits, starts }
    }
}

impl Routes<Flip, FLIPS> {
    const fn flips() -> Self {
        let mut bits = [Flip { sheet: 0, position: 0 }; FLIPS];
        let mut starts = [0; QUARTERS + 1];
        let (mut count, mut distance) = (0, 0);
        while distance < QUARTERS {
            let mut at = 0;
            while at < PARITIES {
                let (sheet, position) = (at / POSITIONS, at % POSITIONS);
                if position > 0 && is_needed(sheet, position, distance) {
                    bits[count] = Flip { sheet, position };
                    count += 1;
                }
                at += 1;
            }
            distance += 1;
            starts[distance] = count;
        }
        assert!(count == FLIPS, "no entry is left over");
        Self { bits, starts }
    }
}

impl Routes<usize, EDGES> {
    const fn edges() -> Self {
        let mut bits = [0; EDGES];
        let mut starts = [0; QUARTERS + 1];
        let (mut count, mut distance) = (0, 0);
        while distance < QUARTERS {
            let mut sheet = 0;
            while sheet < SHEETS {
                if is_needed(sheet, 0, distance) {
                    bits[count] = sheet;
                    count += 1;
                }
                sheet += 1;
            }
            distance += 1;
            starts[distance] = count;
        }
        assert!(count == EDGES, "no entry is left over");
        Self { bits, starts }
    }
}

/// The table of rho: lane (1, 0) first, then as pi goes round the lanes.
const fn rotations() -> [usize; LANES] {
    let mut rotations = [0; LANES];
    let (mut x, mut y, mut step) = (1, 0, 0);
    while step < LANES - 1 {
        rotations[x + SHEETS * y] = (step + 1) * (step + 2) / 2 % 64;
        (x, y) = (y, (2 * x + 3 * y) % SHEETS);
        step += 1;
    }
    rotations
}

/// How many quarters on rho takes a bit.
const fn travels(lane: usize, position: usize) -> usize {
    (position + ROTATIONS[lane]) / POSITIONS % QUARTERS
}

/// Whether a quarter needs a bit of theta of the quarter that lies so far before it.
const fn is_needed(sheet: usize, position: usize, distance: usize) -> bool {
    let mut y = 0;
    while y < SHEETS {
        if travels(sheet + SHEETS * y, position) == distance {
            return true;
        }
        y += 1;
    }
    false
}

/// The index of a bit of theta in [`EDGE`] or in [`FLIP`].
const fn theta(sheet: usize, position: usize, distance: usize) -> usize {
    let is_edge = position == 0;
    let end = PARITIES * distance + POSITIONS * sheet + position;
    let (mut index, mut at) = (0, 0);
    while at < end {
        let (sheet, position) = (at % PARITIES / POSITIONS, at % POSITIONS);
        if (position == 0) == is_edge && is_needed(sheet, position, at / PARITIES) {
            index += 1;
        }
        at += 1;
    }
    index
}

/// Rho and pi of a state whose lanes are words.
pub fn rho_pi(lanes: &[u64; LANES]) -> [u64; LANES] {
    let mut moved = [0; LANES];
    for (lane, (value, rotation)) in lanes.iter().zip(ROTATIONS).enumerate() {
        let (x, y) = (lane % SHEETS, lane / SHEETS);
        moved[y + SHEETS * ((2 * x + 3 * y) % SHEETS)] = value.rotate_left(rotation as u32);
    }
    moved
}
