//! Accesses to memory cells, and the step from one instruction to the next: what every
//! instruction chip shares.
//!
//! Registers and RAM are one memory of cells: RAM word `w` (byte address / 4) is cell `w`, below
//! 2^29; register `r` is cell `2^29 + r`. A write to x0 goes to the cell `2^29 + 32`, which no
//! instruction reads, so x0 itself is never written.
//!
//! An access at time `stamp = 4·clock + slot` receives the cell as its last access left it and
//! sends it as this access leaves it. Every access, a read too, shows that the last one was
//! earlier: `stamp - previous - 1 < 2^16`. Without this a read could be its own predecessor, and
//! its value would be free. Most cells are accessed again soon; one that was left alone for longer
//! gets a new time first, by a row of [`refresh`](crate::chips::refresh). Memory that calls move is
//! often old, so their chips show any age themselves: `stamp - previous - 1 = low + 2^16·high` with
//! `low < 2^16` and `high < 2^7`.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::slice::{Iter, IterMut};

use minster_emulator::{AGE_MAX, Access, REGISTER_CELLS_START};
use p3_field::PrimeCharacteristicRing;

use crate::builder::ChipBuilder;
use crate::buses::{self, MEMORY, PROGRAM, STATE, constant};
use crate::cells::Cells;
use crate::lookups::LookupCounts;
use crate::rom::Line;
use crate::{F, columns};

/// Cells of RAM: 2 GiB of words.
pub const RAM_CELLS: u32 = 1 << 29;
/// The cell of register 0.
pub const REGISTER_CELL: u32 = REGISTER_CELLS_START;

const _: () = assert!(REGISTER_CELL == RAM_CELLS, "registers lie right above RAM");
const _: () = assert!(AGE_MAX == 1 << 16, "an age is in the range of the fixed table");

/// Which access of an instruction comes first: the low two bits of its time.
pub mod slot {
    use minster_emulator::Slot;

    /// The first operand.
    pub const RS1: u32 = Slot::Rs1 as u32;
    /// The second operand.
    pub const RS2: u32 = Slot::Rs2 as u32;
    /// RAM.
    pub const MEMORY: u32 = Slot::Memory as u32;
    /// The result.
    pub const RD: u32 = Slot::Rd as u32;
}

/// A word as two limbs of 16 bits. Its parts need not be cells: expressions are words too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Word<T> {
    /// The low 16 bits.
    pub low: T,
    /// The high 16 bits.
    pub high: T,
}

impl<T: Copy> Cells<T> for Word<T> {
    const WIDTH: usize = 2;

    fn read(cells: &mut Iter<'_, T>) -> Option<Self> {
        <[T; 2]>::read(cells).map(|[low, high]| Self { low, high })
    }

    fn all(value: T) -> Self {
        Self { low: value, high: value }
    }

    fn write(self, cells: &mut IterMut<'_, T>) {
        [self.low, self.high].write(cells);
    }

    fn names(prefix: &str, names: &mut Vec<String>) {
        names.extend(["low", "high"].map(|limb| format!("{prefix}.{limb}")));
    }
}

impl<T: Clone> Word<T> {
    /// The limbs as expressions of a builder.
    pub fn expr<E>(&self) -> Word<E>
    where
        T: Into<E>,
    {
        Word { low: self.low.clone().into(), high: self.high.clone().into() }
    }
}

/// The cells of a word's value.
pub fn word(value: u32) -> Word<F> {
    Word { low: F::from_u32(value & 0xffff), high: F::from_u32(value >> 16) }
}

columns! {
    /// When a cell was accessed or stamped anew last.
    pub struct Age<T> {
        /// The time.
        pub previous: T,
    }
}

/// One access of one row, as expressions.
pub struct CellAccess<AB: ChipBuilder> {
    /// The cell.
    pub cell: AB::Expr,
    /// Time of this access: `4·clock + slot`.
    pub stamp: AB::Expr,
    /// What the cell held.
    pub before: Word<AB::Expr>,
    /// What it holds afterwards.
    pub after: Word<AB::Expr>,
    /// The previous one.
    pub age: Age<AB::Var>,
}

/// The cell of a register.
pub fn register<AB: ChipBuilder>(index: impl Into<AB::Expr>) -> AB::Expr {
    index.into() + constant::<AB>(REGISTER_CELL)
}

/// Time of an access.
pub fn stamp<AB: ChipBuilder>(clock: AB::Var, slot: u32) -> AB::Expr {
    clock.into() * constant::<AB>(4) + constant::<AB>(slot)
}

/// Puts the accesses of a row on the memory bus, each later than its predecessor, and not much
/// later. `count` is a bit.
pub fn access<AB: ChipBuilder, const N: usize>(
    builder: &mut AB,
    accesses: [CellAccess<AB>; N],
    count: AB::Expr,
) {
    for access in accesses {
        access_after(builder, access, AB::Expr::ZERO, count.clone());
    }
}

/// As [`access`], however much later, given the upper parts of the ages.
pub fn access_of_any_age<AB: ChipBuilder, const N: usize>(
    builder: &mut AB,
    accesses: [CellAccess<AB>; N],
    highs: [AB::Var; N],
    count: AB::Expr,
) {
    for (access, high) in accesses.into_iter().zip(highs) {
        access_after(builder, access, high.into(), count.clone());
    }
    for pair in highs.chunks(2) {
        let second = pair.get(1).map_or(AB::Expr::ZERO, |high| (*high).into());
        buses::septets(builder, [pair[0].into(), second], count.clone());
    }
}

/// Puts one access on the memory bus. Its age is at least `2^16·high`, which the row bounds.
pub fn access_after<AB: ChipBuilder>(
    builder: &mut AB,
    access: CellAccess<AB>,
    high: AB::Expr,
    count: AB::Expr,
) {
    let CellAccess { cell, stamp, before, after, age } = access;
    let previous: AB::Expr = age.previous.into();
    let gap = stamp.clone() - previous.clone() - AB::Expr::ONE;
    let old = [cell.clone(), before.low, before.high, previous];
    buses::receive(builder, MEMORY, old, count.clone());
    buses::send(builder, MEMORY, [cell, after.low, after.high, stamp], count.clone());
    buses::range(builder, gap - high * constant::<AB>(AGE_MAX), count);
}

/// The ages of accesses of a row at their times, with their lookups counted as [`access`] makes
/// them.
pub fn ages<const N: usize>(
    accesses: [(Access, u32); N],
    counts: &mut LookupCounts,
) -> [Age<F>; N] {
    accesses.map(|(access, stamp)| {
        counts.range(gap(access, stamp));
        Age { previous: F::from_u32(access.stamp) }
    })
}

/// As [`ages`], of accesses by [`access_of_any_age`]: with the upper parts.
pub fn long_ages<const N: usize>(
    accesses: [(Access, u32); N],
    counts: &mut LookupCounts,
) -> ([Age<F>; N], [F; N]) {
    let highs = accesses.map(|(access, stamp)| {
        let gap = gap(access, stamp);
        counts.range(gap % AGE_MAX);
        gap / AGE_MAX
    });
    for pair in highs.chunks(2) {
        counts.septets(pair[0], pair.get(1).copied().unwrap_or_default());
    }
    let ages = accesses.map(|(access, _)| Age { previous: F::from_u32(access.stamp) });
    (ages, highs.map(F::from_u32))
}

/// Stamps between an access at `stamp` and the one before.
pub fn gap(access: Access, stamp: u32) -> u32 {
    stamp.wrapping_sub(access.stamp).wrapping_sub(1)
}

/// Time of an access of the trace.
pub const fn stamp_at(clock: u32, slot: u32) -> u32 {
    4 * clock + slot
}

/// The number of a row's operation: that of the flag that is set.
pub fn numbered<AB: ChipBuilder, const N: usize>(operations: [(AB::Var, u32); N]) -> AB::Expr {
    operations.into_iter().map(|(flag, number)| flag.into() * constant::<AB>(number)).sum()
}

/// One instruction's step: takes the state from the bus, reads the line of the program at its pc,
/// and gives the state on to `next_pc` one tick later. `count` is a bit.
pub fn step<AB: ChipBuilder>(
    builder: &mut AB,
    line: Line<AB::Expr>,
    clock: AB::Var,
    next_pc: AB::Expr,
    count: AB::Expr,
) {
    let clock: AB::Expr = clock.into();
    let now = [line.pc.clone(), clock.clone()];
    buses::receive(builder, STATE, now, count.clone());
    buses::send(builder, STATE, [next_pc, clock + AB::Expr::ONE], count.clone());
    let Line { pc, operation, rd, rs1, rs2, immediate, next } = line;
    let tuple = [pc, operation, rd, rs1, rs2, immediate.low, immediate.high, next];
    buses::send(builder, PROGRAM, tuple, count);
}
