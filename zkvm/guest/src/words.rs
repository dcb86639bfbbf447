//! Words as the bytes that they are in memory. In the machine the lowest byte comes first.

use core::mem::MaybeUninit;

use minster_precompiles::Block;

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

/// A block of these bytes.
#[inline]
pub fn block(bytes: &[u8; 32]) -> Block {
    let mut block = MaybeUninit::<Block>::uninit();
    // SAFETY: the block is ours, and all of it is written.
    unsafe {
        copy_block(bytes, block.as_mut_ptr());
        block.assume_init()
    }
}

/// Writes the bytes of a block to where they will be.
#[inline]
pub fn write_bytes(block: &Block, bytes: &mut [u8; 32]) {
    let words = bytes.as_mut_ptr().cast::<Block>();
    if words.is_aligned() {
        // SAFETY: the bytes are as many as the block's, begin at a word, and may be any.
        unsafe { copy_words(block, words) }
    } else {
        bytes.copy_from_slice(as_bytes(block));
    }
}

/// Copies bytes to a block. Nearly all begin at a word, and that is seen here: eight words are
/// copied without a call.
///
/// # Safety
/// `block` may be written.
#[inline]
pub(crate) unsafe fn copy_block(bytes: &[u8; 32], block: *mut Block) {
    let words = bytes.as_ptr().cast::<Block>();
    // SAFETY: the caller's promise; the bytes are as many as the block's, and the first way is
    // taken only if they begin at a word.
    unsafe {
        match words.is_aligned() {
            true => copy_words(&*words, block),
            false => block.cast::<[u8; 32]>().copy_from_nonoverlapping(bytes, 1),
        }
    }
}

/// Copies a block word by word: as one value it would take a call.
///
/// # Safety
/// `to` may be written.
#[inline]
unsafe fn copy_words(from: &Block, to: *mut Block) {
    let [a, b, c, d, e, f, g, h] = *from;
    // SAFETY: the caller's promise.
    unsafe { *to = [a, b, c, d, e, f, g, h] }
}
