//! What is known of a table before any run.

use minster_machine::chip::Chip;
use minster_machine::{EF, F};
use p3_air::BaseAir;
use p3_air::symbolic::{AirLayout, ConstraintLayout};
use p3_batch_stark::symbolic::{get_constraint_layout, get_log_num_quotient_chunks};
use p3_lookup::{LogUpGadget, Lookup};
use p3_matrix::dense::RowMajorMatrix;

use super::linear::{Message, Widths, messages};

/// A table that this prover is not made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Constraints that look at the next row, or at the number of the row.
    #[error("the constraints of {table} see more than one row")]
    NextRow {
        /// Its name.
        table: &'static str,
    },
    /// Messages that are not linear in the columns, or none at all.
    #[error("the messages of {table} are not linear in its columns")]
    Messages {
        /// Its name.
        table: &'static str,
    },
}

/// What is known of a table before any run.
pub struct Plan {
    /// Messages by column of the bus argument.
    pub messages: Vec<Vec<Message>>,
    /// The columns that the key fixes.
    pub fixed: Option<RowMajorMatrix<F>>,
    /// Which constraints are of the field and which of its extension.
    pub layout: ConstraintLayout,
    /// Base-2 logarithm of the number of parts of the quotient.
    pub log_chunks: usize,
}

impl Plan {
    /// The plan of a chip whose messages share columns as the key says.
    pub fn new(air: &Chip, lookups: &[Lookup<F>]) -> Result<Self, PlanError> {
        let table = air.name();
        let next_rows = [air.main_next_row_columns(), air.preprocessed_next_row_columns()];
        if !next_rows.iter().all(Vec::is_empty) {
            return Err(PlanError::NextRow { table });
        }
        let widths = Widths { main: air.width(), fixed: air.preprocessed_width() };
        let columns: Option<Vec<_>> =
            lookups.iter().map(|lookup| messages(lookup, widths)).collect();
        let messages = columns.filter(|columns| !columns.is_empty());
        let layout = AirLayout::from_air(air);
        let gadget = LogUpGadget::new();
        Ok(Self {
            messages: messages.ok_or(PlanError::Messages { table })?,
            fixed: air.preprocessed_trace(),
            layout: get_constraint_layout::<F, EF, _, _>(air, layout, lookups, &gadget),
            log_chunks: get_log_num_quotient_chunks::<F, EF, _, _>(
                air, layout, 1, lookups, 0, &gadget,
            ),
        })
    }
}
