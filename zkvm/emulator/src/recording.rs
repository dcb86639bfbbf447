//! The observer that writes down a segment.

use alloc::vec::Vec;

use minster_precompiles::{BLOCK_WORDS, OPERANDS_MAX};

use crate::cells::{
    AGE_MAX, LEAF_WORDS, NODE_LEVELS, OPERAND_SLOTS, REGISTER_CELLS_START, REGISTER_LEAF_START,
    REGISTER_LEAVES, REGISTER_SLOTS, Slot,
};
use crate::class::{CLASSES, Class};
use crate::cpu::{A0, A7, Change, Event, Observer, PrecompileCall};
use crate::limits::{Budget, Counts, Limits};
use crate::ram::Pages;
use crate::record::{Access, BlockAccess, Call, IoKind, IoStep, Leaf, Refresh, Step};

/// The inner nodes above the touched leaves, as bits. The children of node `n` are `2 n` and
/// `2 n + 1`, the root is 1, and leaf `i` would be `2^27 + i`.
struct Nodes {
    bits: Vec<u64>,
}

impl Nodes {
    fn new() -> Self {
        Self { bits: alloc::vec![0; (1 << NODE_LEVELS) / 64] }
    }

    /// Flips the nodes from the parent of a leaf upwards that are not `to` yet, and counts them.
    /// Above one that is there is none that is not.
    fn set_path(&mut self, leaf: u32, to: bool) -> u32 {
        let mut node = (1 << NODE_LEVELS | leaf) >> 1;
        let mut count = 0;
        while node != 0 {
            let (bits, mask) = (&mut self.bits[node as usize / 64], 1 << (node % 64));
            if (*bits & mask != 0) == to {
                break;
            }
            *bits ^= mask;
            count += 1;
            node >>= 1;
        }
        count
    }
}

/// What is kept over a run to write down its segments. Between segments all of it is zero.
pub struct Workspace {
    nodes: Nodes,
    /// The last stamps of the words of RAM in this segment.
    stamps: Pages,
    /// What these words start with.
    starts: Pages,
}

impl Workspace {
    pub fn new() -> Self {
        Self { nodes: Nodes::new(), stamps: Pages::new(), starts: Pages::new() }
    }

    /// Sets or clears the paths above the leaves of the registers.
    fn set_register_paths(&mut self, to: bool) -> u32 {
        let leaves = REGISTER_LEAF_START..REGISTER_LEAF_START + REGISTER_LEAVES as u32;
        leaves.map(|leaf| self.nodes.set_path(leaf, to)).sum()
    }

    fn is_touched(&self, leaf: u32) -> bool {
        self.stamps.leaf(leaf) != [0; LEAF_WORDS]
    }
}

/// The words of a leaf, which are zero afterwards.
fn take(pages: &mut Pages, leaf: u32) -> [u32; LEAF_WORDS] {
    let start = leaf * LEAF_WORDS as u32;
    core::array::from_fn(|lane| {
        let word = pages.get_mut(start + lane as u32);
        word.map(core::mem::take).unwrap_or_default()
    })
}

/// What was written down of a segment.
pub struct Lists {
    pub steps: [Vec<Step>; CLASSES],
    pub io: Vec<IoStep>,
    pub refreshes: Vec<Refresh>,
    pub calls: Vec<Call>,
    pub blocks: Vec<BlockAccess>,
    pub leaves: Vec<Leaf>,
}

/// The segment that is being written down.
pub struct Recording<'a> {
    pub budget: Budget,
    pub steps: [Vec<Step>; CLASSES],
    pub io: Vec<IoStep>,
    pub refreshes: Vec<Refresh>,
    pub calls: Vec<Call>,
    pub blocks: Vec<BlockAccess>,
    workspace: &'a mut Workspace,
    register_stamps: [u32; REGISTER_SLOTS],
    register_starts: [u32; REGISTER_SLOTS],
    registers_before: [u32; REGISTER_SLOTS],
    /// The touched leaves of RAM, in the order of touching: `before` alone is known.
    leaves: Vec<Leaf>,
    /// The leaves that the instruction behind the segment would have touched too.
    refused: Vec<Leaf>,
}

impl<'a> Recording<'a> {
    /// `None` if no shape holds even a segment without instructions. `sizes` are the expected
    /// numbers of steps.
    pub fn new(
        workspace: &'a mut Workspace,
        shapes: &[Limits],
        registers: &[u32; REGISTER_SLOTS],
        sizes: [usize; CLASSES],
    ) -> Option<Self> {
        let nodes = workspace.set_register_paths(true);
        let leaves = REGISTER_LEAVES as u32;
        let counts = Counts { leaves, nodes, clock: 1, ..Counts::default() };
        Some(Self {
            budget: Budget::new(counts, shapes)?,
            steps: sizes.map(Vec::with_capacity),
            io: Vec::new(),
            refreshes: Vec::new(),
            calls: Vec::new(),
            blocks: Vec::new(),
            workspace,
            register_stamps: [0; REGISTER_SLOTS],
            register_starts: [0; REGISTER_SLOTS],
            registers_before: *registers,
            leaves: Vec::new(),
            refused: Vec::new(),
        })
    }

    /// The leaves with the state at the end, and the workspace is as before the segment.
    pub fn finish(self, ram: &Pages, registers: &[u32; REGISTER_SLOTS]) -> Lists {
        let Self { workspace, mut leaves, .. } = self;
        workspace.set_register_paths(false);
        for leaf in leaves.iter().chain(&self.refused) {
            workspace.nodes.set_path(leaf.index, false);
        }
        for leaf in &mut leaves {
            leaf.after = ram.leaf(leaf.index);
            leaf.starts = take(&mut workspace.starts, leaf.index);
            leaf.stamps = take(&mut workspace.stamps, leaf.index);
        }
        leaves.sort_unstable_by_key(|leaf| leaf.index);
        leaves.extend((0..REGISTER_LEAVES).map(|index| {
            let part = |words: &[u32; REGISTER_SLOTS]| {
                core::array::from_fn(|lane| words[index * LEAF_WORDS + lane])
            };
            Leaf {
                index: REGISTER_LEAF_START + index as u32,
                before: part(&self.registers_before),
                after: part(registers),
                starts: part(&self.register_starts),
                stamps: part(&self.register_stamps),
            }
        }));
        let Self { steps, io, refreshes, calls, blocks, .. } = self;
        Lists { steps, io, refreshes, calls, blocks, leaves }
    }

    /// Whether `counts` and the leaves of some ranges of words of RAM fit, each of them its first
    /// word and its length.
    #[cold]
    fn admit_ranges(
        &mut self,
        ram: &Pages,
        mut counts: Counts,
        ranges: impl IntoIterator<Item = (u32, u32)>,
    ) -> bool {
        let known = self.leaves.len();
        let leaf_words = LEAF_WORDS as u32;
        let indices = ranges
            .into_iter()
            .flat_map(|(word, count)| word / leaf_words..(word + count).div_ceil(leaf_words));
        for index in indices {
            // Ranges of one call may overlap, and get their stamps only later.
            let is_new = |leaf: &Leaf| leaf.index != index;
            if self.workspace.is_touched(index) || !self.leaves[known..].iter().all(is_new) {
                continue;
            }
            counts.leaves += 1;
            counts.nodes += self.workspace.nodes.set_path(index, true);
            let open = [0; LEAF_WORDS];
            let before = ram.leaf(index);
            self.leaves.push(Leaf { index, before, after: open, starts: open, stamps: open });
        }
        let fits = self.budget.admit(counts);
        if !fits {
            self.refused = self.leaves.split_off(known);
        }
        fits
    }

    #[inline(always)]
    fn access_register(&mut self, index: u8, value: u32, slot: Slot) -> Access {
        let stamp = &mut self.register_stamps[index as usize % REGISTER_SLOTS];
        let now = slot.stamp(self.budget.counts.clock);
        let last = core::mem::replace(stamp, now);
        self.recent(REGISTER_CELLS_START + u32::from(index), Access { value, stamp: last }, now)
    }

    #[inline(always)]
    fn access_memory(&mut self, change: Change) -> Access {
        let Change { cell, before: value, .. } = change;
        if let Some(register) = cell.checked_sub(REGISTER_CELLS_START) {
            return self.access_register(register as u8, value, Slot::Memory);
        }
        let access = self.access_ram(cell, value, Slot::Memory);
        self.recent(cell, access, Slot::Memory.stamp(self.budget.counts.clock))
    }

    /// What an access at `now` finds that shows no more than [`AGE_MAX`].
    #[inline(always)]
    fn recent(&mut self, cell: u32, access: Access, now: u32) -> Access {
        // Above 0 too: a cell without an access has that stamp.
        if access.stamp > now.saturating_sub(AGE_MAX + 1) {
            return access;
        }
        self.stamp_anew(cell, access, now - 1);
        Access { stamp: now - 1, ..access }
    }

    #[cold]
    fn stamp_anew(&mut self, cell: u32, access: Access, stamp: u32) {
        if access.stamp != 0 {
            self.refreshes.push(Refresh { cell, access, stamp });
            self.budget.refresh();
        } else if let Some(register) = cell.checked_sub(REGISTER_CELLS_START) {
            self.register_starts[register as usize % REGISTER_SLOTS] = stamp;
        } else if let Some(start) = self.workspace.starts.get_mut(cell) {
            *start = stamp;
        }
    }

    /// What an access finds that may be of any age.
    #[inline(always)]
    fn access_ram(&mut self, cell: u32, value: u32, slot: Slot) -> Access {
        let now = slot.stamp(self.budget.counts.clock);
        let last = self.workspace.stamps.get_mut(cell);
        Access { value, stamp: last.map_or(0, |last| core::mem::replace(last, now)) }
    }
}

impl Observer for Recording<'_> {
    #[inline(always)]
    fn admit(&mut self, class: Class) -> bool {
        self.budget.admit_step(class)
    }

    #[inline(always)]
    fn admit_word(&mut self, ram: &Pages, word: u32) -> bool {
        let known = self.workspace.stamps.get(word) != Some(0);
        known || self.admit_ranges(ram, self.budget.counts, [(word, 1)])
    }

    fn admit_io(&mut self, ram: &Pages, kind: IoKind, word: u32, count: u32) -> bool {
        let mut counts = self.budget.counts;
        counts.io += count;
        if kind == IoKind::Commit {
            counts.commit_words += count;
        }
        self.admit_ranges(ram, counts, [(word, count)])
    }

    fn io(&mut self, kind: IoKind, change: Change, remaining: u32) {
        let memory = self.access_ram(change.cell, change.before, Slot::Memory);
        let clock = self.budget.counts.clock;
        let (address, value) = (change.cell, change.after);
        self.io.push(IoStep { kind, clock, address, memory, value, remaining });
    }

    fn admit_call(&mut self, ram: &Pages, call: &PrecompileCall) -> bool {
        let mut counts = self.budget.counts;
        counts.units[call.function.unit().index()] += 1;
        counts.blocks += call.function.blocks() as u32;
        let cells = call.places().map(|(_, cell)| (cell, BLOCK_WORDS as u32));
        self.admit_ranges(ram, counts, cells)
    }

    fn call(&mut self, pc: u32, call: &PrecompileCall) {
        let PrecompileCall { function, before, after, .. } = call;
        let clock = self.budget.counts.clock;
        let number = self.access_register(A7, function.number(), Slot::Rs1);
        let mut addresses = [Access::default(); OPERANDS_MAX];
        let operands = addresses.iter_mut().zip(call.addresses).take(function.operands().len());
        for ((access, address), register) in operands.zip(A0..) {
            *access = self.access_register(register, address, Slot::Rs1);
        }
        self.calls.push(Call { pc, clock, function: *function, number, addresses });
        let places = call.places().zip(before.iter().zip(after));
        let mut blocks: Vec<_> = places.collect();
        // Operand 0 is accessed last, and stands first.
        blocks.rotate_left(function.written());
        let first = self.blocks.len();
        for ((operand, cell), (before, after)) in blocks {
            let slot = OPERAND_SLOTS[operand % OPERANDS_MAX];
            let mut words = (cell..).zip(before);
            let memory = core::array::from_fn(|_| {
                let access = words.next().map(|(cell, value)| self.access_ram(cell, *value, slot));
                access.unwrap_or_default()
            });
            self.blocks.push(BlockAccess { clock, slot, cell, memory, after: *after });
        }
        self.blocks[first..].rotate_right(function.written());
        self.budget.counts.clock += 1;
    }

    #[inline(always)]
    fn step(&mut self, event: Event) {
        let Event { class, op, pc, next_pc, .. } = event;
        let clock = self.budget.counts.clock;
        let mut step = Step { pc, clock, next_pc, ..Step::default() };
        step.rs1 = self.access_register(op.rs1, event.rs1, Slot::Rs1);
        if let Some(value) = event.rs2 {
            step.rs2 = self.access_register(op.rs2, value, Slot::Rs2);
        }
        if let Some(change) = event.memory {
            step.memory = self.access_memory(change);
            step.memory_value = change.after;
        }
        if let Some(change) = event.rd {
            step.rd = self.access_register(op.rd, change.before, Slot::Rd);
            step.rd_value = change.after;
        }
        self.steps[class.index()].push(step);
        self.budget.counts.steps[class.index()] += 1;
        self.budget.counts.clock += 1;
    }
}
