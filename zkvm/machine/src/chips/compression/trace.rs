//! Rows of the compression chip.

use p3_field::PrimeCharacteristicRing;
use p3_koala_bear::{
    GenericPoseidon2LinearLayersKoalaBear as Layers, KOALABEAR_POSEIDON2_RC_16_EXTERNAL_FINAL,
    KOALABEAR_POSEIDON2_RC_16_EXTERNAL_INITIAL, KOALABEAR_POSEIDON2_RC_16_INTERNAL,
};
use p3_poseidon2::GenericPoseidon2LinearLayers;

use super::{Compression, CompressionRow, WIDTH};
use crate::F;

impl Compression {
    /// The row of a compression that is asked for `count` times.
    pub fn fill(input: [F; WIDTH], count: u32) -> CompressionRow<F> {
        let mut row = CompressionRow { count: F::from_u32(count), input, ..Default::default() };
        let mut state = input;
        Layers::external_linear_layer(&mut state);
        let rounds = row
            .beginning
            .as_chunks_mut()
            .0
            .iter_mut()
            .zip(&KOALABEAR_POSEIDON2_RC_16_EXTERNAL_INITIAL);
        for (after, constants) in rounds {
            *after = full_round(&mut state, constants);
        }
        for (after, added) in row.partial.iter_mut().zip(KOALABEAR_POSEIDON2_RC_16_INTERNAL) {
            state[0] = (state[0] + added).cube();
            *after = state[0];
            Layers::internal_linear_layer(&mut state);
        }
        let rounds =
            row.ending.as_chunks_mut().0.iter_mut().zip(&KOALABEAR_POSEIDON2_RC_16_EXTERNAL_FINAL);
        for (after, constants) in rounds {
            *after = full_round(&mut state, constants);
        }
        row
    }
}

fn full_round(state: &mut [F; WIDTH], constants: &[F; WIDTH]) -> [F; WIDTH] {
    for (element, added) in state.iter_mut().zip(constants) {
        *element = (*element + *added).cube();
    }
    Layers::external_linear_layer(state);
    *state
}
