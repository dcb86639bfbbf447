//! The positional arguments of a request, with geth's refusals.

use jsonrpsee::types::Params;
use serde_json::value::RawValue;

use crate::{
    accept::Asker,
    error::ApiError,
    read::{FromJson, is_null},
};

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

    /// An argument as it is written; `None` when it is left out or null.
    pub(crate) fn written(&self, index: usize) -> Option<&'a RawValue> {
        self.values.get(index).copied().filter(|value| !is_null(value))
    }

    /// An argument that must be there.
    pub(crate) fn required<T: FromJson<'a>>(&self, index: usize) -> Result<T, ApiError> {
        self.optional(index)?.ok_or(ApiError::MissingArgument { index })
    }

    /// An argument that may be left out or null.
    pub(crate) fn optional<T: FromJson<'a>>(&self, index: usize) -> Result<Option<T>, ApiError> {
        let value = self.written(index).map(T::from_json).transpose();
        value.map_err(|error| ApiError::InvalidArgument { index, reason: error.to_string() })
    }

    /// An argument that has a default.
    pub(crate) fn or_default<T: FromJson<'a> + Default>(
        &self,
        index: usize,
    ) -> Result<T, ApiError> {
        Ok(self.optional(index)?.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests;
