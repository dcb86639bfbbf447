//! The positional arguments of a request, with geth's refusals.

use jsonrpsee::types::Params;
use serde_json::value::RawValue;

use crate::{
    accept::Asker,
    error::ApiError,
    read::{FromJson, Misread, is_null},
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

    /// An argument as it is written; `None` when it is left out or null.
    pub(crate) fn written(&self, index: usize) -> Option<&'a RawValue> {
        self.values.get(index).copied().filter(|value| !is_null(value))
    }

    /// An argument that must be there. One that is null is there, and its type says what that is.
    pub(crate) fn required<T: FromJson<'a>>(&self, index: usize) -> Result<T, ApiError> {
        let value = self.values.get(index).ok_or(ApiError::MissingArgument { index })?;
        T::from_json(value).map_err(invalid(index))
    }

    /// An argument that may be left out or null.
    pub(crate) fn optional<T: FromJson<'a>>(&self, index: usize) -> Result<Option<T>, ApiError> {
        self.written(index).map(T::from_json).transpose().map_err(invalid(index))
    }

    /// An argument that has a default.
    pub(crate) fn or_default<T: FromJson<'a> + Default>(
        &self,
        index: usize,
    ) -> Result<T, ApiError> {
        Ok(self.optional(index)?.unwrap_or_default())
    }
}

/// Says which argument was misread.
fn invalid(index: usize) -> impl Fn(Misread) -> ApiError {
    move |error| ApiError::InvalidArgument { index, reason: error.to_string() }
}

#[cfg(test)]
mod tests;
