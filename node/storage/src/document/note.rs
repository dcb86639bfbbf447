//! The file `NOTE`: up to which document some were removed; the README has the layout.
//!
//! It is replaced as a whole, so what does not fit is damage.

use crate::{Folder, Result, StorageError};

const NAME: &str = "NOTE";
const MAGIC: [u8; 8] = *b"MNSTRNOT";
const CHECKED_BYTES: usize = 16;
const BYTES: usize = CHECKED_BYTES + 4;

pub(super) fn write(folder: &Folder, number: u64) -> Result<()> {
    let mut content = Vec::with_capacity(BYTES);
    content.extend_from_slice(&MAGIC);
    content.extend_from_slice(&number.to_le_bytes());
    content.extend_from_slice(&crc32fast::hash(&content).to_le_bytes());
    folder.replace(NAME, &content).map(drop)
}

pub(super) fn read(folder: &Folder) -> Result<Option<u64>> {
    let Some(file) = folder.find(NAME)? else { return Ok(None) };
    // One byte more, so that a longer file does not pass for it.
    let mut content = [0; BYTES + 1];
    let length = file.read_at(0, &mut content)?;
    let (checked, checksum) = content[..length].split_at(length.min(CHECKED_BYTES));
    if crc32fast::hash(checked).to_le_bytes() != checksum || !checked.starts_with(&MAGIC) {
        let (path, reason) = (folder.locate(NAME), "the note does not fit its checksum");
        return Err(StorageError::DocumentDamaged { path, reason });
    }
    let mut number = [0; 8];
    number.copy_from_slice(&checked[MAGIC.len()..]);
    Ok(Some(u64::from_le_bytes(number)))
}
