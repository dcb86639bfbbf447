//! A run in pieces that are never cut.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use minster_emulator::{
    AGE_MAX, Counts, Io, LEAF_WORDS, Leaf, Limits, NODE_LEVELS, Recorder, RunError,
};
use minster_riscv::Program;

/// Instructions of a piece at most: some hundredth of a large segment.
const PIECE_CYCLES_MAX: u32 = 1 << 14;

// No piece stamps a cell anew that it accesses twice: four stamps for an instruction.
const _: () = assert!(4 * PIECE_CYCLES_MAX <= AGE_MAX);

/// A piece takes at most this part of some shape's room, and of a segment's instructions. A single
/// instruction may take more.
const PIECES_PER_SEGMENT_MIN: u32 = 16;

/// A stretch of a run.
pub struct Piece {
    /// What a segment with nothing but this piece takes.
    counts: Counts,
    /// For each touched leaf of memory, the number of the piece that touched it before, counted
    /// from 1, or 0; sorted.
    leaves: Vec<u32>,
    /// As `leaves`, for the inner nodes above them.
    nodes: Vec<u32>,
    /// For each cell that this piece accesses long after the piece before that did, the number of
    /// that one; sorted. A segment with both stamps the cell anew.
    old: Vec<u32>,
}

impl Piece {
    /// Adds this piece to a segment that starts with the piece `first`.
    pub fn add_to(&self, segment: &mut Counts, first: u32) {
        let new = |before: &[u32]| before.partition_point(|piece| *piece <= first) as u32;
        let piece = &self.counts;
        for (sum, more) in segment.steps.iter_mut().zip(piece.steps) {
            *sum = sum.saturating_add(more);
        }
        for (sum, more) in segment.units.iter_mut().zip(piece.units) {
            *sum = sum.saturating_add(more);
        }
        segment.io = segment.io.saturating_add(piece.io);
        segment.blocks = segment.blocks.saturating_add(piece.blocks);
        segment.commit_words = segment.commit_words.saturating_add(piece.commit_words);
        segment.clock = segment.clock.saturating_add(piece.clock).saturating_sub(1);
        segment.leaves = segment.leaves.saturating_add(new(&self.leaves));
        segment.nodes = segment.nodes.saturating_add(new(&self.nodes));
        let refreshes = self.old.len() as u32 - new(&self.old);
        segment.refreshes = segment.refreshes.saturating_add(refreshes);
    }
}

/// Answers to requests for hints, in order.
type Answers = Arc<Mutex<VecDeque<Vec<u8>>>>;

/// Makes a run ahead of its proof.
pub struct Scout {
    recorder: Recorder,
    limits: Vec<Limits>,
    /// The piece that last touched a node, counted from 1. Leaf `i` is node `2^27 + i`.
    touched: HashMap<u32, u32>,
    /// When the cells of a leaf were accessed last, in stamps from the start of the run.
    stamps: HashMap<u32, [u64; LEAF_WORDS]>,
    /// When each piece started, in the same stamps.
    starts: Vec<u64>,
    pieces: u32,
}

impl Scout {
    /// A run at its start, of which each piece fits one of these rooms; and what a second run
    /// needs to be the same. The first one writes the debug text.
    pub fn new(program: &Program, mut io: Io, cycles_max: u64, rooms: &[Limits]) -> (Self, Io) {
        let mut again = Io { hints: io.hints.clone(), ..Io::with_input(io.input.clone()) };
        if let Some(mut handler) = io.hint_handler.take() {
            let answers = Answers::default();
            let given = Arc::clone(&answers);
            io.hint_handler = Some(Box::new(move |request| {
                let answer = handler(request);
                given.lock().unwrap_or_else(PoisonError::into_inner).push_back(answer.clone());
                answer
            }));
            again.hint_handler = Some(Box::new(move |_| {
                let mut answers = answers.lock().unwrap_or_else(PoisonError::into_inner);
                answers.pop_front().unwrap_or_default()
            }));
        }
        let recorder = Recorder::new(program, io, cycles_max);
        let limits = piece_limits(rooms);
        let (touched, stamps, starts) = (HashMap::new(), HashMap::new(), Vec::new());
        (Self { recorder, limits, touched, stamps, starts, pieces: 0 }, again)
    }

    /// Whether there is no next piece.
    pub fn has_ended(&self) -> bool {
        self.recorder.has_ended()
    }

    /// Pieces that have run.
    pub fn pieces(&self) -> u32 {
        self.pieces
    }

    /// Runs the next piece.
    pub fn next_piece(&mut self) -> Result<Piece, RunError> {
        let start = 4 * self.recorder.cycles();
        let record = self.recorder.next_segment(&self.limits)?;
        self.pieces = self.pieces.saturating_add(1);
        self.starts.push(start);
        let (mut leaves, mut nodes) = (Vec::with_capacity(record.leaves.len()), Vec::new());
        let mut old = Vec::new();
        for leaf in &record.leaves {
            self.age(leaf, start, &mut old);
            let mut node = 1 << NODE_LEVELS | leaf.index;
            leaves.extend(self.touch(node));
            while node > 1 {
                node >>= 1;
                let Some(before) = self.touch(node) else { break };
                nodes.push(before);
            }
        }
        leaves.sort_unstable();
        nodes.sort_unstable();
        old.sort_unstable();
        Ok(Piece { counts: record.counts, leaves, nodes, old })
    }

    /// Adds to `old` the pieces that accessed cells of a leaf long before the one that has started
    /// at `start`.
    fn age(&mut self, leaf: &Leaf, start: u64, old: &mut Vec<u32>) {
        let last = self.stamps.entry(leaf.index).or_default();
        let stamps = leaf.starts.iter().zip(leaf.stamps);
        for (last, (before, stamp)) in last.iter_mut().zip(stamps) {
            // What accesses of any age touch first starts with 0.
            let first = start + u64::from(*before) + 1;
            if *before != 0 && *last != 0 && first - *last > u64::from(AGE_MAX) {
                old.push(self.starts.partition_point(|start| start + 4 <= *last) as u32);
            }
            if stamp != 0 {
                *last = start + u64::from(stamp);
            }
        }
    }

    /// The piece that touched a node before this one; `None` if this one did too.
    fn touch(&mut self, node: u32) -> Option<u32> {
        let before = self.touched.insert(node, self.pieces).unwrap_or_default();
        (before != self.pieces).then_some(before)
    }
}

/// What a piece may take: a part of some shape or, if it is a single instruction, all of it. So
/// each piece fits a shape.
fn piece_limits(rooms: &[Limits]) -> Vec<Limits> {
    let part = |room: u32| room.div_ceil(PIECES_PER_SEGMENT_MIN);
    let small = rooms.iter().map(|room| Limits {
        steps: room.steps.map(part),
        io: part(room.io),
        refreshes: part(room.refreshes),
        calls: part(room.calls),
        units: room.units.map(part),
        blocks: part(room.blocks),
        leaves: part(room.leaves),
        nodes: part(room.nodes),
        hashes: part(room.hashes),
        clock: part(room.clock.saturating_sub(1)).min(PIECE_CYCLES_MAX).saturating_add(1),
    });
    let single = rooms.iter().map(|room| Limits { clock: room.clock.min(2), ..*room });
    small.chain(single).collect()
}
