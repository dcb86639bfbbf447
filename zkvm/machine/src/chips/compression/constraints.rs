//! Constraints of the compression chip.

use p3_field::PrimeCharacteristicRing;
use p3_koala_bear::{
    GenericPoseidon2LinearLayersKoalaBear as Layers, KOALABEAR_POSEIDON2_RC_16_EXTERNAL_FINAL,
    KOALABEAR_POSEIDON2_RC_16_EXTERNAL_INITIAL, KOALABEAR_POSEIDON2_RC_16_INTERNAL,
};
use p3_poseidon2::GenericPoseidon2LinearLayers;

use super::{Compression, CompressionRow, WIDTH};
use crate::F;
use crate::builder::ChipBuilder;
use crate::buses::{self, COMPRESSION};
use crate::table::Table;
use crate::tree::halves;

impl Table for Compression {
    const NAME: &'static str = "compression";
    type Row<T: Copy> = CompressionRow<T>;

    fn eval<AB: ChipBuilder>(row: &CompressionRow<AB::Var>, builder: &mut AB) {
        let input: [AB::Expr; WIDTH] = row.input.map(Into::into);
        let mut state = input.clone();
        Layers::external_linear_layer(&mut state);
        let rounds =
            row.beginning.as_chunks().0.iter().zip(&KOALABEAR_POSEIDON2_RC_16_EXTERNAL_INITIAL);
        for (after, constants) in rounds {
            state = full_round("COMPRESSION-1", state, *after, constants, builder);
        }
        for (after, added) in row.partial.iter().zip(KOALABEAR_POSEIDON2_RC_16_INTERNAL) {
            let [first, ..] = &mut state;
            let cubed = (first.clone() + AB::Expr::from(added)).cube();
            builder.constrain("COMPRESSION-2", cubed - (*after).into());
            *first = (*after).into();
            Layers::internal_linear_layer(&mut state);
        }
        let rounds = row.ending.as_chunks().0.iter().zip(&KOALABEAR_POSEIDON2_RC_16_EXTERNAL_FINAL);
        for (after, constants) in rounds {
            state = full_round("COMPRESSION-3", state, *after, constants, builder);
        }
        // Fed forward, so that the inverse of the permutation finds no second input.
        let (left, right) = halves(input);
        let (mut output, _) = halves(state);
        output.iter_mut().zip(&left).for_each(|(out, fed)| *out += fed.clone());
        let tuple = buses::compression(left, right, output);
        buses::provide(builder, COMPRESSION, tuple, row.count);
    }
}

/// One full round from `state` to the columns `after`.
fn full_round<AB: ChipBuilder>(
    id: &'static str,
    mut state: [AB::Expr; WIDTH],
    after: [AB::Var; WIDTH],
    constants: &[F; WIDTH],
    builder: &mut AB,
) -> [AB::Expr; WIDTH] {
    for (element, added) in state.iter_mut().zip(constants) {
        *element = (element.clone() + AB::Expr::from(*added)).cube();
    }
    Layers::external_linear_layer(&mut state);
    let after = after.map(Into::<AB::Expr>::into);
    for (element, kept) in state.into_iter().zip(&after) {
        builder.constrain(id, element - kept.clone());
    }
    after
}
