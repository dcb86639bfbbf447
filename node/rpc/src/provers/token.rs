//! Who may prove for this node.

use std::fmt;

use alloy_primitives::{B256, keccak256};
use thiserror::Error;

/// Characters that a token has at least: 128 random bits in hex.
pub(crate) const TOKEN_LENGTH_MIN: usize = 32;

/// Tokens of provers. They are kept as hashes, so that no log shows one and comparing takes the
/// same time for all.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ProverTokens(Vec<B256>);

/// A line of the file is no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("line {line} has fewer than {TOKEN_LENGTH_MIN} characters, or a space in it")]
pub struct TokenError {
    /// Counted from 1.
    pub line: usize,
}

impl ProverTokens {
    /// Reads one token a line. Empty lines, and those that begin with #, are left out.
    ///
    /// # Errors
    /// When a line is no token.
    pub fn parse(text: &str) -> Result<Self, TokenError> {
        let lines = text.lines().map(str::trim).enumerate();
        let tokens = lines.filter(|(_, token)| !token.is_empty() && !token.starts_with('#'));
        let tokens = tokens.map(|(index, token)| {
            match token.len() >= TOKEN_LENGTH_MIN
                && token.bytes().all(|byte| byte.is_ascii_graphic())
            {
                true => Ok(keccak256(token)),
                false => Err(TokenError { line: index + 1 }),
            }
        });
        tokens.collect::<Result<_, _>>().map(Self)
    }

    /// Whether nobody may.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn has(&self, token: &str) -> bool {
        self.0.contains(&keccak256(token))
    }
}

impl fmt::Debug for ProverTokens {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} tokens", self.0.len())
    }
}

#[cfg(test)]
mod tests;
