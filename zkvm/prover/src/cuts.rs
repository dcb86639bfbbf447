//! Where a run is cut into segments, so that their tables together have the fewest cells.
//!
//! A segment's tables have heights of a shape, whatever they hold. So the run is made twice: once
//! ahead of its proof, in pieces that are never cut, and from what these hold the cheapest way to
//! put them into shapes follows by dynamic programming, a window of pieces at a time.

mod pieces;
mod ways;
mod whole;

use std::collections::VecDeque;

use minster_emulator::{Counts, Io, Limits, RunError};
use minster_machine::shape::SHAPES;
use minster_riscv::Program;
use minster_verifier::VerifyingKey;

use crate::cost::cells;
use pieces::{Piece, Scout};
use ways::{Room, Way, first_room, ways};

pub use ways::Fit;
pub use whole::Pieces;

/// Pieces that are looked at together. What they end with is not what the run ends with, so only
/// the first half of the segments is settled.
const WINDOW: usize = 1024;

/// A segment to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Position in [`SHAPES`].
    pub shape: u8,
    /// What the segment takes of its shape.
    pub counts: Counts,
}

/// Finds the cuts of a run, from its start on.
pub struct Cutter {
    scout: Scout,
    /// Those of [`SHAPES`], cheapest first.
    rooms: Vec<Room>,
    /// Pieces that no settled cut has: the last that the scout has run.
    pieces: VecDeque<Piece>,
    settled: VecDeque<Cut>,
}

impl Cutter {
    /// The run of a program, and what a second run of it needs to be the same.
    pub fn new(
        program: &Program,
        key: &VerifyingKey,
        io: Io,
        cycles_max: u64,
        segment_cycles_max: u32,
    ) -> (Self, Io) {
        // The first instruction of a segment has the clock 1.
        let clock_max = segment_cycles_max.saturating_add(1);
        let rooms = SHAPES.iter().enumerate().map(|(index, shape)| {
            let limits = shape.limits();
            let limits = Limits { clock: limits.clock.min(clock_max), ..limits };
            Room { shape: index, limits, cells: cells(key, shape) }
        });
        let mut rooms: Vec<Room> = rooms.collect();
        rooms.sort_by_key(|room| room.cells);
        let limits: Vec<Limits> = rooms.iter().map(|room| room.limits).collect();
        let (scout, again) = Scout::new(program, io, cycles_max, &limits);
        let (pieces, settled) = (VecDeque::new(), VecDeque::new());
        (Self { scout, rooms, pieces, settled }, again)
    }

    /// The next segment; `None` behind the end of the run.
    ///
    /// # Errors
    /// When the run fails, which is told before the segments that lead there.
    pub fn next_cut(&mut self) -> Result<Option<Cut>, RunError> {
        if self.settled.is_empty() {
            while self.pieces.len() < WINDOW && !self.scout.has_ended() {
                self.pieces.push_back(self.scout.next_piece()?);
            }
            self.settle();
        }
        Ok(self.settled.pop_front())
    }

    fn settle(&mut self) {
        let ways = self.ways();
        let half = if self.scout.has_ended() { ways.len() } else { WINDOW / 2 };
        let mut at = 0;
        while at < half
            && let Some(Way { first: Some((Fit { shape, .. }, counts)), end, .. }) = ways.get(at)
        {
            self.settled.push_back(Cut { shape: *shape as u8, counts: *counts });
            at = *end;
        }
        self.pieces.drain(..at.min(self.pieces.len()));
    }

    /// For each piece the cheapest way from its start to the end of the window.
    fn ways(&self) -> Vec<Way> {
        let count = self.pieces.len();
        let settled = self.scout.pieces() - count as u32;
        let from = |start: usize| {
            let mut counts = Counts { clock: 1, ..Counts::default() };
            self.pieces.range(start..).map(move |piece| {
                piece.add_to(&mut counts, settled + start as u32);
                counts
            })
        };
        ways(count, from, || first_room(&self.rooms))
    }
}

#[cfg(test)]
mod tests;
