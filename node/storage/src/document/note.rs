//! The file `NOTE`: a few bytes about a folder of documents; the README has the layout.
//!
//! It is replaced as a whole, so what does not fit is damage.

use crate::{Folder, Result, StorageError};

/// Longest note.
pub const NOTE_BYTES_MAX: usize = 4_096;

const NAME: &str = "NOTE";
const MAGIC: [u8; 8] = *b"MNSTRNOT";
const CHECKSUM_BYTES: usize = 4;

pub(super) fn write(folder: &Folder, note: &[u8]) -> Result<()> {
    if note.len() > NOTE_BYTES_MAX {
        return Err(StorageError::TooLarge { size: note.len(), max: NOTE_BYTES_MAX });
    }
    let mut content = Vec::with_capacity(MAGIC.len() + note.len() + CHECKSUM_BYTES);
    content.extend_from_slice(&MAGIC);
    content.extend_from_slice(note);
    content.extend_from_slice(&crc32fast::hash(&content).to_le_bytes());
    folder.replace(NAME, &content).map(drop)
}

pub(super) fn read(folder: &Folder) -> Result<Option<Vec<u8>>> {
    if !folder.exists(NAME)? {
        return Ok(None);
    }
    // One byte more than the longest, so that a longer file does not pass for it.
    let mut content = vec![0; MAGIC.len() + NOTE_BYTES_MAX + CHECKSUM_BYTES + 1];
    let length = folder.open(NAME)?.read_at(0, &mut content)?;
    content.truncate(length);
    let checked = content.len().checked_sub(CHECKSUM_BYTES).map(|end| content.split_at(end));
    let note = checked
        .filter(|(checked, checksum)| crc32fast::hash(checked).to_le_bytes() == **checksum)
        .and_then(|(checked, _)| checked.strip_prefix(&MAGIC))
        .filter(|note| note.len() <= NOTE_BYTES_MAX);
    match note {
        Some(note) => Ok(Some(note.to_vec())),
        None => {
            let (path, reason) = (folder.locate(NAME), "the note does not fit its checksum");
            Err(StorageError::DocumentDamaged { path, reason })
        }
    }
}
