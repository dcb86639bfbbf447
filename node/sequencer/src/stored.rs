//! What an archive holds, for who looks at a storage on which no node runs.

use minster_storage::Storage;

use crate::{Block, SequencerError, codec::decode_block};

/// A sealed block as the archive has it, with the senders that are noted there; `None` when it has
/// none of this number.
///
/// # Errors
/// When the archive cannot be read, or holds something else.
pub fn stored_block(storage: &Storage, number: u64) -> Result<Option<Block>, SequencerError> {
    storage.blocks.get(number)?.map(|bytes| decode_block(&bytes)).transpose()
}
