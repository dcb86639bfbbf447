//! The types that a setting may have, and how each is written.

use std::{
    net::SocketAddr,
    num::{NonZeroU32, NonZeroU64, NonZeroUsize},
    path::PathBuf,
    time::Duration,
};

use alloy_primitives::Address;
use minster_sequencer::ReceiptSource;

use crate::cli::Proofs;

/// A value as somebody wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Raw {
    Integer(u128),
    Boolean(bool),
    Text(String),
    /// Something that no setting is.
    Other(&'static str),
}

impl Raw {
    /// What the text of an environment variable or a flag may be, best guess first.
    pub fn readings(text: &str) -> impl Iterator<Item = Self> {
        // A sign is no part of any number here, and u128 would take a plus.
        let number = text.bytes().all(|byte| byte.is_ascii_digit());
        let number = number.then(|| text.parse().ok().map(Self::Integer)).flatten();
        let boolean = text.parse().ok().map(Self::Boolean);
        [number, boolean, Some(Self::Text(text.to_owned()))].into_iter().flatten()
    }
}

/// A type of settings.
pub trait Setting: Sized {
    /// What may be written, as a noun.
    const FORM: &'static str;

    /// The value, if what is written is one.
    fn read(raw: &Raw) -> Option<Self>;

    /// How it is written in a file; `None` when it is not set.
    fn written(&self) -> Option<String>;
}

macro_rules! integer {
    ($($type:ty),*) => {$(
        impl Setting for $type {
            const FORM: &'static str = "a whole number";

            fn read(raw: &Raw) -> Option<Self> {
                match raw {
                    Raw::Integer(number) => Self::try_from(*number).ok(),
                    _ => None,
                }
            }

            fn written(&self) -> Option<String> {
                Some(self.to_string())
            }
        }
    )*};
}

integer!(u32, u64, u128, usize);

macro_rules! integer_or_none {
    ($($type:ty, $of:ty, $form:literal);*) => {$(
        impl Setting for Option<$type> {
            const FORM: &'static str = $form;

            fn read(raw: &Raw) -> Option<Self> {
                <$of>::read(raw).map(<$type>::new)
            }

            fn written(&self) -> Option<String> {
                Some(self.map_or(0, <$type>::get).to_string())
            }
        }
    )*};
}

integer_or_none!(
    NonZeroU32, u32, "a whole number; 0 is no limit";
    NonZeroU64, u64, "a whole number; 0 is no limit";
    NonZeroUsize, usize, "a whole number; 0 is all cores but one"
);

impl Setting for bool {
    const FORM: &'static str = "true or false";

    fn read(raw: &Raw) -> Option<Self> {
        match raw {
            Raw::Boolean(value) => Some(*value),
            _ => None,
        }
    }

    fn written(&self) -> Option<String> {
        Some(self.to_string())
    }
}

impl Setting for Duration {
    const FORM: &'static str = "a whole number of milliseconds";

    fn read(raw: &Raw) -> Option<Self> {
        u64::read(raw).map(Self::from_millis)
    }

    fn written(&self) -> Option<String> {
        Some(self.as_millis().to_string())
    }
}

impl Setting for String {
    const FORM: &'static str = "a text";

    fn read(raw: &Raw) -> Option<Self> {
        match raw {
            Raw::Text(text) if !text.is_empty() => Some(text.clone()),
            _ => None,
        }
    }

    fn written(&self) -> Option<String> {
        Some(quoted(self))
    }
}

impl Setting for Option<PathBuf> {
    const FORM: &'static str = "a path";

    fn read(raw: &Raw) -> Option<Self> {
        String::read(raw).map(|path| Some(path.into()))
    }

    fn written(&self) -> Option<String> {
        self.as_ref().map(|path| quoted(&path.to_string_lossy()))
    }
}

impl Setting for Option<SocketAddr> {
    const FORM: &'static str = SocketAddr::FORM;

    fn read(raw: &Raw) -> Option<Self> {
        SocketAddr::read(raw).map(Some)
    }

    fn written(&self) -> Option<String> {
        self.as_ref().and_then(Setting::written)
    }
}

macro_rules! parsed {
    ($($type:ty, $form:literal);*) => {$(
        impl Setting for $type {
            const FORM: &'static str = $form;

            fn read(raw: &Raw) -> Option<Self> {
                String::read(raw)?.parse().ok()
            }

            fn written(&self) -> Option<String> {
                Some(quoted(&self.to_string()))
            }
        }
    )*};
}

parsed!(
    SocketAddr, "an address with a port, such as \"127.0.0.1:8545\" or \"[::1]:8545\"";
    Address, "an address of 20 bytes in hex"
);

macro_rules! choice {
    ($type:ty, $form:literal, $($word:literal => $value:path),*) => {
        impl Setting for $type {
            const FORM: &'static str = $form;

            fn read(raw: &Raw) -> Option<Self> {
                match String::read(raw)?.as_str() {
                    $($word => Some($value),)*
                    _ => None,
                }
            }

            fn written(&self) -> Option<String> {
                Some(quoted(match self { $($value => $word,)* }))
            }
        }
    };
}

choice!(
    Proofs, "\"on\", \"lent\" or \"off\"",
    "on" => Proofs::On, "lent" => Proofs::Lent, "off" => Proofs::Off
);

choice!(
    ReceiptSource, "\"slice\" or \"sealed\"",
    "slice" => ReceiptSource::Slice, "sealed" => ReceiptSource::Sealed
);

/// A basic string of TOML.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for char in text.chars() {
        match char {
            '"' | '\\' => out.extend(['\\', char]),
            char if char.is_control() => out.push_str(&format!("\\u{:04X}", u32::from(char))),
            char => out.push(char),
        }
    }
    out.push('"');
    out
}
