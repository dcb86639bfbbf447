//! The keys of the hash function: one set for the process.

use core::sync::atomic::{AtomicBool, AtomicU32, Ordering};

/// Words that are hashed before their sum is folded. A power of two.
pub(crate) const BLOCK: usize = 32;
/// Words of key for each half of the last step: three numbers of 64 bits.
const LAST: usize = 6;
/// Words of key.
pub const KEYS: usize = BLOCK + 2 * LAST;

/// Atomic only because they are static; nobody writes them twice.
static WORDS: [AtomicU32; KEYS] = [const { AtomicU32::new(0) }; KEYS];
static IS_SEEDED: AtomicBool = AtomicBool::new(false);

/// Sets the keys. Tables that were made before find nothing any more, so this comes first.
pub fn seed(keys: &[u32; KEYS]) {
    for (word, key) in WORDS.iter().zip(keys) {
        word.store(*key, Ordering::Relaxed);
    }
    IS_SEEDED.store(true, Ordering::Release);
}

/// Makes sure that there are keys.
#[cfg(feature = "std")]
#[inline]
pub(crate) fn require() {
    use core::hash::BuildHasher;

    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let random = std::hash::RandomState::new();
        #[expect(clippy::cast_possible_truncation, reason = "half of it is random too")]
        seed(&core::array::from_fn(|index| random.hash_one(index) as u32));
    });
}

/// Makes sure that there are keys.
///
/// # Panics
/// When [`seed`] was not called: anybody could make such a table slow.
#[cfg(not(feature = "std"))]
#[inline]
pub(crate) fn require() {
    assert!(IS_SEEDED.load(Ordering::Acquire), "a hash table before its keys");
}

/// The key for a word of a block.
#[inline(always)]
pub(crate) fn of_block(place: usize) -> u32 {
    word(place % BLOCK)
}

/// The three keys for one half of the last step.
#[inline(always)]
pub(crate) fn of_last(half: usize) -> [u64; 3] {
    let first = BLOCK + LAST * half;
    [0, 2, 4].map(|at| u64::from(word(first + at)) | u64::from(word(first + at + 1)) << 32)
}

#[inline(always)]
fn word(at: usize) -> u32 {
    WORDS[at].load(Ordering::Relaxed)
}
