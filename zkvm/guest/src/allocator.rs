//! The heap: memory is handed out upwards, and what comes back is handed out again.
//!
//! A proof pays for every instruction and for every piece of memory that is touched for the first
//! time. So blocks have few sizes, and there is a list of free blocks of each: taking one and
//! giving it back are a few instructions, whatever happened before. The block at the end grows,
//! shrinks and goes in place, which is what a growing `Vec` and a short-lived buffer need.

#[cfg(test)]
mod tests;

/// Every block starts at a multiple of this, and the sizes of small ones are multiples of it.
const STEP: usize = 16;
/// The largest small block; the sizes of larger ones are four to a power of two.
const SMALL_MAX: usize = 1 << SMALL_MAX_LOG;
const SMALL_MAX_LOG: u32 = 10;
const SMALL_CLASSES: usize = SMALL_MAX / STEP + 1;
/// Blocks up to 2 GiB.
const SIZE_MAX_LOG: u32 = 31;
const CLASSES: usize = SMALL_CLASSES + 4 * (SIZE_MAX_LOG - SMALL_MAX_LOG) as usize;

/// The first word of free blocks.
pub trait Links {
    /// What was set last.
    fn get(&self, block: usize) -> usize;

    /// Sets the word. The block is free and has at least one step.
    fn set(&mut self, block: usize, link: usize);
}

/// A size that blocks have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Class {
    index: usize,
    size: usize,
}

impl Class {
    /// The smallest that holds this many bytes.
    const fn of(size: usize) -> Option<Self> {
        if size <= SMALL_MAX {
            let index = size.div_ceil(STEP);
            return Some(Self { index, size: index * STEP });
        }
        if size > 1 << SIZE_MAX_LOG {
            return None;
        }
        // 2^octave < size <= 2^(octave + 1)
        let last = size - 1;
        let octave = usize::BITS - 1 - last.leading_zeros();
        let quarters = last >> (octave - 2);
        let index = SMALL_CLASSES + (octave - SMALL_MAX_LOG) as usize * 4 + (quarters & 3);
        Some(Self { index, size: (quarters + 1) << (octave - 2) })
    }
}

/// The heap, as numbers. Its functions are there once: inlined where a program allocates they would
/// be many lines, and a proof pays for each line of its program.
#[derive(Debug)]
pub struct Heap {
    /// The end of the last block.
    next: usize,
    /// Memory from here on was never part of a block.
    fresh: usize,
    end: usize,
    /// The first free block of each class; zero when there is none.
    free: [usize; CLASSES],
}

impl Heap {
    /// Without any memory.
    pub const fn empty() -> Self {
        Self::new(0, 0)
    }

    /// Over addresses that hold zeros.
    pub const fn new(start: usize, end: usize) -> Self {
        let next = start.next_multiple_of(STEP);
        Self { next, fresh: next, end, free: [0; CLASSES] }
    }

    /// The start of a new block.
    #[inline(never)]
    pub fn allocate(&mut self, size: usize, align: usize, links: &impl Links) -> Option<usize> {
        let class = Class::of(size)?;
        if align <= STEP {
            let first = self.free.get_mut(class.index)?;
            if *first != 0 {
                let block = *first;
                *first = links.get(block);
                return Some(block);
            }
        }
        let start = self.next.checked_next_multiple_of(align.max(STEP))?;
        self.set_next(start.checked_add(class.size)?)?;
        Some(start)
    }

    /// Makes a block larger or smaller where it is. `None` if there is no room.
    #[inline(never)]
    pub fn resize(&mut self, start: usize, size: usize, size_new: usize) -> Option<()> {
        let (class, class_new) = (Class::of(size)?, Class::of(size_new)?);
        if class == class_new {
            return Some(());
        }
        if start.checked_add(class.size)? != self.next {
            return None;
        }
        self.set_next(start.checked_add(class_new.size)?)
    }

    /// Takes a block back.
    #[inline(never)]
    pub fn release(&mut self, start: usize, size: usize, links: &mut impl Links) {
        let Some(class) = Class::of(size) else { return };
        if start.checked_add(class.size) == Some(self.next) {
            self.next = start;
        } else if let Some(first) = self.free.get_mut(class.index) {
            links.set(start, *first);
            *first = start;
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
