//! The stored forms, for tests that hold bytes against them.

use alloy_primitives::Bytes;

use crate::{
    SequencerError,
    codec::{ChangeSet, decode, decode_block, decode_record, encode, encode_block, encode_record},
    snapshot,
};

/// Something that the sequencer reads from a disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// A record of the write-ahead log.
    Record,
    /// A block of the archive.
    Block,
    /// What a block changed.
    Changes,
    /// The content of a snapshot.
    Snapshot,
}

impl Stored {
    /// Decodes the bytes, and encodes what they are.
    ///
    /// # Errors
    /// When they are no such thing.
    pub fn recode(self, bytes: &[u8]) -> Result<Vec<u8>, SequencerError> {
        Ok(match self {
            Self::Record => encode_record(&decode_record(bytes)?),
            Self::Block => encode_block(&decode_block(bytes)?),
            Self::Changes => encode(&decode::<ChangeSet>("change set", bytes)?),
            Self::Snapshot => {
                let (head, state) = snapshot::read(bytes)?;
                let codes: Vec<Bytes> = state.codes.values().cloned().collect();
                let mut out = Vec::new();
                // Writing into memory cannot fail.
                let _ = snapshot::write_state(&mut out, &head, &state, &codes);
                out
            }
        })
    }
}
