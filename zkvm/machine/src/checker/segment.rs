//! All tables of a segment at once.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use p3_air::{Air, BaseAir};
use p3_field::PrimeCharacteristicRing;
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;

use super::RowReport;
use crate::F;
use crate::chip::Chip;
use crate::evaluation::Evaluation;
use crate::public::PublicValues;

/// What is wrong with a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A constraint fails.
    Constraint {
        /// Name of the chip.
        chip: &'static str,
        /// Index of the row.
        row: usize,
        /// Id of the constraint.
        id: &'static str,
    },
    /// A tuple is sent more or less often than it is received.
    Bus {
        /// The bus.
        bus: String,
        /// The tuple.
        tuple: Vec<u32>,
        /// How often it is sent, less how often it is received.
        count: F,
        /// Who sends or receives it, and in which row; the first few.
        seen: Vec<(&'static str, usize)>,
    },
}

/// Checks every row of every table, and every bus. Stops at `limit` faults.
pub fn faults(
    chips: &[Chip],
    tables: &[RowMajorMatrix<F>],
    public: &PublicValues,
    limit: usize,
) -> Vec<Fault> {
    type Entry = (F, Vec<(&'static str, usize)>);
    let mut faults = Vec::new();
    let mut buses: BTreeMap<(String, Vec<u32>), Entry> = BTreeMap::new();
    let public = public.elements();
    for (chip, table) in chips.iter().zip(tables) {
        let preprocessed = chip.preprocessed_trace();
        let public = &public[..chip.num_public_values()];
        for (row, cells) in table.rows().enumerate() {
            let cells: Vec<F> = cells.collect();
            let fixed: Vec<F> = preprocessed
                .as_ref()
                .and_then(|fixed| fixed.row(row))
                .map(|fixed| fixed.into_iter().collect())
                .unwrap_or_default();
            let mut evaluation = Evaluation::new(&cells, &fixed, public, RowReport::default());
            chip.eval(&mut evaluation);
            let report = evaluation.listener;
            let failed = report.violations.into_iter();
            faults.extend(failed.map(|id| Fault::Constraint { chip: chip.name(), row, id }));
            for message in report.messages {
                let (count, seen) = buses.entry((message.bus, message.tuple)).or_default();
                *count += message.count;
                if seen.len() < 4 {
                    seen.push((chip.name(), row));
                }
            }
        }
    }
    let open = buses.into_iter().filter(|(_, (count, _))| *count != F::ZERO);
    faults.extend(open.map(|((bus, tuple), (count, seen))| Fault::Bus { bus, tuple, count, seen }));
    faults.truncate(limit);
    faults
}
