//! The heap: memory is handed out upwards and comes back only from its end.
//!
//! A proof pays for every instruction and for every piece of memory that is touched for the first
//! time, and a guest runs once and ends. So there is no list of free blocks to walk; but the block
//! at the end grows, shrinks and goes in place, which is what a growing `Vec` and a short-lived
//! buffer need.

#[cfg(test)]
mod tests;

/// Every block starts at a multiple of this, so that bytes can be read in as words.
const ALIGN_MIN: usize = 8;

/// The heap, as numbers.
#[derive(Debug)]
pub struct Heap {
    /// The end of the last block.
    next: usize,
    /// Memory from here on was never part of a block.
    fresh: usize,
    end: usize,
}

impl Heap {
    /// Without any memory.
    pub const fn empty() -> Self {
        Self { next: 0, fresh: 0, end: 0 }
    }

    /// Over addresses that hold zeros.
    pub const fn new(start: usize, end: usize) -> Self {
        Self { next: start, fresh: start, end }
    }

    /// The start of a new block.
    pub fn allocate(&mut self, size: usize, align: usize) -> Option<usize> {
        let start = self.next.checked_next_multiple_of(align.max(ALIGN_MIN))?;
        self.set_next(start.checked_add(size)?)?;
        Some(start)
    }

    /// Makes the last block larger or smaller. `None` if it is not the last, or has no room.
    pub fn resize(&mut self, start: usize, size: usize, size_new: usize) -> Option<()> {
        if start.checked_add(size)? != self.next {
            return None;
        }
        self.set_next(start.checked_add(size_new)?)
    }

    /// Takes a block back if it is the last one.
    pub fn release(&mut self, start: usize, size: usize) {
        if start.checked_add(size) == Some(self.next) {
            self.next = start;
        }
    }

    /// Memory from this address on was never part of a block and holds zeros.
    pub const fn fresh(&self) -> usize {
        self.fresh
    }

    fn set_next(&mut self, next: usize) -> Option<()> {
        if next > self.end {
            return None;
        }
        self.next = next;
        self.fresh = self.fresh.max(next);
        Some(())
    }
}
