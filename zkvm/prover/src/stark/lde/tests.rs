//! The library's transform is the oracle.

use minster_machine::F;
use p3_dft::{Radix2DitParallel, TwoAdicSubgroupDft};
use p3_field::{Field, PrimeCharacteristicRing};
use p3_matrix::Matrix;
use p3_matrix::bitrev::BitReversibleMatrix;
use p3_matrix::dense::RowMajorMatrix;

use super::{Columns, Order, Roots};

/// Values without a pattern.
fn values(count: usize) -> Vec<F> {
    let next = |value: &u64| {
        Some(value.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407))
    };
    std::iter::successors(Some(7), next).take(count).map(|value| F::from_u64(value >> 20)).collect()
}

fn check(log_height: usize, width: usize, log_blowup: usize) {
    let roots = Roots::new(log_height);
    let table = RowMajorMatrix::new(values(width << log_height), width);
    let shift = F::GENERATOR.square();
    let expected = Radix2DitParallel::default().coset_lde_batch(table.clone(), log_blowup, shift);
    let expected = expected.bit_reverse_rows().to_row_major_matrix();
    let extend = |table: &RowMajorMatrix<F>, order| {
        Columns { values: &table.values, width, order }.extend(log_blowup, shift, &roots)
    };
    let what = format!("{width} columns, 2^{log_height} rows, blowup 2^{log_blowup}");
    assert!(extend(&table, Order::Natural) == expected, "{what}");
    let reversed = table.bit_reverse_rows().to_row_major_matrix();
    assert!(extend(&reversed, Order::BitReversed) == expected, "bit-reversed, {what}");
}

#[test]
fn an_extension_is_that_of_the_library() {
    for log_height in 0..=10 {
        for width in [1, 2, 5, 7, 8, 24, 31, 32, 33, 50, 64, 97] {
            check(log_height, width, 1);
        }
        check(log_height, 5, 0);
        check(log_height, 5, 2);
    }
    check(14, 24, 1);
    check(13, 889, 1);
}
