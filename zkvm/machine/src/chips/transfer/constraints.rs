//! Constraints of the transfer chip.

use p3_field::PrimeCharacteristicRing;

use super::{Transfer, TransferRow};
use crate::access::{CellAccess, access_of_any_age, slot, stamp};
use crate::builder::ChipBuilder;
use crate::buses::{self, COMPRESSION, OUTPUT, TRANSFER, constant};
use crate::table::Table;

impl Table for Transfer {
    const NAME: &'static str = "transfer";
    type Row<T: Copy> = TransferRow<T>;

    fn eval<AB: ChipBuilder>(row: &TransferRow<AB::Var>, builder: &mut AB) {
        let is_commit: AB::Expr = row.is_commit.into();
        let real = row.is_read.into() + is_commit.clone();
        builder.constrain_bool("TRANSFER-1", row.is_read);
        builder.constrain_bool("TRANSFER-2", row.is_commit);
        builder.constrain_bool("TRANSFER-3", real.clone());
        for flag in row.part {
            builder.constrain_bool("TRANSFER-4", flag);
        }
        let [one, two, three] = row.part.map(Into::<AB::Expr>::into);
        let partial = one.clone() + two.clone() + three.clone();
        builder.constrain("TRANSFER-5", partial.clone() * (partial.clone() - is_commit.clone()));
        // A commit takes 4 bytes, of its last word perhaps fewer; a read takes 1 word.
        let bytes = is_commit.clone() * constant::<AB>(4)
            - one.clone() * constant::<AB>(3)
            - two.clone() * constant::<AB>(2)
            - three.clone();
        let taken = bytes.clone() + row.is_read.into();
        let left = row.remaining.into() - taken;
        builder.constrain("TRANSFER-6", partial * left.clone());
        let change = |after: AB::Var, before: AB::Var| after.into() - before.into();
        builder.constrain("TRANSFER-7", change(row.after.low, row.before.low) * row.is_commit);
        builder.constrain("TRANSFER-8", change(row.after.high, row.before.high) * row.is_commit);

        // Bytes of the last word that do not count are zero.
        let (low, high): (AB::Expr, AB::Expr) = (row.before.low.into(), row.before.high.into());
        builder.constrain("TRANSFER-9", (one.clone() + two) * high.clone());
        let last = one * (low.clone() * constant::<AB>(0xff))
            + three * (high * constant::<AB>(1 << 8) - low);
        builder.constrain("TRANSFER-10", row.after.low.into() + last - row.bounded.into());

        let place = |cell: AB::Expr, left: AB::Expr, position: AB::Expr| {
            [row.is_commit.into(), cell, left, row.clock.into(), position]
        };
        let position: AB::Expr = row.position.into();
        let now = place(row.cell.into(), row.remaining.into(), position.clone());
        let behind = position.clone() + is_commit.clone();
        let then = place(row.cell.into() + AB::Expr::ONE, left, behind.clone());
        buses::receive(builder, TRANSFER, now, real.clone());
        buses::send(builder, TRANSFER, then, real.clone());
        let cell = CellAccess {
            cell: row.cell.into(),
            stamp: stamp::<AB>(row.clock, slot::MEMORY),
            before: row.before.expr(),
            after: row.after.expr(),
            age: row.age,
        };
        access_of_any_age(builder, [cell], [row.age_high], real.clone());
        buses::range(builder, row.bounded, real.clone());
        buses::range(builder, row.after.high, real);
        absorb(row, position, behind, bytes, builder);
    }
}

/// A committed word goes into the digest of the output, with the number of its bytes that count.
fn absorb<AB: ChipBuilder>(
    row: &TransferRow<AB::Var>,
    position: AB::Expr,
    behind: AB::Expr,
    bytes: AB::Expr,
    builder: &mut AB,
) {
    let digest = row.digest.map(Into::<AB::Expr>::into);
    let after = row.digest_after.map(Into::<AB::Expr>::into);
    let block = output_block(row.before.low.into(), row.before.high.into(), bytes);
    let tuple = buses::compression(digest.clone(), block, after.clone());
    buses::send(builder, COMPRESSION, tuple, row.is_commit);
    buses::receive(builder, OUTPUT, buses::output(position, digest), row.is_commit);
    buses::send(builder, OUTPUT, buses::output(behind, after), row.is_commit);
}

/// What the digest of the output absorbs for a word: its limbs and how many bytes of it count.
pub fn output_block<E: PrimeCharacteristicRing>(low: E, high: E, bytes: E) -> [E; 8] {
    [low, high, bytes, E::ZERO, E::ZERO, E::ZERO, E::ZERO, E::ZERO]
}
