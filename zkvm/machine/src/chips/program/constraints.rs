//! The program chip has no constraint: it answers for what the key holds.

use p3_air::WindowAccess;
use p3_field::PrimeCharacteristicRing;

use super::{Program, ProgramRow};
use crate::builder::ChipBuilder;
use crate::buses::{self, PROGRAM};
use crate::rom::LINE_WIDTH;
use crate::table::Table;

impl Table for Program {
    const NAME: &'static str = "program";
    type Row<T: Copy> = ProgramRow<T>;

    fn eval<AB: ChipBuilder>(row: &ProgramRow<AB::Var>, builder: &mut AB) {
        let line: Option<[AB::Var; LINE_WIDTH]> =
            builder.preprocessed().current_slice().first_chunk().copied();
        let Some(line) = line else { return builder.constrain("PROGRAM-0", AB::Expr::ONE) };
        buses::provide(builder, PROGRAM, line.map(Into::into), row.count);
    }
}
