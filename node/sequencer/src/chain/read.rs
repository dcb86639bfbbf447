//! Blocks that were read from the archive lately.

use std::{collections::VecDeque, sync::Arc};

use parking_lot::Mutex;

use crate::block::Block;

/// Blocks that are kept. Whoever asks for a block's transactions one by one finds it here.
const BLOCKS_MAX: usize = 8;

/// The blocks that were read last, the latest at the end.
#[derive(Debug, Default)]
pub(super) struct ReadBlocks(Mutex<VecDeque<Arc<Block>>>);

impl ReadBlocks {
    pub(super) fn get(&self, number: u64) -> Option<Arc<Block>> {
        let mut blocks = self.0.lock();
        let index = blocks.iter().position(|block| block.number() == number)?;
        let block = blocks.remove(index)?;
        blocks.push_back(Arc::clone(&block));
        Some(block)
    }

    pub(super) fn insert(&self, block: &Arc<Block>) {
        let mut blocks = self.0.lock();
        // Two readers may have been at it.
        blocks.retain(|other| other.number() != block.number());
        if blocks.len() == BLOCKS_MAX {
            blocks.pop_front();
        }
        blocks.push_back(Arc::clone(block));
    }

    /// Forgets blocks before this one.
    pub(super) fn forget_before(&self, number: u64) {
        self.0.lock().retain(|block| block.number() >= number);
    }
}

#[cfg(test)]
mod tests;
