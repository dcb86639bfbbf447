//! Ids, which are repeated as they are written, whatever scalar they are: geth's reading. The
//! library has types for null, texts and numbers below 2^64; any other id goes through it as a text
//! that stands for it, and is put back into the answer's text.

use std::borrow::Cow;

use jsonrpsee::types::Id;
use serde_json::{Deserializer, value::RawValue};

/// Bytes of an id as it is written: there is always to be room for an answer that repeats it.
const ID_BYTES_MAX: usize = 1 << 10;

/// What a text begins with that stands for an id.
const MARK: char = '\0';

/// How every answer begins; its id follows.
const HEAD: &str = r#"{"jsonrpc":"2.0","id":"#;

/// How an id begins that is not the client's, but stands for it.
const MARKED: &str = r#""\u0000"#;

/// An id as the library takes it; `None` for what is no scalar, or too long.
pub(super) fn read(id: &RawValue) -> Option<Id<'_>> {
    let text = id.get();
    if text.len() > ID_BYTES_MAX || text.starts_with(['{', '[']) {
        return None;
    }
    match serde_json::from_str(text) {
        Ok(Id::Str(text)) if text.starts_with(MARK) => {}
        Ok(id) => return Some(id),
        Err(_) => {}
    }
    Some(Id::Str(format!("{MARK}{text}").into()))
}

/// An answer with its id as the client wrote it.
pub(crate) fn repeat(answer: &str) -> Cow<'_, str> {
    restore(answer).map_or(Cow::Borrowed(answer), Cow::Owned)
}

fn restore(answer: &str) -> Option<String> {
    let rest = answer.strip_prefix(HEAD).filter(|rest| rest.starts_with(MARKED))?;
    let mut values = Deserializer::from_str(rest).into_iter::<String>();
    let id = values.next()?.ok()?;
    let (id, (_, rest)) = (id.strip_prefix(MARK)?, rest.split_at_checked(values.byte_offset())?);
    Some([HEAD, id, rest].concat())
}

#[cfg(test)]
mod tests;
