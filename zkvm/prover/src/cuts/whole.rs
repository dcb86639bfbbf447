//! A whole run in pieces, to look for the shapes that suit it.

use minster_emulator::{Counts, Io, Limits, RunError};
use minster_riscv::Program;

use super::pieces::Scout;
use super::ways::{Fit, Room, first_room, ways};

/// What segments of a run take, wherever they start and end.
pub struct Pieces {
    /// By the piece that a segment starts with, and by how many pieces more it has.
    counts: Vec<Vec<Counts>>,
}

impl Pieces {
    /// Those of a program's run, with all segments that have room in `most`. They are as short as
    /// those of a proof are where it has these rooms.
    ///
    /// # Errors
    /// When the run fails.
    pub fn new(
        program: &Program,
        io: Io,
        cycles_max: u64,
        rooms: &[Limits],
        most: &Limits,
    ) -> Result<Self, RunError> {
        let (mut scout, _) = Scout::new(program, io, cycles_max, rooms);
        let mut pieces = Vec::new();
        while !scout.has_ended() {
            pieces.push(scout.next_piece()?);
        }
        let from = |(first, start): (u32, usize)| {
            let mut counts = Counts { clock: 1, ..Counts::default() };
            let sums = pieces[start..].iter().map(|piece| {
                piece.add_to(&mut counts, first);
                counts
            });
            sums.take_while(|counts| counts.fits(most)).collect()
        };
        Ok(Self { counts: (0..).zip(0..pieces.len()).map(from).collect() })
    }

    /// The segments that cost least, if each costs what is said of what it takes.
    pub fn freely_cut(&self, cells: impl Fn(&Counts) -> u64) -> Vec<(Fit, Counts)> {
        self.cut_by(|| |counts: &Counts| Some(Fit { shape: 0, cells: cells(counts) }))
    }

    /// The segments that cost least among those of some shapes, given by their rooms and cells,
    /// cheapest first; nothing if they have no room for some piece.
    pub fn cut(&self, shapes: &[(Limits, u64)]) -> Vec<(Fit, Counts)> {
        let rooms = shapes.iter().enumerate();
        let room = |(shape, (limits, cells)): (usize, &(Limits, u64))| Room {
            shape,
            limits: *limits,
            cells: *cells,
        };
        let rooms: Vec<Room> = rooms.map(room).collect();
        self.cut_by(|| first_room(&rooms))
    }

    fn cut_by<F: FnMut(&Counts) -> Option<Fit>>(
        &self,
        fitting: impl Fn() -> F,
    ) -> Vec<(Fit, Counts)> {
        let ways = ways(self.counts.len(), |start| self.counts[start].iter().copied(), fitting);
        let mut at = 0;
        let mut cuts = Vec::new();
        while let Some((fit, counts)) = ways[at].first {
            cuts.push((fit, counts));
            at = ways[at].end;
        }
        if at == self.counts.len() { cuts } else { Vec::new() }
    }
}
