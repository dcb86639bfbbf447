//! Constraints of the segment chip.

use p3_air::WindowAccess;
use p3_field::PrimeCharacteristicRing;

use super::{PUBLIC_WIDTH, Segment, SegmentRow};
use crate::builder::ChipBuilder;
use crate::buses::{self, EXIT, NODE, Node, ORDER, OUTPUT, STATE, constant};
use crate::cells::Cells;
use crate::rom::HALTED;
use crate::table::Table;
use crate::tree::ROOT_LEVEL;

impl Table for Segment {
    const NAME: &'static str = "segment";
    type Row<T: Copy> = SegmentRow<T>;

    fn eval<AB: ChipBuilder>(row: &SegmentRow<AB::Var>, builder: &mut AB) {
        let first = builder.preprocessed().current(0);
        let values: Option<[AB::PublicVar; PUBLIC_WIDTH]> =
            builder.public_values().first_chunk().copied();
        let (Some(first), Some(values)) = (first, values) else {
            return builder.constrain("SEGMENT-0", AB::Expr::ONE);
        };
        let first: AB::Expr = first.into();
        let public = &row.public;
        let mut cells = [public.pc_start; PUBLIC_WIDTH];
        Cells::<AB::Var>::write(*public, &mut cells.iter_mut());
        for (cell, value) in cells.into_iter().zip(values) {
            let difference = cell.into() - value.into();
            builder.constrain("SEGMENT-1", first.clone() * difference);
        }
        let halted: AB::Expr = public.halted.into();
        builder.constrain_bool("SEGMENT-2", public.halted);
        builder.constrain("SEGMENT-3", (AB::Expr::ONE - first.clone()) * public.halted);
        let elsewhere = public.pc_end.into() - constant::<AB>(HALTED);
        builder.constrain("SEGMENT-4", halted.clone() * elsewhere);
        let running = first.clone() - halted.clone();
        builder.constrain("SEGMENT-5", running.clone() * public.exit_low);
        builder.constrain("SEGMENT-6", running * public.exit_high);
        messages(row, first, builder);
    }
}

fn messages<AB: ChipBuilder>(row: &SegmentRow<AB::Var>, first: AB::Expr, builder: &mut AB) {
    let SegmentRow { public, clock_end, words, commit_clock } = row;
    let start = [public.pc_start.into(), AB::Expr::ONE];
    buses::send(builder, STATE, start, first.clone());
    buses::receive(builder, STATE, [public.pc_end.into(), (*clock_end).into()], first.clone());
    let exit = [public.exit_low.into(), public.exit_high.into()];
    buses::receive(builder, EXIT, exit, public.halted);

    let root = Node {
        level: constant::<AB>(ROOT_LEVEL),
        index: AB::Expr::ZERO,
        before: public.root_before.map(Into::into),
        after: public.root_after.map(Into::into),
    };
    buses::receive(builder, NODE, root.tuple(), first.clone());

    buses::send(builder, ORDER, [AB::Expr::ZERO, AB::Expr::ZERO], first.clone());
    buses::receive(builder, ORDER, [(*words).into(), (*commit_clock).into()], first.clone());
    let before = buses::output(AB::Expr::ZERO, public.output_before.map(Into::into));
    buses::send(builder, OUTPUT, before, first.clone());
    let after = buses::output((*words).into(), public.output_after.map(Into::into));
    buses::receive(builder, OUTPUT, after, first);
}
