//! RAM: 2 GiB that start as zero, held as pages that exist from the first store on.

use alloc::boxed::Box;
use alloc::vec::Vec;

use minster_riscv::{Program, RAM_SIZE};

use crate::cells::LEAF_WORDS;

const LOG_PAGE_WORDS: u32 = 10;
pub const PAGE_WORDS: usize = 1 << LOG_PAGE_WORDS;
const PAGES: usize = (RAM_SIZE / 4) as usize >> LOG_PAGE_WORDS;

/// One array of words for each page that was written to; the others are zero.
///
/// Words are named by their index, byte address / 4; an index outside RAM has no page.
pub struct Pages {
    pages: Vec<Option<Box<[u32; PAGE_WORDS]>>>,
}

impl Pages {
    pub fn new() -> Self {
        Self { pages: core::iter::repeat_with(|| None).take(PAGES).collect() }
    }

    /// The value of a word; `None` outside RAM.
    #[inline(always)]
    pub fn get(&self, word: u32) -> Option<u32> {
        let page = self.pages.get((word >> LOG_PAGE_WORDS) as usize)?;
        Some(page.as_ref().map_or(0, |page| page[word as usize % PAGE_WORDS]))
    }

    /// A word to write to; `None` outside RAM.
    #[inline(always)]
    pub fn get_mut(&mut self, word: u32) -> Option<&mut u32> {
        let page = self.pages.get_mut((word >> LOG_PAGE_WORDS) as usize)?;
        let page = match page {
            Some(page) => page,
            None => page.insert(new_page()),
        };
        Some(&mut page[word as usize % PAGE_WORDS])
    }

    /// The words of a leaf inside RAM; zeros outside.
    pub fn leaf(&self, leaf: u32) -> [u32; LEAF_WORDS] {
        let start = leaf * LEAF_WORDS as u32;
        core::array::from_fn(|lane| self.get(start + lane as u32).unwrap_or_default())
    }
}

#[cold]
fn new_page() -> Box<[u32; PAGE_WORDS]> {
    Box::new([0; PAGE_WORDS])
}

/// The memory that a program starts with.
pub fn initial(program: &Program) -> Pages {
    let mut ram = Pages::new();
    for (address, value) in program.image() {
        if let Some(word) = ram.get_mut(address / 4) {
            *word = value;
        }
    }
    ram
}
