//! The file `SYNCED`: up to which record an archive is durable; the README has the layout.
//!
//! It is replaced as a whole, so what does not fit is damage. No file: nothing is durable yet.

use crate::{Folder, Result};

use super::segment::damage;

const NAME: &str = "SYNCED";
const MAGIC: [u8; 8] = *b"MNSTRSYN";
const BYTES: usize = 20;

pub(super) fn read(folder: &Folder) -> Result<Option<u64>> {
    if !folder.exists(NAME)? {
        return Ok(None);
    }
    let mut content = [0; BYTES];
    let filled = folder.open(NAME)?.read_at(0, &mut content)?;
    let (checked, checksum) = content.split_at(16);
    if filled < BYTES
        || crc32fast::hash(checked).to_le_bytes() != checksum
        || !checked.starts_with(&MAGIC)
    {
        return Err(damage(&folder.locate(NAME), 0, "the watermark does not fit its checksum"));
    }
    let mut number = [0; 8];
    number.copy_from_slice(&checked[8..]);
    Ok(Some(u64::from_le_bytes(number)))
}

/// Moves the watermark from one place to another, durably.
pub(super) fn write(folder: &Folder, from: Option<u64>, to: Option<u64>) -> Result<()> {
    match (from, to) {
        (None, None) => Ok(()),
        (Some(_), None) => folder.remove(NAME),
        (_, Some(number)) => {
            let mut content = Vec::with_capacity(BYTES);
            content.extend_from_slice(&MAGIC);
            content.extend_from_slice(&number.to_le_bytes());
            content.extend_from_slice(&crc32fast::hash(&content).to_le_bytes());
            folder.replace(NAME, &content).map(drop)
        }
    }
}
