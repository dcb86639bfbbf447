//! What sealed blocks changed, as the archive has it.

use minster_storage::archive::Archive;

use crate::{
    SequencerError,
    codec::{ChangeSet, decode},
    undo::Undo,
};

/// What a block changed, if it is there.
pub(crate) fn find(archive: &Archive, block: u64) -> Result<Option<ChangeSet>, SequencerError> {
    archive.get(block)?.map(|bytes| decode("change set", &bytes)).transpose()
}

/// What a sealed block changed; `None` when that is no longer kept.
pub(crate) fn get(archive: &Archive, block: u64) -> Result<Option<ChangeSet>, SequencerError> {
    match find(archive, block)? {
        None if archive.first().is_none_or(|first| first <= block) => {
            Err(SequencerError::ChangesMissing { block })
        }
        found => Ok(found),
    }
}

/// What takes the state back from after one block to after an earlier one.
pub(crate) fn undo(archive: &Archive, from: u64, to: u64) -> Result<Undo, SequencerError> {
    let mut undo = Undo::default();
    for block in (to.saturating_add(1)..=from).rev() {
        let changes = find(archive, block)?.ok_or(SequencerError::ChangesMissing { block })?;
        undo.push(changes);
    }
    Ok(undo)
}
