//! What the constraints of a chip are written against.

use p3_batch_stark::folder::{
    ProverConstraintFolderWithLookups, VerifierConstraintFolderWithLookups,
};
use p3_field::{ExtensionField, PrimeCharacteristicRing};
use p3_lookup::{Count, InteractionBuilder, InteractionSymbolicBuilder};

use crate::F;
use crate::buses;
use crate::config::Config;

/// A builder of constraints with ids, and of messages on buses.
///
/// The id is the one of the constraint's clause in the chip's README, such as `ADD-3`. Proving and
/// verifying drop it; the checker reports it.
pub trait ChipBuilder: InteractionBuilder<F = F> + Sized {
    /// Requires an expression to be zero on every row.
    fn constrain(&mut self, id: &'static str, zero: impl Into<Self::Expr>);

    /// Puts a tuple on a bus. A builder that only wants constraints may drop it.
    #[inline]
    fn message<const N: usize>(
        &mut self,
        bus: &str,
        tuple: [Self::Expr; N],
        count: Count<Self::Expr>,
    ) {
        buses::push(self, bus, tuple, count);
    }

    /// Requires an expression to be 0 or 1 on every row.
    fn constrain_bool(&mut self, id: &'static str, bit: impl Into<Self::Expr>) {
        let bit = bit.into();
        self.constrain(id, bit.bool_check());
    }
}

impl<EF: ExtensionField<F>> ChipBuilder for InteractionSymbolicBuilder<F, EF> {
    fn constrain(&mut self, _: &'static str, zero: impl Into<Self::Expr>) {
        p3_air::AirBuilder::assert_zero(self, zero);
    }
}

impl ChipBuilder for ProverConstraintFolderWithLookups<'_, Config> {
    #[inline]
    fn constrain(&mut self, _: &'static str, zero: impl Into<Self::Expr>) {
        p3_air::AirBuilder::assert_zero(self, zero);
    }
}

impl ChipBuilder for VerifierConstraintFolderWithLookups<'_, Config> {
    fn constrain(&mut self, _: &'static str, zero: impl Into<Self::Expr>) {
        p3_air::AirBuilder::assert_zero(self, zero);
    }
}
