//! The positional arguments of a request, with geth's refusals.

use jsonrpsee::types::Params;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{accept::Asker, error::ApiError};

/// Arguments not yet parsed: each handler takes what it needs.
#[derive(Debug)]
pub(crate) struct Arguments<'a> {
    values: Vec<&'a RawValue>,
    asker: Asker,
}

impl<'a> Arguments<'a> {
    /// Splits the list. No parameters are an empty one.
    pub(crate) fn new(params: &'a Params<'_>, count_max: usize) -> Result<Self, ApiError> {
        let Some(text) = params.as_str() else { return Self::parse("[]", count_max) };
        Self::parse(text, count_max)
    }

    /// The same from the text itself.
    pub(crate) fn parse(text: &'a str, count_max: usize) -> Result<Self, ApiError> {
        let values: Vec<&RawValue> =
            serde_json::from_str(text).map_err(|_| ApiError::ArgumentsNotAList)?;
        if values.len() > count_max {
            return Err(ApiError::TooManyArguments { maximum: count_max });
        }
        Ok(Self { values, asker: None })
    }

    /// The same, asked by somebody.
    pub(crate) const fn asked_by(mut self, asker: Asker) -> Self {
        self.asker = asker;
        self
    }

    /// Who asks.
    pub(crate) const fn asker(&self) -> Asker {
        self.asker
    }

    /// Refuses a list of fewer.
    pub(crate) const fn at_least(&self, count: usize) -> Result<(), ApiError> {
        let index = self.values.len();
        if index < count { Err(ApiError::MissingArgument { index }) } else { Ok(()) }
    }

    /// An argument that must be there.
    pub(crate) fn required<T: Deserialize<'a>>(&self, index: usize) -> Result<T, ApiError> {
        self.optional(index)?.ok_or(ApiError::MissingArgument { index })
    }

    /// An argument that may be left out or null.
    pub(crate) fn optional<T: Deserialize<'a>>(&self, index: usize) -> Result<Option<T>, ApiError> {
        let Some(value) = self.values.get(index) else { return Ok(None) };
        if value.get() == "null" {
            return Ok(None);
        }
        match serde_json::from_str(value.get()) {
            Ok(value) => Ok(Some(value)),
            Err(error) => {
                Err(ApiError::InvalidArgument { index, reason: without_position(&error) })
            }
        }
    }

    /// An argument that has a default.
    pub(crate) fn or_default<T: Deserialize<'a> + Default>(
        &self,
        index: usize,
    ) -> Result<T, ApiError> {
        Ok(self.optional(index)?.unwrap_or_default())
    }
}

/// Line and column of one argument mean nothing to a caller.
pub(crate) fn without_position(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rfind(" at line ").map_or(text.clone(), |end| text[..end].to_owned())
}

#[cfg(test)]
mod tests;
