//! Columns of the segment chip.

use crate::columns;

columns! {
    /// The two ends of a segment, in its one used row.
    pub struct SegmentRow<T> {
        /// What the public values say.
        pub public: PublicCells<T>,
        /// The tick after the last instruction.
        pub clock_end: T,
        /// Words committed in this segment.
        pub words: T,
        /// Tick of the last commit, 0 if there is none.
        pub commit_clock: T,
    }
}

columns! {
    /// The public values of a segment, in their order.
    pub struct PublicCells<T> {
        /// Address of the first instruction in words.
        pub pc_start: T,
        /// Address of the instruction after the last in words; [`crate::rom::HALTED`] after a halt.
        pub pc_end: T,
        /// 1 if the program has halted in this segment.
        pub halted: T,
        /// The exit code's low limb, 0 if not halted.
        pub exit_low: T,
        /// The exit code's high limb, 0 if not halted.
        pub exit_high: T,
        /// Root of memory before.
        pub root_before: [T; 8],
        /// Root of memory after.
        pub root_after: [T; 8],
        /// Digest of the public output before.
        pub output_before: [T; 8],
        /// Digest of the public output after.
        pub output_after: [T; 8],
    }
}
