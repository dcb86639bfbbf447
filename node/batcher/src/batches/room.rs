//! Whether the disk takes another proof from elsewhere.

use thiserror::Error;

use super::Batches;
use crate::BatcherError;

/// Why a borrower's proof is not taken, before anything of it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum UploadRefusal {
    /// The batch is not lent, or its proof is being handed in already, or too many are.
    #[error("the batch is not lent, or no more")]
    NotLent,
    /// It is larger than any proof of the batch.
    #[error("no proof of this batch is so large")]
    TooLarge,
    /// It would take what the chain needs for itself.
    #[error(
        "the node's disk has no room for a proof of {bytes} bytes: {free} are free, others that \
         are handed in take {promised}, and {reserve} stay free; try again later"
    )]
    NoRoom {
        /// Bytes of the proof.
        bytes: u64,
        /// Bytes that the disk still takes.
        free: u64,
        /// Bytes of those that are handed in at the moment. What of them is written already is
        /// counted twice, for a short while and to the safe side.
        promised: u64,
        /// Bytes that stay free.
        reserve: u64,
    },
}

/// What a disk had for proofs a moment ago.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    /// Bytes that it takes; `None` where nobody knows.
    free: Option<u64>,
    reserve: u64,
}

impl Room {
    /// Whether so many more bytes leave the reserve free.
    pub(super) fn check(self, bytes: u64, promised: u64) -> Result<(), UploadRefusal> {
        let Self { free, reserve } = self;
        let Some(free) = free else { return Ok(()) };
        match free >= reserve.saturating_add(promised).saturating_add(bytes) {
            true => Ok(()),
            false => Err(UploadRefusal::NoRoom { bytes, free, promised, reserve }),
        }
    }
}

impl Batches {
    /// Asks the disk.
    pub(super) fn room(&self) -> Result<Room, BatcherError> {
        let free = self.shared.store.free_bytes()?;
        Ok(Room { free, reserve: self.shared.disk_free_min_bytes })
    }
}

#[cfg(test)]
mod tests;
