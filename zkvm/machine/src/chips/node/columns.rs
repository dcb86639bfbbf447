//! Columns of the node chip.

use crate::columns;

columns! {
    /// An inner node above some touched leaf.
    pub struct NodeRow<T> {
        /// 1 on a row of a node, 0 on padding.
        pub real: T,
        /// 1 for the parents of leaves, up to the root's level.
        pub level: T,
        /// Position in the level.
        pub index: T,
        /// Whether the left child is on the node bus; otherwise it is the same before and after.
        pub left_touched: T,
        /// Whether the right child is on the node bus.
        pub right_touched: T,
        /// Digest of the left child before.
        pub left_before: [T; 8],
        /// Digest of the right child before.
        pub right_before: [T; 8],
        /// Digest of the left child after.
        pub left_after: [T; 8],
        /// Digest of the right child after.
        pub right_after: [T; 8],
        /// Digest of the node before.
        pub before: [T; 8],
        /// Digest of the node after.
        pub after: [T; 8],
    }
}
