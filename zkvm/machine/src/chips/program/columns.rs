//! Columns of the program chip.

use crate::columns;

columns! {
    /// One line of the program. The line itself is in the preprocessed columns.
    pub struct ProgramRow<T> {
        /// How often the line is run in this segment.
        pub count: T,
    }
}
