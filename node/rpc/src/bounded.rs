//! JSON of a bounded length, whose bytes count while it is made.

use std::io;

use serde::Serialize;
use serde_json::value::RawValue;

use crate::{
    error::ApiError,
    quota::{Part, SMALL_BYTES},
};

/// A text in the making.
struct Text {
    bytes: Vec<u8>,
    bytes_max: usize,
    /// Bytes that `held` counts, and those that are free.
    counted: usize,
    held: Part,
    /// Why the text has no more room.
    refusal: Option<ApiError>,
}

impl Text {
    fn make_room(&mut self, count: usize) -> Result<(), ApiError> {
        let length = self.bytes.len().saturating_add(count);
        if length > self.bytes_max {
            return Err(ApiError::AnswerTooLarge { maximum: self.bytes_max });
        }
        if length > self.counted {
            // Ahead of what is there, so that not every piece takes the quota's lock.
            let step = (length - self.counted).max(length / 8);
            self.held.grow(step).map_err(ApiError::from_unsent)?;
            self.counted += step;
        }
        Ok(())
    }
}

impl io::Write for Text {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        if let Err(refusal) = self.make_room(piece.len()) {
            self.refusal = Some(refusal);
            return Err(io::ErrorKind::OutOfMemory.into());
        }
        self.bytes.extend_from_slice(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The JSON of a value, of at most so many bytes. `held` has them until this returns.
pub(crate) fn to_text(
    value: &impl Serialize,
    bytes_max: usize,
    held: Part,
) -> Result<Box<RawValue>, ApiError> {
    let mut text = Text { bytes: Vec::new(), bytes_max, counted: SMALL_BYTES, held, refusal: None };
    if let Err(error) = serde_json::to_writer(&mut text, value) {
        return Err(text.refusal.unwrap_or(ApiError::Json(error)));
    }
    let text = String::from_utf8(text.bytes)
        .map_err(|error| ApiError::Internal { reason: error.to_string() })?;
    Ok(RawValue::from_string(text)?)
}

#[cfg(test)]
mod tests;
