//! How much history a node keeps by itself, and how little it may keep.

use std::num::NonZeroU64;

use minster_sequencer::{HistoryConfig, SequencerConfig};

/// A quarter of a year of blocks of a second. Nobody but the node has them, so whoever reads a
/// chain gets months for it; and a node that runs for years ends with so much disk, so much memory
/// for its index, and starts that read no more than so much.
const BLOCKS: NonZeroU64 = NonZeroU64::MIN.saturating_add(7_776_000 - 1);

/// A day and an hour of such blocks, which is what geth keeps of state by default: enough to check
/// a chain from the day before on.
const STATE_BLOCKS: NonZeroU64 = NonZeroU64::MIN.saturating_add(90_000 - 1);

/// What a node keeps, if nobody says otherwise.
pub const NODE_HISTORY: HistoryConfig =
    HistoryConfig { blocks: Some(BLOCKS), state_blocks: Some(STATE_BLOCKS) };

/// What is too little, and how much would be enough.
pub fn too_little(sequencer: &SequencerConfig) -> Vec<String> {
    let HistoryConfig { blocks, state_blocks } = sequencer.history;
    let past = sequencer.retention.proof_blocks_max;
    let mut found = Vec::new();
    if let Some(state_blocks) = state_blocks.filter(|state_blocks| state_blocks.get() < past) {
        found.push(format!(
            "history.state_blocks is {state_blocks}, and the smallest here is {past}: \
             sequencer.proof_blocks_max promises proofs of so many blocks"
        ));
    }
    // The state of a block is found by the block.
    let needed = state_blocks.map_or(0, NonZeroU64::get).max(past).saturating_add(1);
    if let Some(blocks) = blocks.filter(|blocks| blocks.get() < needed) {
        found.push(format!(
            "history.blocks is {blocks}, and the smallest here is {needed}: states are found by \
             their blocks, and history.state_blocks and sequencer.proof_blocks_max want so many"
        ));
    }
    found
}
