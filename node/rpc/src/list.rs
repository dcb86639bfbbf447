//! Lists and values of JSON, counted before anything is made of them.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// The first entries of a list, at most so many, none of which is looked into; and whether they are
/// all.
struct AtMost(usize);

impl<'de> DeserializeSeed<'de> for AtMost {
    type Value = (Vec<&'de RawValue>, bool);

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for AtMost {
    type Value = (Vec<&'de RawValue>, bool);

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut list = Vec::new();
        while let Some(entry) = entries.next_element()? {
            if list.len() == self.0 {
                // To the end, so that what is no JSON is not taken for what is too long.
                while entries.next_element::<IgnoredAny>()?.is_some() {}
                return Ok((list, false));
            }
            list.push(entry);
        }
        Ok((list, true))
    }
}

/// The first entries of a list, at most so many, and whether they are all. What stands after the
/// list is not read.
pub(crate) fn entries(
    text: &[u8],
    maximum: usize,
) -> Result<(Vec<&RawValue>, bool), serde_json::Error> {
    AtMost(maximum).deserialize(&mut serde_json::Deserializer::from_slice(text))
}

/// How many values a text of JSON has in its lists and objects, one more for each of them. What is
/// made of a text takes memory by this number more than by its length.
pub(crate) fn count_values(text: &str) -> usize {
    let mut count: usize = 0;
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'[' | b'{' | b',' => count = count.saturating_add(1),
            b'"' => skip_string(&mut bytes),
            _ => {}
        }
    }
    count
}

/// Goes on behind the end of a string.
fn skip_string(bytes: &mut std::str::Bytes<'_>) {
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => drop(bytes.next()),
            b'"' => return,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
