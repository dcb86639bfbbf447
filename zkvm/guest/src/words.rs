//! Words as the bytes that they are in memory. In the machine the lowest byte comes first.

/// The bytes of words.
pub fn as_bytes(words: &[u32]) -> &[u8] {
    // SAFETY: a u32 is four bytes, which have no alignment.
    let (_, bytes, _) = unsafe { words.align_to::<u8>() };
    bytes
}

/// The bytes of words, to be written.
pub fn as_bytes_mut(words: &mut [u32]) -> &mut [u8] {
    // SAFETY: a u32 is four bytes, which have no alignment, and every four bytes are a u32.
    let (_, bytes, _) = unsafe { words.align_to_mut::<u8>() };
    bytes
}
