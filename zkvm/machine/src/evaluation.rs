//! A builder whose expressions are values: it evaluates one row, and hands what the row does to a
//! listener. The checker of the tests and the fingerprint of the key listen.

use alloc::vec::Vec;

use p3_air::{AirBuilder, RowWindow};
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder};

use crate::F;
use crate::builder::ChipBuilder;

/// What wants to know what a row does.
pub trait Listener {
    /// The value of a constraint, which should be zero.
    fn constraint(&mut self, id: &'static str, value: F);

    /// A message as the library gets it, even if its count is zero: see
    /// [`own_bus`](crate::buses::own_bus). `weight` bounds the count as the chip declares it.
    fn message(&mut self, bus: &str, tuple: Vec<F>, count: F, weight: u32);
}

/// Evaluates one row.
pub struct Evaluation<'a, L> {
    main: RowWindow<'a, F>,
    preprocessed: RowWindow<'a, F>,
    public: &'a [F],
    /// Whoever listens.
    pub listener: L,
}

impl<'a, L: Listener> Evaluation<'a, L> {
    /// A row on its own: it is its own next row, since no chip looks at the next row.
    pub fn new(main: &'a [F], preprocessed: &'a [F], public: &'a [F], listener: L) -> Self {
        Self {
            main: RowWindow::from_two_rows(main, main),
            preprocessed: RowWindow::from_two_rows(preprocessed, preprocessed),
            public,
            listener,
        }
    }
}

impl<'a, L: Listener> AirBuilder for Evaluation<'a, L> {
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
        F::ONE
    }

    fn is_last_row(&self) -> F {
        F::ONE
    }

    fn is_transition(&self) -> F {
        F::ONE
    }

    fn assert_zero<I: Into<F>>(&mut self, zero: I) {
        self.constrain("a constraint without an id", zero);
    }

    fn public_values(&self) -> &[F] {
        self.public
    }
}

impl<L: Listener> InteractionBuilder for Evaluation<'_, L> {
    fn push_interaction<E: Into<F>>(
        &mut self,
        bus_name: &str,
        fields: impl IntoIterator<Item = E>,
        count: impl Into<Count<F>>,
    ) {
        let (count, weight) = count.into().into_parts();
        let tuple = fields.into_iter().map(Into::into).collect();
        self.listener.message(bus_name, tuple, count, weight);
    }

    fn push_local_interaction(&mut self, tuples: impl IntoIterator<Item = (Vec<F>, Count<F>)>) {
        debug_assert!(tuples.into_iter().next().is_none(), "no chip has local lookups");
    }
}

impl<L: Listener> ChipBuilder for Evaluation<'_, L> {
    fn constrain(&mut self, id: &'static str, zero: impl Into<F>) {
        self.listener.constraint(id, zero.into());
    }
}
