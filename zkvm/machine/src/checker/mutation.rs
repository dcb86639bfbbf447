//! Changes every cell of honest rows, and says which changes nobody would notice.

use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;

use p3_field::{Field, PrimeCharacteristicRing};

use super::report_with;
use crate::F;
use crate::table::Table;

/// An honest row of a chip, with what the chip sees beside it.
#[derive(Clone, Debug, Default)]
pub struct HonestRow {
    /// The columns that a prover fills.
    pub cells: Vec<F>,
    /// The columns that the key holds; empty if the chip has none.
    pub preprocessed: Vec<F>,
    /// The public values; empty if the chip has none.
    pub public: Vec<F>,
}

impl From<Vec<F>> for HonestRow {
    fn from(cells: Vec<F>) -> Self {
        Self { cells, ..Self::default() }
    }
}

/// A changed cell that satisfies every constraint and leaves every bus balanced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Escape {
    /// Index of the row.
    pub row: usize,
    /// Name of the column.
    pub column: String,
    /// What the cell was changed to.
    pub value: F,
}

/// Tries many values in every cell of every row. A change is caught if a constraint fails, if a
/// lookup has no answer, or if the row's other messages change: its partners are honest. The
/// counts of lookups are taken to be adjusted by the forger. A row that sends nothing before and
/// after is padding, whatever is in it.
pub fn escapes<T: Table>(rows: &[impl Clone + Into<HonestRow>]) -> Vec<Escape> {
    let names = T::column_names();
    let mut found = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        let HonestRow { cells, preprocessed, public } = row.clone().into();
        let honest = report_with::<T>(&cells, &preprocessed, &public);
        assert!(honest.violations.is_empty(), "{} row {index}: {honest:?}", T::NAME);
        assert!(honest.unanswered().is_empty(), "{} row {index}: {honest:?}", T::NAME);
        let balance = honest.balance();
        for (column, name) in names.iter().enumerate() {
            for value in replacements(cells[column]) {
                let mut forged = cells.clone();
                forged[column] = value;
                let seen = report_with::<T>(&forged, &preprocessed, &public);
                let padding = honest.messages.is_empty() && seen.messages.is_empty();
                let caught = !seen.violations.is_empty()
                    || !seen.unanswered().is_empty()
                    || seen.balance() != balance;
                if !caught && !padding {
                    found.push(Escape { row: index, column: name.clone(), value });
                }
            }
        }
    }
    found
}

/// The columns in which some change escapes. A chip's tests hold this against its README's list
/// of free columns.
pub fn free_columns<T: Table>(rows: &[impl Clone + Into<HonestRow>]) -> Vec<String> {
    let columns: BTreeSet<String> = escapes::<T>(rows).into_iter().map(|e| e.column).collect();
    columns.into_iter().collect()
}

/// Values that forgers try: neighbours, limb overflows, bits, inverses, and the ends of the field.
fn replacements(honest: F) -> Vec<F> {
    let two = F::TWO;
    let candidates = [
        F::ZERO,
        F::ONE,
        two,
        -F::ONE,
        F::from_u32(1 << 16),
        F::from_u32(0xffff),
        F::from_u32(0x7fff),
        two.try_inverse().unwrap_or(F::ONE),
        honest + F::ONE,
        honest - F::ONE,
        honest + two,
        honest + F::from_u32(4),
        honest + F::from_u32(1 << 8),
        honest + F::from_u32(1 << 16),
        honest - F::from_u32(1 << 16),
        honest + F::from_u32(1 << 30),
        -honest,
        honest.double(),
        F::from_u32(0x2545_f491),
    ];
    candidates.into_iter().filter(|value| *value != honest).collect()
}
