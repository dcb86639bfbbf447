//! Constraints of the chip of BLAKE3's calls.

use core::array::from_fn;

use minster_precompiles::blake3::IV;
use minster_precompiles::{BLOCK_WORDS, Function};
use p3_field::PrimeCharacteristicRing;

use super::{Blake3Call, Blake3CallRow};
use crate::access::Word;
use crate::builder::ChipBuilder;
use crate::buses::{self, BLAKE3_STATE, BLAKE3_WORDS, BLOCK, Block, CALL, Call, constant};
use crate::chips::blake3::messages::{state, words};
use crate::chips::blake3::{VALUE_PLACE, WORD_ORDER};
use crate::chips::precompile::slot;
use crate::table::Table;

impl Table for Blake3Call {
    const NAME: &'static str = "blake3_call";
    type Row<T: Copy> = Blake3CallRow<T>;

    fn eval<AB: ChipBuilder>(row: &Blake3CallRow<AB::Var>, builder: &mut AB) {
        builder.constrain_bool("BLAKE3_CALL-1", row.real);
        memory(row, builder);
        let clock: AB::Expr = row.clock.into();
        let first = state(clock.clone(), AB::Expr::ZERO, &first_lanes::<AB>(row));
        buses::send(builder, BLAKE3_STATE, first, row.real);
        for (half_round, order) in WORD_ORDER.iter().enumerate() {
            let limbs = from_fn(|limb| row.message[2 * order[limb / 2] + limb % 2].into());
            let place = AB::Expr::from_usize(half_round);
            buses::send(builder, BLAKE3_WORDS, words(clock.clone(), place, &limbs), row.real);
        }
        let place = row.cells[0].into() + constant::<AB>(VALUE_PLACE);
        let value = words(clock, place, &row.value.map(Into::into));
        buses::send(builder, BLAKE3_WORDS, value, row.real);
    }
}

/// The call, and the blocks that it reads. The last row of its half rounds has the one it writes.
fn memory<AB: ChipBuilder>(row: &Blake3CallRow<AB::Var>, builder: &mut AB) {
    let clock: AB::Expr = row.clock.into();
    let [result, message, parameters] = row.cells.map(Into::<AB::Expr>::into);
    let call = Call {
        number: constant::<AB>(Function::Blake3.number()),
        operands: AB::Expr::from_usize(Function::Blake3.operands().len()),
        clock: clock.clone(),
        cells: [result, message.clone(), parameters.clone(), AB::Expr::ZERO],
    };
    buses::receive(builder, CALL, call.tuple(), row.real);
    let half = |start: usize| from_fn(|limb| row.message[start + limb].into());
    let behind = message.clone() + AB::Expr::from_usize(BLOCK_WORDS);
    for (operand, cell, limbs) in [
        (1, message, half(0)),
        (1, behind, half(2 * BLOCK_WORDS)),
        (2, parameters, row.parameters.map(Into::<AB::Expr>::into)),
    ] {
        let slot = constant::<AB>(slot::OPERANDS[operand]);
        let block = Block { clock: clock.clone(), slot, cell, before: limbs.clone(), after: limbs };
        buses::send(builder, BLOCK, block.tuple(), row.real);
    }
}

/// The state before the first half round.
fn first_lanes<AB: ChipBuilder>(row: &Blake3CallRow<AB::Var>) -> [[Word<AB::Expr>; 4]; 4] {
    let word = |limbs: &[AB::Var; 16], index: usize| Word {
        low: limbs[2 * index].into(),
        high: limbs[2 * index + 1].into(),
    };
    from_fn(|lane| {
        let initial =
            Word { low: constant::<AB>(IV[lane] & 0xffff), high: constant::<AB>(IV[lane] >> 16) };
        let [a, b] = [word(&row.value, lane), word(&row.value, 4 + lane)];
        [a, b, initial, word(&row.parameters, lane)]
    })
}
