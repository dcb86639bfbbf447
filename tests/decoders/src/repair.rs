//! Checksums that fit, so that changed bytes get past them. The layouts are those of
//! node/storage/README.md.

/// Bytes before the frames of a log, and of a frame's header.
const LOG_HEADER: usize = 28;
const FRAME_HEADER: usize = 28;

/// The same of an archive and its records.
const ARCHIVE_HEADER: usize = 20;
const RECORD_HEADER: usize = 20;

/// The file with right checksums, as far as its lengths lead; `None` for files of other kinds.
pub fn checksums(path: &str, bytes: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = bytes.to_vec();
    if path.ends_with(".wal") {
        repair_log(&mut bytes)?;
    } else if path.ends_with(".archive") {
        repair_archive(&mut bytes)?;
    } else if path.ends_with("SYNCED") {
        seal(&mut bytes, 0..16, 16)?;
    } else {
        return None;
    }
    Some(bytes)
}

/// Writes the checksum of a range at a place.
fn seal(bytes: &mut [u8], range: std::ops::Range<usize>, at: usize) -> Option<()> {
    let checksum = crc32fast::hash(bytes.get(range)?);
    bytes.get_mut(at..at + 4)?.copy_from_slice(&checksum.to_le_bytes());
    Some(())
}

fn length_at(bytes: &[u8], at: usize) -> Option<usize> {
    let bytes = bytes.get(at..at + 4)?;
    usize::try_from(u32::from_le_bytes(bytes.try_into().ok()?)).ok()
}

fn repair_log(bytes: &mut [u8]) -> Option<()> {
    seal(bytes, 0..24, 24)?;
    let mut start = LOG_HEADER;
    while let Some(end) = length_at(bytes, start + 12).map(|length| start + FRAME_HEADER + length) {
        let Some(frame) = bytes.get_mut(start..end) else { break };
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(&frame[..8]);
        hasher.update(&frame[12..]);
        frame[8..12].copy_from_slice(&hasher.finalize().to_le_bytes());
        start = end;
    }
    Some(())
}

fn repair_archive(bytes: &mut [u8]) -> Option<()> {
    seal(bytes, 0..16, 16)?;
    let mut start = ARCHIVE_HEADER;
    while let Some(end) = length_at(bytes, start + 8).map(|length| start + RECORD_HEADER + length) {
        if seal(bytes, start + RECORD_HEADER..end, start + 12).is_none() {
            break;
        }
        seal(bytes, start..start + 16, start + 16)?;
        start = end;
    }
    Some(())
}
