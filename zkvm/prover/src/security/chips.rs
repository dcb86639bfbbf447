//! What the soundness of a proof depends on in the chips, read off their constraints.

use minster_machine::chip::{Chip, DEGREE_MAX};
use minster_machine::{EF, F};
use minster_verifier::VerifyingKey;
use p3_air::BaseAir;
use p3_air::symbolic::AirLayout;
use p3_batch_stark::num_batched_openings;
use p3_batch_stark::symbolic::get_symbolic_constraints;
use p3_field::BasedVectorSpace;
use p3_lookup::{LogUpGadget, Lookups};
use p3_uni_stark::OpeningShape;

/// Counts of one chip. Nothing here depends on the program: it only fills the columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChipFacts {
    /// Name in reports.
    pub name: &'static str,
    /// Constraints that are batched into one quotient, those of the buses included.
    pub constraints: usize,
    /// The largest degree of any of them.
    pub degree: usize,
    /// Columns of the quotient over the challenge field.
    pub quotient_chunks: usize,
    /// Columns of the main and the preprocessed trace.
    pub columns: usize,
    /// Columns of the permutation trace without its accumulator; several messages share one.
    pub bus_columns: usize,
    /// Messages of one row on all buses.
    pub messages: usize,
    /// Elements of the widest of them.
    pub message_width: usize,
    /// Values that the proof opens, each of which is one power of the batching challenge: every
    /// column at the out-of-domain point, the permutation trace at the next point too.
    pub openings: usize,
}

impl ChipFacts {
    /// The chips of a key, in the order of a proof's tables.
    pub fn of(key: &VerifyingKey) -> Vec<Self> {
        let lookups = &key.shared().lookups;
        key.chips().iter().zip(lookups).map(|(chip, lookups)| Self::new(chip, lookups)).collect()
    }

    fn new(chip: &Chip, lookups: &Lookups<F>) -> Self {
        let layout = AirLayout::from_air(chip);
        let (base, extension) =
            get_symbolic_constraints::<F, EF, _, _>(chip, layout, lookups, &LogUpGadget::new());
        let degrees = base.iter().map(|constraint| constraint.degree_multiple());
        let degrees =
            degrees.chain(extension.iter().map(|constraint| constraint.degree_multiple()));
        let degree = degrees.max().unwrap_or_default();
        // As the library sizes it: the larger of the degree and the one that the chip declares.
        let quotient_chunks = (degree.max(DEGREE_MAX) - 1).next_power_of_two();
        let dimension = <EF as BasedVectorSpace<F>>::DIMENSION;
        let next = !chip.main_next_row_columns().is_empty();
        let preprocessed_next = !chip.preprocessed_next_row_columns().is_empty();
        let openings = num_batched_openings(
            chip.width(),
            next,
            chip.preprocessed_width(),
            preprocessed_next,
            quotient_chunks,
            lookups.len(),
            dimension,
            OpeningShape::TwoAdic,
        );
        let tuples = || lookups.iter().flat_map(|lookup| &lookup.elements);
        Self {
            name: chip.name(),
            constraints: base.len() + extension.len(),
            degree,
            quotient_chunks,
            columns: chip.width() + chip.preprocessed_width(),
            bus_columns: lookups.len(),
            messages: tuples().count(),
            message_width: tuples().map(Vec::len).max().unwrap_or_default(),
            openings,
        }
    }
}
