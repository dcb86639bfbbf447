//! Constraints of the refresh chip.

use minster_emulator::AGE_MAX;

use super::{Refresh, RefreshRow};
use crate::access::{CellAccess, access_after};
use crate::builder::ChipBuilder;
use crate::buses::{self, constant};
use crate::table::Table;

impl Table for Refresh {
    const NAME: &'static str = "refresh";
    type Row<T: Copy> = RefreshRow<T>;

    fn eval<AB: ChipBuilder>(row: &RefreshRow<AB::Var>, builder: &mut AB) {
        let real: AB::Expr = row.real.into();
        builder.constrain_bool("REFRESH-1", row.real);
        let cell = CellAccess {
            cell: row.cell.into(),
            stamp: row.stamp_low.into() + row.stamp_high.into() * constant::<AB>(AGE_MAX),
            before: row.value.expr(),
            after: row.value.expr(),
            age: row.age,
        };
        access_after(builder, cell, row.age_high.into(), real.clone());
        buses::range(builder, row.stamp_low, real.clone());
        buses::septets(builder, [row.age_high.into(), row.stamp_high.into()], real);
    }
}
