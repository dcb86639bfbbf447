//! A builder whose expressions are values.

use alloc::string::ToString;
use alloc::vec::Vec;

use p3_air::{AirBuilder, RowWindow};
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder};

use super::{Message, RowReport, canonical};
use crate::F;
use crate::builder::ChipBuilder;

/// Evaluates one row and keeps what it does.
pub struct Recorder<'a> {
    main: RowWindow<'a, F>,
    preprocessed: RowWindow<'a, F>,
    public: &'a [F],
    /// What the row did so far.
    pub report: RowReport,
}

impl<'a> Recorder<'a> {
    /// A row on its own: it is its own next row, since no chip looks at the next row.
    pub fn new(main: &'a [F], preprocessed: &'a [F], public: &'a [F]) -> Self {
        Self {
            main: RowWindow::from_two_rows(main, main),
            preprocessed: RowWindow::from_two_rows(preprocessed, preprocessed),
            public,
            report: RowReport::default(),
        }
    }
}

impl<'a> AirBuilder for Recorder<'a> {
    type F = F;
    type Expr = F;
    type Var = F;
    type PreprocessedWindow = RowWindow<'a, F>;
    type MainWindow = RowWindow<'a, F>;
    type PublicVar = F;
    type PeriodicVar = F;

    fn main(&self) -> Self::MainWindow {
        self.main
    }

    fn preprocessed(&self) -> &Self::PreprocessedWindow {
        &self.preprocessed
    }

    fn is_first_row(&self) -> F {
        unreachable!("no chip treats its first row apart")
    }

    fn is_last_row(&self) -> F {
        unreachable!("no chip treats its last row apart")
    }

    fn is_transition(&self) -> F {
        unreachable!("no chip looks at the next row")
    }

    fn assert_zero<I: Into<F>>(&mut self, zero: I) {
        self.constrain("a constraint without an id", zero);
    }

    fn public_values(&self) -> &[F] {
        self.public
    }
}

impl InteractionBuilder for Recorder<'_> {
    fn push_interaction<E: Into<F>>(
        &mut self,
        bus_name: &str,
        fields: impl IntoIterator<Item = E>,
        count: impl Into<Count<F>>,
    ) {
        let (count, weight) = count.into().into_parts();
        if weight > 0 && count != F::ZERO && count != F::ONE && count != -F::ONE {
            self.report.violations.push("a count beyond its bound");
        }
        if count != F::ZERO {
            let tuple: Vec<F> = fields.into_iter().map(Into::into).collect();
            let tuple = canonical(&tuple);
            self.report.messages.push(Message { bus: bus_name.to_string(), tuple, count });
        }
    }

    fn push_local_interaction(&mut self, tuples: impl IntoIterator<Item = (Vec<F>, Count<F>)>) {
        assert!(tuples.into_iter().next().is_none(), "no chip has local lookups");
    }
}

impl ChipBuilder for Recorder<'_> {
    fn constrain(&mut self, id: &'static str, zero: impl Into<F>) {
        if zero.into() != F::ZERO {
            self.report.violations.push(id);
        }
    }
}
