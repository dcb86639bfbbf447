//! Whether the disk takes another proof, or more of the one that is made.

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
    #[error("{0}; try again later")]
    NoRoom(NoRoom),
}

/// A proof would take what the chain needs for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "the node's disk has no room for {bytes} bytes of a proof: {free} are free, proofs that are \
     handed in take {promised}, and {reserve} stay free"
)]
pub struct NoRoom {
    /// Bytes of the proof, or of the next piece of it.
    pub bytes: u64,
    /// Bytes that the disk still takes.
    pub free: u64,
    /// Bytes of those that are handed in at the moment. What of them is written already is counted
    /// twice, for a short while and to the safe side.
    pub promised: u64,
    /// Bytes that stay free.
    pub reserve: u64,
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
    pub(super) fn check(self, bytes: u64, promised: u64) -> Result<(), NoRoom> {
        let Self { free, reserve } = self;
        let Some(free) = free else { return Ok(()) };
        match free >= reserve.saturating_add(promised).saturating_add(bytes) {
            true => Ok(()),
            false => Err(NoRoom { bytes, free, promised, reserve }),
        }
    }
}

impl Batches {
    /// Asks the disk.
    pub(super) fn room(&self) -> Result<Room, BatcherError> {
        let free = self.shared.store.free_bytes()?;
        Ok(Room { free, reserve: self.shared.disk_free_min_bytes })
    }

    /// Whether the disk takes so many more bytes of the node's own proof, beside those that are
    /// handed in.
    ///
    /// # Errors
    /// When the disk cannot be asked; within, that it does not.
    pub fn check_room(&self, bytes: u64) -> Result<Result<(), NoRoom>, BatcherError> {
        let room = self.room()?;
        Ok(room.check(bytes, self.state().loans.upload_bytes()))
    }

    /// Whether the disk takes proofs at all: else the node would prove for nothing. Says in the log
    /// when that changes.
    pub(super) fn takes_proofs(&self) -> Result<bool, BatcherError> {
        let room = self.room()?;
        let mut state = self.state();
        let shortage = room.check(0, state.loans.upload_bytes()).err();
        let was_short = std::mem::replace(&mut state.is_disk_short, shortage.is_some());
        match shortage {
            Some(shortage) if !was_short => tracing::warn!(%shortage, "no proof is begun"),
            None if was_short => tracing::info!("proofs are begun again"),
            _ => {}
        }
        Ok(shortage.is_none())
    }
}

#[cfg(test)]
mod tests;
