//! What a key is, and the secrets, which are none. The keys themselves are in `table.rs`.

use std::{fmt, ops::RangeInclusive};

use super::{
    Settings,
    table::KEYS,
    value::{Raw, Setting},
};

/// One key.
pub struct Key {
    /// Section and name, with a point between.
    pub name: &'static str,
    /// What it is, in full sentences.
    pub help: &'static str,
    /// A node does not start without it.
    pub is_required: bool,
    /// For numbers: what is allowed.
    pub range: Option<RangeInclusive<u128>>,
    /// What may be written.
    pub form: &'static str,
    /// As a file would say it.
    pub written: fn(&Settings) -> Option<String>,
    /// Takes a value, if it is of the right type.
    pub set: fn(&mut Settings, &Raw) -> bool,
}

/// Why a key does not take a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// It is of another type.
    Form { form: &'static str },
    /// It is a number that makes no sense here.
    Range { number: u128, range: RangeInclusive<u128> },
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form { form } => write!(formatter, "is not {form}"),
            Self::Range { number, range } => {
                let (first, last) = (range.start(), range.end());
                write!(formatter, "is {number}, which is not from {first} to {last}")
            }
        }
    }
}

/// A secret: it has a variable in the environment, and a key that names a file, but never a place
/// in a file of settings or on a command line, which others read.
pub struct Secret {
    /// The name that somebody may try.
    pub name: &'static str,
    /// The variable that may hold it.
    pub variable: &'static str,
    /// The key of the file that may hold it.
    pub file_key: &'static str,
}

/// Signs slices.
pub const SLICE_KEY: Secret = Secret {
    name: "sequencer.slice_key",
    variable: "MINSTER_SEQUENCER_SLICE_KEY",
    file_key: "sequencer.slice_key_file",
};

/// Who may prove for the node, one a line.
pub const PROVER_TOKENS: Secret = Secret {
    name: "proofs.tokens",
    variable: "MINSTER_PROOFS_TOKENS",
    file_key: "proofs.tokens_file",
};

/// All secrets.
pub const SECRETS: [Secret; 2] = [SLICE_KEY, PROVER_TOKENS];

/// What each section is about, in the order of a file.
pub const SECTIONS: &[(&str, &str)] = &[
    ("node", "Which chain, and where it is."),
    ("rpc", "JSON-RPC over HTTP and WebSocket on one port, and the limits of every request."),
    ("admin", "The port for operators: /health, /ready and /metrics."),
    ("pool", "Transactions that wait to be executed."),
    ("sequencer", "Execution, durability and how much history of the state is at hand."),
    ("history", "How many old blocks stay. What is removed is gone: a backup keeps it."),
    ("batches", "Where a batch ends, and how many proofs are kept."),
    ("proofs", "Who proves, and what the chain does when it outruns its prover."),
    ("log", "What is logged, and how."),
];

/// The type of a place.
pub(super) const fn form_of<T: Setting>(_: fn(&Settings) -> &T) -> &'static str {
    T::FORM
}

pub(super) fn assign<T: Setting>(place: &mut T, raw: &Raw) -> bool {
    match T::read(raw) {
        Some(value) => {
            *place = value;
            true
        }
        None => false,
    }
}

/// The key of a name.
pub fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

impl Key {
    /// Its variable in the environment.
    pub fn variable(&self) -> String {
        format!("MINSTER_{}", self.name.replace('.', "_").to_uppercase())
    }

    /// Its section and its name there.
    pub fn split(&self) -> (&'static str, &'static str) {
        self.name.split_once('.').unwrap_or(("", self.name))
    }

    /// Takes a value.
    ///
    /// # Errors
    /// Says what may be written instead.
    pub fn take(&self, settings: &mut Settings, raw: &Raw) -> Result<(), Refusal> {
        if let (Raw::Integer(number), Some(range)) = (raw, &self.range)
            && !range.contains(number)
        {
            return Err(Refusal::Range { number: *number, range: range.clone() });
        }
        match (self.set)(settings, raw) {
            true => Ok(()),
            false => Err(Refusal::Form { form: self.form }),
        }
    }
}
