//! Constraints of the ecall chip.

use minster_emulator::ecall;
use p3_field::PrimeCharacteristicRing;

use super::{Ecall, EcallRow};
use crate::access::{CellAccess, RAM_CELLS, Word, access, register, slot, stamp, step};
use crate::builder::ChipBuilder;
use crate::buses::{self, ALIGN, EXIT, ORDER, TRANSFER, constant};
use crate::rom::{HALTED, Line, operation};
use crate::table::Table;

const A0: u32 = 10;
const A1: u32 = 11;
const A2: u32 = 12;
const A7: u32 = 17;

impl Table for Ecall {
    const NAME: &'static str = "ecall";
    type Row<T: Copy> = EcallRow<T>;

    fn eval<AB: ChipBuilder>(row: &EcallRow<AB::Var>, builder: &mut AB) {
        builder.constrain_bool("ECALL-1", row.is_halt);
        builder.constrain_bool("ECALL-2", row.is_write);
        builder.constrain_bool("ECALL-3", row.is_input);
        builder.constrain_bool("ECALL-4", row.is_hint);
        builder.constrain_bool("ECALL-5", row.is_commit);
        let transfer = row.is_input.into() + row.is_hint.into() + row.is_commit.into();
        let real = transfer.clone() + row.is_halt.into() + row.is_write.into();
        builder.constrain_bool("ECALL-6", real.clone());

        let pc: AB::Expr = row.pc.into();
        let after = pc.clone() + AB::Expr::ONE;
        let jump = (constant::<AB>(HALTED) - after.clone()) * row.is_halt;
        builder.constrain("ECALL-7", row.next.into() - pc.clone() - real.clone() - jump);
        let line = Line {
            pc,
            operation: real.clone() * constant::<AB>(operation::ECALL),
            next: after,
            ..Default::default()
        };
        step(builder, line, row.clock, row.next.into(), real.clone());
        registers(row, real, builder);
        results(row, builder);
        let exit = [row.a0.low.into(), row.a0.high.into()];
        buses::send(builder, EXIT, exit, row.is_halt);
        transfers(row, transfer, builder);
        commits(row, builder);
    }
}

/// Reads a7, a1 and a2, and takes a0 from its old to its new value.
fn registers<AB: ChipBuilder>(row: &EcallRow<AB::Var>, real: AB::Expr, builder: &mut AB) {
    let number = [
        (row.is_halt, ecall::HALT),
        (row.is_write, ecall::WRITE),
        (row.is_input, ecall::READ_INPUT),
        (row.is_hint, ecall::READ_HINT),
        (row.is_commit, ecall::COMMIT),
    ];
    let number = number.into_iter().map(|(flag, number)| flag.into() * constant::<AB>(number));
    let number = Word { low: number.sum(), high: AB::Expr::ZERO };
    let read = |index: u32, slot, value: Word<AB::Expr>, age| CellAccess {
        cell: register::<AB>(constant::<AB>(index)),
        stamp: stamp::<AB>(row.clock, slot),
        before: value.clone(),
        after: value,
        age,
    };
    let a7 = read(A7, slot::RS1, number, row.a7_age);
    let a1 = read(A1, slot::RS2, row.a1.expr(), row.a1_age);
    let a2 = read(A2, slot::MEMORY, row.a2.expr(), row.a2_age);
    let a0 = read(A0, slot::RD, row.a0.expr(), row.a0_age);
    let a0 = CellAccess { after: row.result.expr(), ..a0 };
    access(builder, [a7, a1, a2, a0], real.clone());
    buses::range(builder, row.result.low, real.clone());
    buses::range(builder, row.result.high, real);
}

/// HALT and COMMIT leave a0, WRITE makes it a2, reads may make it anything.
fn results<AB: ChipBuilder>(row: &EcallRow<AB::Var>, builder: &mut AB) {
    let keeps = row.is_halt.into() + row.is_commit.into();
    let change = |new: AB::Var, old: AB::Var| new.into() - old.into();
    builder.constrain("ECALL-8", keeps.clone() * change(row.result.low, row.a0.low));
    builder.constrain("ECALL-9", keeps * change(row.result.high, row.a0.high));
    builder.constrain("ECALL-10", change(row.result.low, row.a2.low) * row.is_write);
    builder.constrain("ECALL-11", change(row.result.high, row.a2.high) * row.is_write);
}

/// A transfer starts at the cell that a0 points at, with a1 words or bytes left, and ends in RAM
/// with none left.
fn transfers<AB: ChipBuilder>(row: &EcallRow<AB::Var>, transfer: AB::Expr, builder: &mut AB) {
    builder.constrain("ECALL-12", transfer.clone() * row.a1.high);
    let words = row.is_input.into() + row.is_hint.into();
    let most = words * constant::<AB>(ecall::IO_WORDS_MAX)
        + row.is_commit.into() * constant::<AB>(4 * ecall::IO_WORDS_MAX);
    buses::range(builder, most - row.a1.low.into(), transfer.clone());
    let word = row.a0.low.into() * buses::inverse_power::<AB>(2);
    buses::send(builder, ALIGN, [word.clone(), AB::Expr::ZERO], transfer.clone());
    let cell = word + row.a0.high.into() * constant::<AB>(1 << 14);
    let place = |cell: AB::Expr, left: AB::Expr, position: AB::Var| {
        [row.is_commit.into(), cell, left, row.clock.into(), position.into()]
    };
    let start = place(cell, row.a1.low.into(), row.position);
    let end = place(row.end.into(), AB::Expr::ZERO, row.position_end);
    buses::send(builder, TRANSFER, start, transfer.clone());
    buses::receive(builder, TRANSFER, end, transfer.clone());

    // Nothing else bounds the address: below 2^30 cells are too few for this sum to wrap.
    let room = row.room_low.into() + row.room_high.into() * constant::<AB>(1 << 16);
    let past = row.end.into() + room - constant::<AB>(RAM_CELLS);
    builder.constrain("ECALL-13", transfer.clone() * past);
    buses::range(builder, row.room_low, transfer.clone());
    buses::send(builder, ALIGN, [row.room_high.into(), AB::Expr::ZERO], transfer);
}

/// Commits follow each other in time.
fn commits<AB: ChipBuilder>(row: &EcallRow<AB::Var>, builder: &mut AB) {
    let before = [row.position.into(), row.commit_clock.into()];
    let after = [row.position_end.into(), row.clock.into()];
    buses::receive(builder, ORDER, before, row.is_commit);
    buses::send(builder, ORDER, after, row.is_commit);
    let high: AB::Expr = row.commit_gap_high.into();
    let gap = row.clock.into() - row.commit_clock.into() - AB::Expr::ONE;
    buses::range(builder, gap - high.clone() * constant::<AB>(1 << 16), row.is_commit);
    buses::septets(builder, [high, AB::Expr::ZERO], row.is_commit);
}
