//! The machine's side: what lives as long as the run, and the calls on it.

use alloc::vec::Vec;
use core::alloc::{GlobalAlloc, Layout};
use core::cell::RefCell;
use core::ptr;

use crate::allocator::{Heap, Links};
use crate::reader::Reader;
use minster_precompiles::{Block, Function};

use crate::syscalls;
use crate::writer::Writer;

/// A value that is there from start to end.
struct Global<T>(RefCell<T>);

// SAFETY: the machine has one hart and no interrupts, so there is no second thread.
unsafe impl<T> Sync for Global<T> {}

impl<T> Global<T> {
    const fn new(value: T) -> Self {
        Self(RefCell::new(value))
    }
}

static INPUT: Global<Reader> = Global::new(Reader::new());
static HINTS: Global<Reader> = Global::new(Reader::new());
static OUTPUT: Global<Writer> = Global::new(Writer::new());

pub fn input() -> Vec<u8> {
    INPUT.0.borrow_mut().read_all(syscalls::read_input)
}

pub fn read(bytes: &mut [u8]) -> usize {
    INPUT.0.borrow_mut().read(bytes, syscalls::read_input)
}

pub fn hint(request: &[u8]) -> Vec<u8> {
    syscalls::request_hint(request);
    let mut hints = HINTS.0.borrow_mut();
    hints.expect_more();
    hints.read_answer(syscalls::read_hint)
}

pub fn hint_into(request: &[u8], answer: &mut [u8]) -> usize {
    syscalls::request_hint(request);
    let mut hints = HINTS.0.borrow_mut();
    hints.expect_more();
    hints.read_answer_into(answer, syscalls::read_hint)
}

pub fn commit(bytes: &[u8]) {
    OUTPUT.0.borrow_mut().write(bytes, syscalls::commit);
}

pub fn debug(bytes: &[u8]) {
    syscalls::debug(bytes);
}

pub fn exit(code: u32) -> ! {
    OUTPUT.0.borrow_mut().finish(syscalls::commit);
    syscalls::halt(code)
}

/// Calls a precompile.
///
/// # Safety
/// Each pointer is aligned and covers the blocks of its operand, and `result` may be written.
pub unsafe fn call<const N: usize>(
    function: Function,
    result: *mut Block,
    operands: [*const Block; N],
) {
    // SAFETY: the caller's promise.
    unsafe {
        syscalls::precompile(function.number(), result.cast(), operands.map(<*const _>::cast))
    }
}

struct Allocator(Global<Heap>);

#[global_allocator]
static ALLOCATOR: Allocator = Allocator(Global::new(Heap::empty()));

/// Gives the allocator its memory, which must hold zeros and belong to nobody else.
pub fn start_heap(start: usize, end: usize) {
    *ALLOCATOR.0.0.borrow_mut() = Heap::new(start, end);
}

/// The words of the memory itself.
struct Memory;

impl Links for Memory {
    #[inline]
    fn get(&self, block: usize) -> usize {
        // SAFETY: the heap asks for the first word of a free block, which nobody else uses.
        unsafe { ptr::with_exposed_provenance::<usize>(block).read() }
    }

    #[inline]
    fn set(&mut self, block: usize, link: usize) {
        // SAFETY: as above; blocks are aligned for a word.
        unsafe { ptr::with_exposed_provenance_mut::<usize>(block).write(link) }
    }
}

// SAFETY: a block lies between the addresses that `start_heap` was given and overlaps no other
// one: it is behind the last block, or was given back with the same size. No function here panics:
// the cell is never borrowed when one is called, because nothing allocates while it is.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let start = self.0.0.borrow_mut().allocate(layout.size(), layout.align(), &Memory);
        start.map_or(ptr::null_mut(), ptr::with_exposed_provenance_mut)
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        let fresh = self.0.0.borrow().fresh();
        // SAFETY: the caller's promises are the same as ours.
        let block = unsafe { self.alloc(layout) };
        if !block.is_null() {
            let dirty = fresh.saturating_sub(block.addr()).min(layout.size());
            // SAFETY: the block is at least that long.
            unsafe { block.write_bytes(0, dirty) };
        }
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        self.0.0.borrow_mut().release(block.addr(), layout.size(), &mut Memory);
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let resized = self.0.0.borrow_mut().resize(block.addr(), layout.size(), size);
        if resized.is_some() {
            return block;
        }
        // SAFETY: the caller promises that the new size, rounded up to the alignment, fits isize.
        let layout_new = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        // SAFETY: the caller promises that the size is not zero.
        let block_new = unsafe { self.alloc(layout_new) };
        if !block_new.is_null() {
            // SAFETY: both blocks are at least as long as the shorter size, and do not overlap.
            unsafe { ptr::copy_nonoverlapping(block, block_new, layout.size().min(size)) };
            // SAFETY: the caller's promise; the block is not used any more.
            unsafe { self.dealloc(block, layout) };
        }
        block_new
    }
}
