//! Columns of the transfer chip.

use crate::access::{Age, Word};
use crate::columns;

columns! {
    /// One word that a call reads into memory or commits from it.
    pub struct TransferRow<T> {
        /// 1 for a word that is read.
        pub is_read: T,
        /// 1 for a word that is committed.
        pub is_commit: T,
        /// Of a commit's last word: whether 1, 2 or 3 bytes of it count. All 0 for a whole word.
        pub part: [T; 3],
        /// Tick of the call.
        pub clock: T,
        /// The cell.
        pub cell: T,
        /// Words left of a read, bytes left of a commit, this word included.
        pub remaining: T,
        /// Words of output before this one; of a read whatever the call says.
        pub position: T,
        /// What the cell holds before.
        pub before: Word<T>,
        /// What the cell holds after.
        pub after: Word<T>,
        /// What the range bus bounds: the low limb afterwards. Of a commit's last word of which 1
        /// or 3 bytes count, the limb of the last of these times 2^8 instead: below 2^16 only if
        /// that limb holds nothing behind it.
        pub bounded: T,
        /// Previous access of the cell.
        pub age: Age<T>,
        /// Upper part of the time since then.
        pub age_high: T,
        /// Of a commit: digest of the output before.
        pub digest: [T; 8],
        /// Of a commit: digest of the output after.
        pub digest_after: [T; 8],
    }
}
