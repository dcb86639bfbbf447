//! Rows of the node chip.

use p3_field::PrimeCharacteristicRing;

use super::{Node, NodeRow};
use crate::F;
use crate::tree::NodeUpdate;

impl Node {
    /// The row of an update of an inner node.
    pub fn fill(update: &NodeUpdate) -> NodeRow<F> {
        let [left, right] = &update.children;
        NodeRow {
            real: F::ONE,
            level: F::from_u32(update.level),
            index: F::from_u32(update.index),
            left_touched: F::from_bool(left.touched),
            right_touched: F::from_bool(right.touched),
            left_before: left.before,
            right_before: right.before,
            left_after: left.after,
            right_after: right.after,
            before: update.before,
            after: update.after,
        }
    }
}
