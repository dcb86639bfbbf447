//! Constraints of the fixed table.

use p3_air::WindowAccess;
use p3_field::PrimeCharacteristicRing;

use super::{Lookup, LookupLine, LookupRow};
use crate::builder::ChipBuilder;
use crate::buses::{self, ALIGN, BYTES, CONSTANT, FACTOR, RANGE, SEPTETS, XOR, constant};
use crate::cells::Cells;
use crate::table::Table;

impl Table for Lookup {
    const NAME: &'static str = "lookup";
    type Row<T: Copy> = LookupRow<T>;

    fn eval<AB: ChipBuilder>(row: &LookupRow<AB::Var>, builder: &mut AB) {
        let line = LookupLine::read(&mut builder.preprocessed().current_slice().iter());
        let Some(line) = line else { return builder.constrain("LOOKUP-0", AB::Expr::ONE) };
        let line: LookupLine<AB::Var> = line;
        let value: AB::Expr = line.value.into();
        let second: AB::Expr = line.second.into();
        let first = value.clone() - second.clone() * constant::<AB>(1 << 8);
        let word: AB::Expr = line.word.into();
        let offset = value.clone() - word.clone() * constant::<AB>(4);
        let right: AB::Expr = line.right.into();
        let distance = value.clone() - right.clone() * constant::<AB>(8);
        let unless = |flag: AB::Var| AB::Expr::ONE - flag.into();
        builder.constrain("LOOKUP-1", unless(line.are_septets) * row.septets);
        builder.constrain("LOOKUP-2", unless(line.has_factor) * row.factor);
        builder.constrain("LOOKUP-3", unless(line.has_constant) * row.constant);
        let constant = [value.clone(), line.constant.low.into(), line.constant.high.into()];

        buses::provide(builder, RANGE, [value], row.range);
        buses::provide(builder, SEPTETS, [first.clone(), second.clone()], row.septets);
        buses::provide(builder, BYTES, [first.clone(), second.clone()], row.bytes);
        buses::provide(builder, XOR, [first, second, line.xor.into()], row.xor);
        buses::provide(builder, ALIGN, [word, offset], row.align);
        buses::provide(builder, FACTOR, [right, distance, line.factor.into()], row.factor);
        buses::provide(builder, CONSTANT, constant, row.constant);
    }
}
