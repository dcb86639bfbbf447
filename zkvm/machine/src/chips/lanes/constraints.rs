//! Constraints of the chip of lanes.

use core::array::from_fn;

use minster_precompiles::{BLOCK_WORDS, Function};
use p3_field::PrimeCharacteristicRing;

use super::columns::LIMBS;
use super::{Lanes, LanesRow};
use crate::builder::ChipBuilder;
use crate::buses::{self, BLOCK, CALL, KECCAK_CELL, KECCAK_LIMBS, constant};
use crate::chips::keccak::{HALF_LANES, LOW_LANES, QUARTERS};
use crate::chips::precompile::slot;
use crate::table::Table;

/// Limbs of a block.
const BLOCK_LIMBS: usize = 2 * BLOCK_WORDS;
/// Blocks of the lower half.
const LOW_BLOCKS: usize = QUARTERS * LOW_LANES / BLOCK_LIMBS;

impl Table for Lanes {
    const NAME: &'static str = "lanes";
    type Row<T: Copy> = LanesRow<T>;

    fn eval<AB: ChipBuilder>(row: &LanesRow<AB::Var>, builder: &mut AB) {
        let real = row.is_low.into() + row.is_high;
        builder.constrain_bool("LANES-1", row.is_low);
        builder.constrain_bool("LANES-2", row.is_high);
        builder.constrain_bool("LANES-3", real.clone());
        let (clock, cell): (AB::Expr, AB::Expr) = (row.clock.into(), row.cell.into());
        let call = buses::Call {
            number: constant::<AB>(Function::KeccakF.number()),
            operands: AB::Expr::ONE,
            clock: clock.clone(),
            cells: [cell.clone(), AB::Expr::ZERO, AB::Expr::ZERO, AB::Expr::ZERO],
        };
        buses::receive(builder, CALL, call.tuple(), row.is_low);
        let words = constant::<AB>((LOW_BLOCKS * BLOCK_WORDS) as u32);
        let behind = [clock.clone(), cell.clone() + words];
        buses::send(builder, KECCAK_CELL, behind, row.is_low);
        buses::receive(builder, KECCAK_CELL, [clock, cell], row.is_high);
        for (side, limbs) in [&row.before, &row.after].into_iter().enumerate() {
            for quarter in 0..QUARTERS {
                let tuple = limbs_of::<AB>(row, side * QUARTERS + quarter, limbs);
                buses::receive(builder, KECCAK_LIMBS, tuple, real.clone());
            }
        }
        for index in 0..=LOW_BLOCKS {
            let count = if index < LOW_BLOCKS { real.clone() } else { row.is_high.into() };
            let tuple = block::<AB>(row, index).tuple();
            buses::send(builder, BLOCK, tuple, count);
        }
    }
}

/// The limbs of one quarter; `place` is the quarter, plus 4 after the permutation.
fn limbs_of<AB: ChipBuilder>(
    row: &LanesRow<AB::Var>,
    place: usize,
    limbs: &[AB::Var; LIMBS],
) -> [AB::Expr; 2 + HALF_LANES] {
    let half = row.is_high.into() * constant::<AB>(2 * QUARTERS as u32);
    let quarter = limbs.iter().skip(place % QUARTERS).step_by(QUARTERS);
    let head = [row.clock.into(), half + constant::<AB>(place as u32)];
    let mut parts = head.into_iter().chain(quarter.map(|limb| (*limb).into()));
    from_fn(|_| parts.next().unwrap_or(AB::Expr::ZERO))
}

/// A block of the row's lanes. Behind the last lane it holds what the call leaves alone.
fn block<AB: ChipBuilder>(row: &LanesRow<AB::Var>, index: usize) -> buses::Block<AB::Expr> {
    let limbs = |limbs: &[AB::Var; LIMBS]| {
        let block = limbs.iter().chain(&row.tail).skip(BLOCK_LIMBS * index);
        let mut block = block.map(|limb| (*limb).into());
        from_fn(|_| block.next().unwrap_or(AB::Expr::ZERO))
    };
    buses::Block {
        clock: row.clock.into(),
        slot: constant::<AB>(slot::OPERANDS[0]),
        cell: row.cell.into() + constant::<AB>((BLOCK_WORDS * index) as u32),
        before: limbs(&row.before),
        after: limbs(&row.after),
    }
}
