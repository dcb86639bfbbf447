//! What is charged for each of the things that a shape has room for, so that turns of whatever can
//! be repeated are charged no less than a prover pays for them.
//!
//! The charge for what is done in a row is the sum of what it fills, each thing with its weight: a
//! sum is the only charge that adds up whatever is mixed. Weights are the solution of a linear
//! program: no case and no mix that the search finds pays less than its cells, and the cases pay
//! as little as possible, on average, beside the cells of each alone. A mix that pays too little
//! under the weights found becomes a condition of the next program, until there is none.

use std::array::from_fn;

use microlp::{ComparisonOp, LinearExpr, OptimizationDirection, Problem, Variable};

use super::mixes::{Mix, worst};
use super::rows::{Rows, Shapes};

/// A weight is the cells of a row, or so many times as much. Without a bound, what next to no case
/// fills would pay for all others.
const WEIGHT_MAX: f64 = 40.0;
/// The part of its cells that a mix may lack at the end.
const TOLERANCE: f64 = 0.01;
/// Programs to solve before giving up.
const PROGRAMS: usize = 40;
/// Less than this part of a cell's price does not count: the solver wants coefficients of one size.
const PART_MIN: f64 = 1e-6;
/// Things of which less differs than this part count once in the average.
const SAME: f64 = 0.08;

/// The weights for things that fill these rows.
///
/// # Panics
/// When there are none.
#[must_use]
pub fn weights(cases: &[Rows], shapes: &Shapes) -> Rows {
    let of_cells = |rows: &Rows| {
        let cells = shapes.cells(rows);
        rows.map(|row| row / cells)
    };
    let mut mixes: Vec<Rows> = cases.iter().map(of_cells).collect();
    let kinds = kinds(&mixes, shapes);
    for _ in 0..PROGRAMS {
        let weights = solved(&kinds, &mixes, shapes);
        let charged = kinds.iter().map(|rows| {
            let charge = sum(rows, &weights);
            rows.map(|row| row / charge)
        });
        let worst = worst(&charged.collect::<Vec<_>>(), shapes);
        let cheap: Vec<&Mix> = worst.iter().filter(|mix| mix.ratio > 1.0 + TOLERANCE).collect();
        if cheap.is_empty() {
            return weights;
        }
        mixes.extend(cheap.iter().map(|mix| of_cells(&mix.rows)));
    }
    panic!("after {PROGRAMS} programs there are still mixes that pay too little");
}

/// So many of each thing, each at its weight.
#[must_use]
pub fn sum(rows: &Rows, weights: &Rows) -> f64 {
    rows.iter().zip(weights).map(|(rows, weight)| rows * weight).sum()
}

/// One of each kind of things.
fn kinds(things: &[Rows], shapes: &Shapes) -> Vec<Rows> {
    let mut kinds: Vec<Rows> = Vec::new();
    for rows in things {
        let differs = |kind: &Rows| {
            let between = from_fn(|row| (rows[row] - kind[row]).abs());
            shapes.full_cells(&between) > SAME
        };
        if kinds.iter().all(differs) {
            kinds.push(*rows);
        }
    }
    kinds
}

/// The least weights with which each mix is charged a cell, as its prover pays for it.
fn solved(kinds: &[Rows], mixes: &[Rows], shapes: &Shapes) -> Rows {
    let mut program = Problem::new(OptimizationDirection::Minimize);
    // What a variable counts is the cells of a row. A tick of the clock has none, and is free.
    let widths = shapes.widths().into_iter().enumerate().filter(|(_, width)| *width > 0.0);
    let variables: Vec<(usize, f64, Variable)> = widths
        .map(|(row, width)| {
            let charge: f64 = kinds.iter().map(|kind| kind[row] * width).sum();
            (row, width, program.add_var(charge, (1.0, WEIGHT_MAX)))
        })
        .collect();
    for mix in mixes {
        let mut charge = LinearExpr::empty();
        let parts = variables.iter().map(|(row, width, variable)| (*variable, mix[*row] * width));
        for (variable, part) in parts.filter(|(_, part)| *part > PART_MIN) {
            charge.add(variable, part);
        }
        program.add_constraint(charge, ComparisonOp::Ge, 1.0);
    }
    let outcome = program.solve().expect("weights that are high enough");
    let solution = outcome.into_solution().expect("nothing stops the program early");
    let mut weights = Rows::default();
    for (row, width, variable) in variables {
        weights[row] = solution[variable] * width;
    }
    weights
}
