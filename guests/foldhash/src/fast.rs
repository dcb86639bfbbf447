//! What the original has under these names.

use core::hash::{BuildHasher, Hasher};
use core::marker::PhantomData;

use crate::keys;

/// 2^64 divided by the golden ratio: its multiples are spread evenly.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// Odd, with half of its bits set.
#[expect(clippy::cast_possible_truncation, reason = "the low half is as good")]
const SPREAD: usize = 0xd6e8_feb8_6659_fd93_u64 as usize;

/// Makes the hashers of one table.
#[derive(Clone, Debug)]
pub struct RandomState {
    /// Odd, and different for each table: what is taken from one table in its order and put into a
    /// smaller one would else fill that from one side, and take quadratic time.
    factor: usize,
}

impl Default for RandomState {
    #[inline]
    fn default() -> Self {
        keys::require();
        #[expect(clippy::cast_possible_truncation, reason = "the low half is as good")]
        Self { factor: (serial() as u64).wrapping_mul(GOLDEN) as usize | 1 }
    }
}

impl BuildHasher for RandomState {
    type Hasher = FoldHasher<'static>;

    #[inline]
    fn build_hasher(&self) -> Self::Hasher {
        FoldHasher { factor: self.factor, sum: 0, first: 0, place: 0, keys: PhantomData }
    }
}

/// Hashes words of 32 bits, two at a time.
///
/// As with every hasher, what is hashed for one table must be free of prefixes: bytes are filled up
/// with zeros to a word.
#[derive(Clone, Debug)]
pub struct FoldHasher<'a> {
    factor: usize,
    /// Of the products of the block.
    sum: u64,
    /// The first word of a pair, with its key.
    first: u32,
    /// Words of the block so far.
    place: usize,
    keys: PhantomData<&'a ()>,
}

impl FoldHasher<'_> {
    #[inline(always)]
    fn word(&mut self, word: u32) {
        let word = word.wrapping_add(keys::of_block(self.place));
        if self.place.is_multiple_of(2) {
            self.first = word;
        } else {
            self.sum = self.sum.wrapping_add(u64::from(self.first) * u64::from(word));
        }
        self.place += 1;
        if self.place == keys::BLOCK {
            self.fold();
        }
    }

    /// Begins another block with the sum of this one.
    #[cold]
    fn fold(&mut self) {
        let (low, high) = halves(self.sum);
        (self.sum, self.place) = (0, 0);
        self.word(low);
        self.word(high);
    }
}

impl Hasher for FoldHasher<'_> {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<4>();
        for word in words {
            self.word(u32::from_le_bytes(*word));
        }
        if !rest.is_empty() {
            let mut word = [0; 4];
            word[..rest.len()].copy_from_slice(rest);
            self.word(u32::from_le_bytes(word));
        }
    }

    #[inline(always)]
    fn write_u8(&mut self, number: u8) {
        self.word(number.into());
    }

    #[inline(always)]
    fn write_u16(&mut self, number: u16) {
        self.word(number.into());
    }

    #[inline(always)]
    fn write_u32(&mut self, number: u32) {
        self.word(number);
    }

    #[inline(always)]
    fn write_u64(&mut self, number: u64) {
        let (low, high) = halves(number);
        self.word(low);
        self.word(high);
    }

    #[inline(always)]
    fn write_u128(&mut self, number: u128) {
        #[expect(clippy::cast_possible_truncation, reason = "its halves")]
        let (low, high) = (number as u64, (number >> 64) as u64);
        self.write_u64(low);
        self.write_u64(high);
    }

    #[inline(always)]
    fn write_usize(&mut self, number: usize) {
        #[cfg(target_pointer_width = "32")]
        self.word(number as u32);
        #[cfg(not(target_pointer_width = "32"))]
        self.write_u64(number as u64);
    }

    #[inline]
    fn finish(&self) -> u64 {
        let mut ended = self.clone();
        if !self.place.is_multiple_of(2) {
            ended.word(0);
        }
        let hash = |half| last(ended.sum, half);
        #[cfg(target_pointer_width = "32")]
        let all = hash(0) as usize;
        #[cfg(not(target_pointer_width = "32"))]
        let all = (u64::from(hash(0)) << 32 | u64::from(hash(1))) as usize;
        mix(all, self.factor) as u64
    }
}

/// A sum as 32 bits that are strongly universal.
#[inline(always)]
fn last(sum: u64, half: usize) -> u32 {
    let [added, of_low, of_high] = keys::of_last(half);
    let (low, high) = halves(sum);
    let low = of_low.wrapping_mul(low.into());
    let high = of_high.wrapping_mul(high.into());
    halves(added.wrapping_add(low).wrapping_add(high)).1
}

/// Another number for each number, by a factor that is odd. Names in a row have sums in a row: no
/// two of them are equal for that, yet a table takes only bits from the bottom and from the top.
#[inline(always)]
fn mix(number: usize, factor: usize) -> usize {
    const HALF: u32 = usize::BITS / 2;
    let number = (number ^ number >> HALF).wrapping_mul(factor);
    let number = (number ^ number >> (HALF - 1)).wrapping_mul(SPREAD);
    number ^ number >> HALF
}

#[inline(always)]
fn halves(number: u64) -> (u32, u32) {
    #[expect(clippy::cast_possible_truncation, reason = "its halves")]
    (number as u32, (number >> 32) as u32)
}

/// Another number for each table of a thread.
#[cfg(feature = "std")]
#[inline]
fn serial() -> usize {
    use core::cell::Cell;

    std::thread_local! {
        static NEXT: Cell<usize> = const { Cell::new(1) };
    }
    // A table may be made while the thread ends.
    NEXT.try_with(|next| next.replace(next.get().wrapping_add(1))).unwrap_or_default()
}

/// Another number for each table.
#[cfg(not(feature = "std"))]
#[inline]
fn serial() -> usize {
    use core::sync::atomic::{AtomicUsize, Ordering};

    static NEXT: AtomicUsize = AtomicUsize::new(1);
    let serial = NEXT.load(Ordering::Relaxed);
    NEXT.store(serial.wrapping_add(1), Ordering::Relaxed);
    serial
}
