use p3_field::{Field, PrimeCharacteristicRing};
use p3_symmetric::Permutation as _;
use proptest::prelude::*;

use super::{Compression, CompressionRow, HALF_FULL_ROUNDS, PARTIAL_ROUNDS, WIDTH};
use crate::F;
use crate::buses::COMPRESSION;
use crate::checker::{canonical, flatten, free_columns, report};
use crate::config::permutation;
use crate::tree::Compressor;

fn counting(start: u32) -> [F; WIDTH] {
    core::array::from_fn(|index| F::from_u32(start + index as u32))
}

/// Inputs at the ends of the field, small ones, and one of limbs.
fn inputs() -> [[F; WIDTH]; 5] {
    [[F::ZERO; WIDTH], [F::ONE; WIDTH], [-F::ONE; WIDTH], counting(0), counting(0xfff0)]
}

fn assert_honest(input: [F; WIDTH]) {
    let row = Compression::fill(input, 3);
    let (_, output) = row.ending.split_last_chunk::<WIDTH>().expect("a last round");
    assert_eq!(*output, permutation().permute(input));
    let seen = report::<Compression>(&flatten(row));
    assert_eq!(seen.violations, Vec::<&str>::new());
    let [message] = seen.messages.as_slice() else { panic!("{:?}", seen.messages) };
    let expected = [input.as_slice(), &Compressor::default().compress(input)].concat();
    assert_eq!(message.tuple, canonical(&expected));
    assert_eq!((message.bus.as_str(), message.count), (COMPRESSION, -F::from_u32(3)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn rows_agree_with_the_library(input in any::<[u32; WIDTH]>()) {
        assert_honest(input.map(F::from_u32));
    }
}

#[test]
fn honest_rows_hold() {
    inputs().into_iter().for_each(assert_honest);
    let padding = report::<Compression>(&flatten(Compression::fill([F::ZERO; WIDTH], 0)));
    assert!(padding.messages.is_empty() && padding.violations.is_empty());
}

#[test]
fn no_change_escapes() {
    let mut rows: Vec<Vec<F>> = inputs().map(|input| flatten(Compression::fill(input, 2))).to_vec();
    rows.push(flatten(Compression::fill([F::ZERO; WIDTH], 0)));
    assert_eq!(free_columns::<Compression>(&rows), Vec::<String>::new());
}

/// One forgery for every element of every round, by the id that catches it.
#[test]
fn each_constraint_catches_its_forgery() {
    let honest = Compression::fill(counting(7), 1);
    let assert_caught = |id: &'static str, forged: CompressionRow<F>, at: usize| {
        let violations = report::<Compression>(&flatten(forged)).violations;
        assert_eq!(violations.first(), Some(&id), "{id} {at}");
    };
    for at in 0..HALF_FULL_ROUNDS * WIDTH {
        let mut forged = honest;
        forged.beginning[at] += F::ONE;
        assert_caught("COMPRESSION-1", forged, at);
        let mut forged = honest;
        forged.ending[at] += F::ONE;
        assert_caught("COMPRESSION-3", forged, at);
    }
    for at in 0..PARTIAL_ROUNDS {
        let mut forged = honest;
        forged.partial[at] = -forged.partial[at];
        assert_caught("COMPRESSION-2", forged, at);
    }
}

/// The rounds of a permutation whose constants are not those of the key.
mod foreign {
    use p3_koala_bear::{
        GenericPoseidon2LinearLayersKoalaBear as Layers, KOALABEAR_POSEIDON2_RC_16_EXTERNAL_FINAL,
        KOALABEAR_POSEIDON2_RC_16_EXTERNAL_INITIAL, KOALABEAR_POSEIDON2_RC_16_INTERNAL,
    };
    use p3_poseidon2::GenericPoseidon2LinearLayers;

    use super::*;

    #[derive(Clone)]
    pub struct Constants {
        pub beginning: [[F; WIDTH]; HALF_FULL_ROUNDS],
        pub partial: [F; PARTIAL_ROUNDS],
        pub ending: [[F; WIDTH]; HALF_FULL_ROUNDS],
    }

    pub fn true_constants() -> Constants {
        Constants {
            beginning: KOALABEAR_POSEIDON2_RC_16_EXTERNAL_INITIAL,
            partial: KOALABEAR_POSEIDON2_RC_16_INTERNAL,
            ending: KOALABEAR_POSEIDON2_RC_16_EXTERNAL_FINAL,
        }
    }

    fn full(state: &mut [F; WIDTH], constants: &[F; WIDTH], after: &mut [F; WIDTH]) {
        *state = core::array::from_fn(|index| (state[index] + constants[index]).cube());
        Layers::external_linear_layer(state);
        *after = *state;
    }

    pub fn row(input: [F; WIDTH], constants: &Constants) -> CompressionRow<F> {
        let mut row = CompressionRow { count: F::ONE, input, ..CompressionRow::default() };
        let mut state = input;
        Layers::external_linear_layer(&mut state);
        let rounds = row.beginning.as_chunks_mut().0.iter_mut();
        rounds.zip(&constants.beginning).for_each(|(after, c)| full(&mut state, c, after));
        for (after, constant) in row.partial.iter_mut().zip(constants.partial) {
            state[0] = (state[0] + constant).cube();
            *after = state[0];
            Layers::internal_linear_layer(&mut state);
        }
        let rounds = row.ending.as_chunks_mut().0.iter_mut();
        rounds.zip(&constants.ending).for_each(|(after, c)| full(&mut state, c, after));
        row
    }
}

/// A row that is consistent but for one round constant is caught in that round.
#[test]
fn wrong_round_constants_are_caught() {
    let constants = foreign::true_constants();
    assert_eq!(foreign::row(counting(9), &constants), Compression::fill(counting(9), 1));
    let caught = |constants: &foreign::Constants, id: &'static str| {
        let seen = report::<Compression>(&flatten(foreign::row(counting(9), constants)));
        assert!(!seen.violations.is_empty() && seen.violations.iter().all(|v| *v == id), "{id}");
    };
    for round in 0..HALF_FULL_ROUNDS {
        for element in 0..WIDTH {
            let mut forged = constants.clone();
            forged.beginning[round][element] += F::ONE;
            caught(&forged, "COMPRESSION-1");
            let mut forged = constants.clone();
            forged.ending[round][element] += F::ONE;
            caught(&forged, "COMPRESSION-3");
        }
    }
    for round in 0..PARTIAL_ROUNDS {
        let mut forged = constants.clone();
        forged.partial[round] += F::ONE;
        caught(&forged, "COMPRESSION-2");
    }
    let mut swapped = constants.clone();
    swapped.partial.swap(3, 4);
    caught(&swapped, "COMPRESSION-2");
}

/// Whatever the count, all that a row gives away is a true compression.
#[test]
fn any_count_gives_true_compressions_only() {
    let mut row = Compression::fill(counting(1), 1);
    let honest = report::<Compression>(&flatten(row)).messages;
    for count in [F::TWO, -F::ONE, F::TWO.inverse(), F::from_u32(1 << 30)] {
        row.count = count;
        let seen = report::<Compression>(&flatten(row));
        assert!(seen.violations.is_empty());
        assert_eq!(seen.messages[0].tuple, honest[0].tuple);
        assert_eq!(seen.messages[0].count, -count);
    }
}

/// The permutation backwards.
mod inverse {
    use p3_field::Field;
    use p3_koala_bear::GenericPoseidon2LinearLayersKoalaBear as Layers;
    use p3_poseidon2::GenericPoseidon2LinearLayers;

    use super::*;

    type Matrix = [[F; WIDTH]; WIDTH];

    /// Solves the images of the unit vectors by elimination. Rows are images.
    fn inverse(layer: fn(&mut [F; WIDTH])) -> Matrix {
        let unit = |at| core::array::from_fn(|index| F::from_bool(index == at));
        let mut solved: Matrix = core::array::from_fn(unit);
        let mut images = solved;
        images.iter_mut().for_each(layer);
        for pivot in 0..WIDTH {
            let found = (pivot..WIDTH).find(|row| images[*row][pivot] != F::ZERO);
            let found = found.expect("the layer is invertible");
            images.swap(pivot, found);
            solved.swap(pivot, found);
            let scale = images[pivot][pivot].inverse();
            images[pivot] = images[pivot].map(|cell| cell * scale);
            solved[pivot] = solved[pivot].map(|cell| cell * scale);
            let (image, solution) = (images[pivot], solved[pivot]);
            for row in (0..WIDTH).filter(|row| *row != pivot) {
                let factor = images[row][pivot];
                for column in 0..WIDTH {
                    images[row][column] -= factor * image[column];
                    solved[row][column] -= factor * solution[column];
                }
            }
        }
        solved
    }

    fn apply(matrix: &Matrix, state: &mut [F; WIDTH]) {
        let before = *state;
        *state = core::array::from_fn(|column| {
            (0..WIDTH).map(|row| before[row] * matrix[row][column]).sum()
        });
    }

    /// `3 · 1420470955 = 2 · (p - 1) + 1`.
    fn cube_root(element: F) -> F {
        element.exp_u64(1_420_470_955)
    }

    pub fn permute(mut state: [F; WIDTH]) -> [F; WIDTH] {
        let constants = foreign::true_constants();
        let external = inverse(Layers::external_linear_layer);
        let internal = inverse(Layers::internal_linear_layer);
        let full = |state: &mut [F; WIDTH], constants: &[F; WIDTH]| {
            apply(&external, state);
            *state = core::array::from_fn(|index| cube_root(state[index]) - constants[index]);
        };
        constants.ending.iter().rev().for_each(|constants| full(&mut state, constants));
        for constant in constants.partial.iter().rev() {
            apply(&internal, &mut state);
            state[0] = cube_root(state[0]) - *constant;
        }
        constants.beginning.iter().rev().for_each(|constants| full(&mut state, constants));
        apply(&external, &mut state);
        state
    }
}

/// The permutation runs backwards, so its plain truncation has collisions for the asking. Feeding
/// the input forward takes them away.
#[test]
fn the_inverse_permutation_finds_no_collision() {
    let output = counting(100);
    let mut other = output;
    other[WIDTH / 2] += F::ONE;
    let inputs = [output, other].map(inverse::permute);
    assert_eq!(inputs.map(|input| permutation().permute(input)), [output, other]);
    let [left, right] = inputs.map(|input| Compressor::default().compress(input));
    assert!(left.iter().zip(&right).all(|(left, right)| left != right));
}
