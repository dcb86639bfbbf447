//! Constraints of the node chip.

use p3_field::PrimeCharacteristicRing;

use super::{Node, NodeRow};
use crate::builder::ChipBuilder;
use crate::buses::{self, COMPRESSION, NODE, constant};
use crate::table::Table;

impl Table for Node {
    const NAME: &'static str = "node";
    type Row<T: Copy> = NodeRow<T>;

    fn eval<AB: ChipBuilder>(row: &NodeRow<AB::Var>, builder: &mut AB) {
        let real: AB::Expr = row.real.into();
        builder.constrain_bool("NODE-1", row.real);
        builder.constrain_bool("NODE-2", row.left_touched);
        builder.constrain_bool("NODE-3", row.right_touched);
        let padding = AB::Expr::ONE - real.clone();
        builder.constrain("NODE-4", padding.clone() * row.left_touched);
        builder.constrain("NODE-5", padding * row.right_touched);
        let untouched = |flag: AB::Var| real.clone() - flag.into();
        for (before, after) in row.left_before.into_iter().zip(row.left_after) {
            let change: AB::Expr = after.into() - before.into();
            builder.constrain("NODE-6", untouched(row.left_touched) * change);
        }
        for (before, after) in row.right_before.into_iter().zip(row.right_after) {
            let change: AB::Expr = after.into() - before.into();
            builder.constrain("NODE-7", untouched(row.right_touched) * change);
        }
        messages(row, builder);
    }
}

fn messages<AB: ChipBuilder>(row: &NodeRow<AB::Var>, builder: &mut AB) {
    let expressions = |digest: [AB::Var; 8]| digest.map(Into::<AB::Expr>::into);
    let level: AB::Expr = row.level.into();
    let index: AB::Expr = row.index.into();
    let first = index.clone() * constant::<AB>(2);
    let left = buses::Node {
        level: level.clone() - AB::Expr::ONE,
        index: first.clone(),
        before: expressions(row.left_before),
        after: expressions(row.left_after),
    };
    let right = buses::Node {
        level: level.clone() - AB::Expr::ONE,
        index: first + AB::Expr::ONE,
        before: expressions(row.right_before),
        after: expressions(row.right_after),
    };
    let node = buses::Node {
        level,
        index,
        before: expressions(row.before),
        after: expressions(row.after),
    };
    let before = buses::compression(left.before.clone(), right.before.clone(), node.before.clone());
    let after = buses::compression(left.after.clone(), right.after.clone(), node.after.clone());
    buses::send(builder, COMPRESSION, before, row.real);
    buses::send(builder, COMPRESSION, after, row.real);
    buses::receive(builder, NODE, left.tuple(), row.left_touched);
    buses::receive(builder, NODE, right.tuple(), row.right_touched);
    buses::send(builder, NODE, node.tuple(), row.real);
}
