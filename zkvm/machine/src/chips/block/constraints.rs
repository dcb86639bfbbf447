//! Constraints of the block chip.

use super::{Block, BlockRow};
use crate::access::{CellAccess, access_of_any_age};
use crate::builder::ChipBuilder;
use crate::buses::{self, BLOCK, constant};
use crate::table::Table;

impl Table for Block {
    const NAME: &'static str = "block";
    type Row<T: Copy> = BlockRow<T>;

    fn eval<AB: ChipBuilder>(row: &BlockRow<AB::Var>, builder: &mut AB) {
        builder.constrain_bool("BLOCK-1", row.real);
        let stamp = row.clock.into() * constant::<AB>(4) + row.slot.into();
        let mut offsets = 0..;
        let accesses = row.cells().map(|(before, after, age)| CellAccess {
            cell: row.cell.into() + constant::<AB>(offsets.next().unwrap_or_default()),
            stamp: stamp.clone(),
            before: before.expr(),
            after: after.expr(),
            age,
        });
        access_of_any_age(builder, accesses, row.high, row.real.into());
        let block = buses::Block {
            clock: row.clock.into(),
            slot: row.slot.into(),
            cell: row.cell.into(),
            before: row.before.map(Into::into),
            after: row.after.map(Into::into),
        };
        buses::receive(builder, BLOCK, block.tuple(), row.real);
    }
}
