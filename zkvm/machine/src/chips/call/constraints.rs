//! Constraints of the call chip.

use minster_precompiles::ADDRESS_END;
use p3_field::PrimeCharacteristicRing;

use super::{Call, CallRow};
use crate::access::{Age, CellAccess, Word, access, register, slot, stamp, step};
use crate::builder::ChipBuilder;
use crate::buses::{self, ALIGN, CALL, constant};
use crate::rom::{Line, operation};
use crate::table::Table;

const A0: u32 = 10;
const A7: u32 = 17;

impl Table for Call {
    const NAME: &'static str = "call";
    type Row<T: Copy> = CallRow<T>;

    fn eval<AB: ChipBuilder>(row: &CallRow<AB::Var>, builder: &mut AB) {
        let real: AB::Expr = row.real.into();
        let [second, third, fourth] = row.more;
        builder.constrain_bool("CALL-1", row.real);
        for flag in row.more {
            builder.constrain_bool("CALL-2", flag);
        }
        builder.constrain("CALL-3", second.into() * (AB::Expr::ONE - real.clone()));
        builder.constrain("CALL-4", third.into() * (AB::Expr::ONE - second.into()));
        builder.constrain("CALL-5", fourth.into() * (AB::Expr::ONE - third.into()));
        for (flag, address) in [(second, row.a1), (third, row.a2), (fourth, row.a3)] {
            builder.constrain("CALL-6", (AB::Expr::ONE - flag.into()) * address.low);
            builder.constrain("CALL-7", (AB::Expr::ONE - flag.into()) * address.high);
        }

        let pc: AB::Expr = row.pc.into();
        let next = pc.clone() + AB::Expr::ONE;
        let line = Line {
            pc,
            operation: constant::<AB>(operation::ECALL),
            next: next.clone(),
            ..Default::default()
        };
        step(builder, line, row.clock, next, real.clone());
        let number = Word { low: row.number.into(), high: AB::Expr::ZERO };
        let read = |index: u32, value: Word<AB::Expr>, age: Age<AB::Var>| CellAccess {
            cell: register::<AB>(constant::<AB>(index)),
            stamp: stamp::<AB>(row.clock, slot::RS1),
            before: value.clone(),
            after: value,
            age,
        };
        let always = [read(A7, number, row.number_age), read(A0, row.a0.expr(), row.a0_age)];
        access(builder, always, real.clone());
        access(builder, [read(A0 + 1, row.a1.expr(), row.a1_age)], second.into());
        access(builder, [read(A0 + 2, row.a2.expr(), row.a2_age)], third.into());
        access(builder, [read(A0 + 3, row.a3.expr(), row.a3_age)], fourth.into());

        let flags = [row.real, second, third, fourth];
        let addresses = [row.a0, row.a1, row.a2, row.a3];
        for (flag, address) in flags.into_iter().zip(addresses) {
            let word = address.low.into() * buses::inverse_power::<AB>(2);
            buses::send(builder, ALIGN, [word, AB::Expr::ZERO], flag);
            let last = constant::<AB>((ADDRESS_END >> 16) - 1);
            buses::range(builder, last - address.high.into(), flag);
        }
        let call = buses::Call {
            number: row.number.into(),
            operands: flags.into_iter().map(Into::<AB::Expr>::into).sum(),
            clock: row.clock.into(),
            cells: addresses.map(|address| {
                address.low.into() * buses::inverse_power::<AB>(2)
                    + address.high.into() * constant::<AB>(1 << 14)
            }),
        };
        buses::send(builder, CALL, call.tuple(), real);
    }
}
