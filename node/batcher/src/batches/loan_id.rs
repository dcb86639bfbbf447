//! What tells a borrower's requests from those of others.

use std::fmt;

use crate::BatcherError;

/// Names one loan. Only its borrower is told, so nobody else ends it or hands anything in for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoanId(u128);

impl LoanId {
    /// One that nobody guesses.
    pub(super) fn random() -> Result<Self, BatcherError> {
        let mut bytes = [0; size_of::<u128>()];
        getrandom::fill(&mut bytes)?;
        Ok(Self(u128::from_le_bytes(bytes)))
    }

    /// Reads an id as it is displayed, and nothing else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let id = Self(u128::from_str_radix(text, 16).ok()?);
        (id.to_string() == text).then_some(id)
    }
}

impl fmt::Display for LoanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

#[cfg(test)]
mod tests;
