//! Constraints of the leaf chip.

use p3_field::PrimeCharacteristicRing;

use super::{Leaf, LeafRow};
use crate::builder::ChipBuilder;
use crate::buses::{self, COMPRESSION, MEMORY, NODE, Node, constant};
use crate::table::Table;
use crate::tree::{LEAF_CELLS, halves};

impl Table for Leaf {
    const NAME: &'static str = "leaf";
    type Row<T: Copy> = LeafRow<T>;

    fn eval<AB: ChipBuilder>(row: &LeafRow<AB::Var>, builder: &mut AB) {
        let real: AB::Expr = row.real.into();
        builder.constrain_bool("LEAF-1", row.real);
        let first = row.index.into() * constant::<AB>(LEAF_CELLS);
        for (offset, index) in (0..LEAF_CELLS).zip(0..) {
            let Some([(before, start), (after, stamp)]) = row.cell(index) else { continue };
            let cell = first.clone() + constant::<AB>(offset);
            let (low, high) = (before.low.into(), before.high.into());
            buses::send(builder, MEMORY, [cell.clone(), low, high, start.into()], real.clone());
            let (low, high) = (after.low.into(), after.high.into());
            buses::receive(builder, MEMORY, [cell, low, high, stamp.into()], real.clone());
            buses::range(builder, before.low, real.clone());
            buses::range(builder, before.high, real.clone());
        }
        let digest_before = row.digest_before.map(Into::into);
        let digest_after = row.digest_after.map(Into::into);
        let hashes = [(row.before, digest_before.clone()), (row.after, digest_after.clone())];
        for (limbs, digest) in hashes {
            let (left, right) = halves(limbs.map(Into::into));
            let tuple = buses::compression(left, right, digest);
            buses::send(builder, COMPRESSION, tuple, real.clone());
        }
        let node = Node {
            level: AB::Expr::ZERO,
            index: row.index.into(),
            before: digest_before,
            after: digest_after,
        };
        buses::send(builder, NODE, node.tuple(), real);
    }
}
