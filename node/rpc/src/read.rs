//! What requests carry, read as strictly as geth reads it and refused in its words.
//!
//! Nothing of a request is read by the types of other libraries, which take numbers in decimal,
//! with leading zeros or without quotes, and bytes without a prefix: a value that two nodes read
//! differently is worse than one that is refused. Members that nobody knows are passed over.

mod hex;
mod overrides;
mod transaction;

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, MapAccess, Visitor},
};
use serde_json::{Value, value::RawValue};

pub(crate) use self::{
    hex::{
        Big, Count, HexError, Index, Quantity, SlotKey, bytes_with_prefix, parse_bytes,
        parse_number,
    },
    overrides::BlockOverrides,
};

/// What is read from JSON as geth reads it.
pub(crate) trait FromJson<'a>: Sized {
    /// What geth says it wanted, when it is given something else: a type of Go.
    fn go_type() -> Cow<'static, str>;

    fn from_json(json: &'a RawValue) -> Result<Self, Misread>;
}

/// What is read from the key of an object.
pub(crate) trait FromKey: Sized {
    /// The key's type in Go.
    const GO_TYPE: &'static str;

    fn from_key(key: &str) -> Result<Self, Misread>;
}

/// Why JSON was not read. The words are geth's, and those of the library that it reads JSON with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Misread {
    /// A value of another type, and where it is.
    Type {
        found: Cow<'static, str>,
        wanted: Cow<'static, str>,
        /// The innermost structure around it that has a name.
        structure: Option<&'static str>,
        /// The members that lead to it.
        path: String,
    },
    /// What is said wherever the value is.
    Words(String),
}

impl Misread {
    /// A value of another type than `T`.
    pub(crate) fn kind<'a, T: FromJson<'a>>(json: &RawValue) -> Self {
        Self::found(kind(json), T::go_type())
    }

    /// Something else than what was wanted.
    pub(crate) fn found(
        found: impl Into<Cow<'static, str>>,
        wanted: impl Into<Cow<'static, str>>,
    ) -> Self {
        let (found, wanted) = (found.into(), wanted.into());
        Self::Type { found, wanted, structure: None, path: String::new() }
    }

    pub(crate) fn words(words: impl fmt::Display) -> Self {
        Self::Words(words.to_string())
    }

    /// The same within a member.
    fn within(mut self, around: &Structure, member: &str) -> Self {
        if let Self::Type { structure, path, .. } = &mut self {
            let member = match around.is_tagged {
                true => member.to_owned(),
                false => capitalized(member),
            };
            *path = if path.is_empty() { member } else { format!("{member}.{path}") };
            if !around.is_nameless {
                structure.get_or_insert(around.short_name());
            }
        }
        self
    }
}

impl fmt::Display for Misread {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Type { found, wanted, structure, path } if !path.is_empty() => {
                let structure = structure.unwrap_or_default();
                write!(
                    formatter,
                    "json: cannot unmarshal {found} into Go struct field {structure}.{path} of \
                     type {wanted}"
                )
            }
            Self::Type { found, wanted, .. } => {
                write!(formatter, "json: cannot unmarshal {found} into Go value of type {wanted}")
            }
            Self::Words(words) => formatter.write_str(words),
        }
    }
}

/// What geth reads an object into.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Structure {
    /// Its type in Go, with the package.
    name: &'static str,
    /// Whether members are named as in JSON, and not with a capital.
    is_tagged: bool,
    /// Whether it is the structure around it that is named.
    is_nameless: bool,
}

impl Structure {
    /// One whose members have their names of JSON.
    pub(crate) const fn tagged(name: &'static str) -> Self {
        Self { name, is_tagged: true, is_nameless: false }
    }

    /// One whose members have their names of Go.
    pub(crate) const fn untagged(name: &'static str) -> Self {
        Self { name, is_tagged: false, is_nameless: false }
    }

    /// One that is read by its own code, which leaves its name out.
    pub(crate) const fn nameless(name: &'static str) -> Self {
        Self { name, is_tagged: true, is_nameless: true }
    }

    /// Its type in Go.
    pub(crate) const fn go_type(&self) -> Cow<'static, str> {
        Cow::Borrowed(self.name)
    }

    fn short_name(&self) -> &'static str {
        self.name.rsplit('.').next().unwrap_or(self.name)
    }

    /// The members of an object, in the order in which they are written; none of `null`.
    pub(crate) fn members<'a>(
        &'a self,
        json: &'a RawValue,
    ) -> Result<impl Iterator<Item = Member<'a>>, Misread> {
        let entries = entries(json, || self.go_type())?;
        let member = |(name, json)| Member { structure: self, name: uncapitalized(name), json };
        Ok(entries.into_iter().map(member))
    }
}

/// A member's name as we know it: Go reads names in any case, and its clients write those of
/// structures without tags with a capital.
fn uncapitalized(mut name: String) -> String {
    if let Some(first) = name.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    name
}

/// An object for another library, with the names of its members as we know them.
pub(crate) fn with_known_names(json: &RawValue) -> Result<Value, Misread> {
    Ok(match serde_json::from_str(json.get()).map_err(in_own_words)? {
        Value::Object(members) => {
            members.into_iter().map(|(name, value)| (uncapitalized(name), value)).collect()
        }
        other => other,
    })
}

/// A member of an object.
#[derive(Debug)]
pub(crate) struct Member<'a> {
    structure: &'a Structure,
    name: String,
    json: &'a RawValue,
}

impl<'a> Member<'a> {
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Its value unread, unless it is null.
    pub(crate) fn json(&self) -> Option<&'a RawValue> {
        (!is_null(self.json)).then_some(self.json)
    }

    /// Its value, unless it is null.
    pub(crate) fn read<T: FromJson<'a>>(&self) -> Result<Option<T>, Misread> {
        Option::<T>::from_json(self.json).map_err(|error| error.within(self.structure, &self.name))
    }
}

/// Keys and values of an object in the order in which they are written; none of `null`.
struct Entries<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Entries<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EntriesVisitor;

        impl<'de> Visitor<'de> for EntriesVisitor {
            type Value = Entries<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries<'de>, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_map(EntriesVisitor)
    }
}

fn entries(
    json: &RawValue,
    wanted: impl FnOnce() -> Cow<'static, str>,
) -> Result<Vec<(String, &RawValue)>, Misread> {
    match kind(json) {
        "object" => serde_json::from_str(json.get()).map(|Entries(it)| it).map_err(in_own_words),
        "null" => Ok(Vec::new()),
        other => Err(Misread::found(other, wanted())),
    }
}

/// An object whose keys are values too; of two that are the same the latter counts.
pub(crate) fn map<'a, K: FromKey, V: FromJson<'a>, M: FromIterator<(K, V)>>(
    json: &'a RawValue,
    wanted: impl FnOnce() -> Cow<'static, str>,
) -> Result<M, Misread> {
    let entries = entries(json, wanted)?.into_iter();
    entries.map(|(key, value)| Ok((K::from_key(&key)?, V::from_json(value)?))).collect()
}

/// The items of a list; none of `null`.
pub(crate) fn list(
    json: &RawValue,
    wanted: impl FnOnce() -> Cow<'static, str>,
) -> Result<Vec<&RawValue>, Misread> {
    match kind(json) {
        "array" => serde_json::from_str(json.get()).map_err(in_own_words),
        "null" => Ok(Vec::new()),
        other => Err(Misread::found(other, wanted())),
    }
}

/// What another library reads, in its own words.
#[derive(Debug, Clone, Default)]
pub(crate) struct Foreign<T>(pub(crate) T);

impl<'a, T: DeserializeOwned> FromJson<'a> for Foreign<T> {
    fn go_type() -> Cow<'static, str> {
        Cow::Borrowed("interface {}")
    }

    fn from_json(json: &'a RawValue) -> Result<Self, Misread> {
        serde_json::from_str(json.get()).map(Self).map_err(in_own_words)
    }
}

/// Line and column within one value mean nothing to a caller.
pub(crate) fn in_own_words(error: serde_json::Error) -> Misread {
    let text = error.to_string();
    Misread::words(text.rfind(" at line ").map_or(text.as_str(), |end| &text[..end]))
}

impl<'a, T: FromJson<'a>> FromJson<'a> for Option<T> {
    fn go_type() -> Cow<'static, str> {
        T::go_type()
    }

    fn from_json(json: &'a RawValue) -> Result<Self, Misread> {
        if is_null(json) { Ok(None) } else { T::from_json(json).map(Some) }
    }
}

impl<'a, T: FromJson<'a>> FromJson<'a> for Vec<T> {
    fn go_type() -> Cow<'static, str> {
        Cow::Owned(format!("[]{}", T::go_type()))
    }

    fn from_json(json: &'a RawValue) -> Result<Self, Misread> {
        list(json, Self::go_type)?.into_iter().map(T::from_json).collect()
    }
}

/// A value that is looked at later.
impl<'a> FromJson<'a> for &'a RawValue {
    fn go_type() -> Cow<'static, str> {
        Cow::Borrowed("interface {}")
    }

    fn from_json(json: &'a RawValue) -> Result<Self, Misread> {
        Ok(json)
    }
}

impl<'a> FromJson<'a> for bool {
    fn go_type() -> Cow<'static, str> {
        Cow::Borrowed("bool")
    }

    fn from_json(json: &'a RawValue) -> Result<Self, Misread> {
        or_nothing(json, |json| json.get().parse().map_err(|_| Misread::kind::<Self>(json)))
    }
}

impl<'a> FromJson<'a> for f64 {
    fn go_type() -> Cow<'static, str> {
        Cow::Borrowed("float64")
    }

    fn from_json(json: &'a RawValue) -> Result<Self, Misread> {
        or_nothing(json, |json| {
            serde_json::from_str(json.get()).map_err(|_| Misread::kind::<Self>(json))
        })
    }
}

impl<'a> FromJson<'a> for String {
    fn go_type() -> Cow<'static, str> {
        Cow::Borrowed("string")
    }

    fn from_json(json: &'a RawValue) -> Result<Self, Misread> {
        or_nothing(json, |json| {
            serde_json::from_str(json.get()).map_err(|_| Misread::kind::<Self>(json))
        })
    }
}

/// What names a subscription or an installed filter, as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Handle<'a>(pub(crate) &'a str);

impl<'a> FromJson<'a> for Handle<'a> {
    fn go_type() -> Cow<'static, str> {
        Cow::Borrowed("rpc.ID")
    }

    fn from_json(json: &'a RawValue) -> Result<Self, Misread> {
        let name = |json| text(json).ok_or_else(|| Misread::kind::<Self>(json));
        or_nothing(json, name).map(Self)
    }
}

/// Reads what null leaves as nothing, and be it in a list: flags, numbers and texts of Go.
fn or_nothing<'a, T: Default>(
    json: &'a RawValue,
    read: impl FnOnce(&'a RawValue) -> Result<T, Misread>,
) -> Result<T, Misread> {
    if is_null(json) { Ok(T::default()) } else { read(json) }
}

pub(crate) fn is_null(json: &RawValue) -> bool {
    json.get() == "null"
}

/// What a string says, as it is written: escapes are none of what is looked for in one.
pub(crate) fn text(json: &RawValue) -> Option<&str> {
    json.get().strip_prefix('"')?.strip_suffix('"')
}

/// The kind of a value as Go names it.
pub(crate) fn kind(json: &RawValue) -> &'static str {
    match json.get().as_bytes().first() {
        Some(b'"') => "string",
        Some(b'{') => "object",
        Some(b'[') => "array",
        Some(b't' | b'f') => "bool",
        Some(b'n') => "null",
        _ => "number",
    }
}

/// With a capital at the beginning.
fn capitalized(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests;
