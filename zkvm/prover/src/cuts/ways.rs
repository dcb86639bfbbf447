//! The cheapest way to put the pieces of a run into segments.

use minster_emulator::{Counts, Limits};

/// What fits into a shape, and what the shape costs.
pub struct Room {
    /// Which one, in the list that it is from.
    pub shape: usize,
    /// What fits.
    pub limits: Limits,
    /// What it costs.
    pub cells: u64,
}

/// A segment that pieces can be put into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fit {
    /// Its shape.
    pub shape: usize,
    /// What it costs.
    pub cells: u64,
}

/// A way to the end.
#[derive(Clone, Copy)]
pub struct Way {
    /// What it costs.
    pub cells: u64,
    /// The first piece behind its first segment.
    pub end: usize,
    /// Its first segment, and what that takes.
    pub first: Option<(Fit, Counts)>,
}

/// For each of `count` pieces the cheapest way from its start to the end.
///
/// `counts` is what segments take that start with a piece: of it alone, with the next one, and so
/// on. `fitting` makes what is asked for the cheapest segment with room for these, in that order,
/// until there is none.
pub fn ways<C, F>(count: usize, counts: impl Fn(usize) -> C, fitting: impl Fn() -> F) -> Vec<Way>
where
    C: Iterator<Item = Counts>,
    F: FnMut(&Counts) -> Option<Fit>,
{
    let mut ways = vec![Way { cells: u64::MAX, end: count, first: None }; count + 1];
    ways[count].cells = 0;
    for start in (0..count).rev() {
        let mut fitting = fitting();
        for (end, counts) in (start + 1..=count).zip(counts(start)) {
            let Some(fit) = fitting(&counts) else { break };
            let cells = ways[end].cells.saturating_add(fit.cells);
            if cells <= ways[start].cells {
                ways[start] = Way { cells, end, first: Some((fit, counts)) };
            }
        }
    }
    ways
}

/// Takes the first of some rooms, cheapest first, that has room. What one piece more does not fit
/// into, it never fits into.
pub fn first_room(rooms: &[Room]) -> impl FnMut(&Counts) -> Option<Fit> {
    let mut rooms = rooms.iter().peekable();
    move |counts| {
        while rooms.next_if(|room| !counts.fits(&room.limits)).is_some() {}
        rooms.peek().map(|room| Fit { shape: room.shape, cells: room.cells })
    }
}
