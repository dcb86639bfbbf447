//! Defaults, then the file, then the environment, then flags: each may change what is before it.
//!
//! What is not known is an error, everywhere, and so is what is known and makes no sense. All of it
//! is said at once.

use std::{collections::BTreeMap, ffi::OsString, fmt, path::Path};

use toml::de::{DeTable, DeValue};

use super::{
    Settings,
    keys::{Key, PROVER_TOKENS, Refusal, SECRETS, Secret, find},
    table::KEYS,
    value::Raw,
};

/// What all our variables begin with.
const PREFIX: &str = "MINSTER_";

/// Names the file; see `cli.rs`.
pub const CONFIG_VARIABLE: &str = "MINSTER_CONFIG";

/// Where settings come from.
#[derive(Debug, Default)]
pub struct Layers<'a> {
    /// Path and text.
    pub file: Option<(&'a Path, &'a str)>,
    pub environment: Vec<(OsString, OsString)>,
    pub flags: Vec<(&'static str, String)>,
}

/// What of it is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// File and line, variable or flag.
    pub place: String,
    pub reason: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.place, self.reason)
    }
}

/// Secrets from the environment. They have no printable form.
#[derive(Default)]
pub struct Secrets {
    by_name: BTreeMap<&'static str, String>,
}

impl Secrets {
    /// The text of a secret.
    pub fn get(&self, secret: &Secret) -> Option<&str> {
        self.by_name.get(secret.name).map(String::as_str)
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} secrets", self.by_name.len())
    }
}

/// Settings, and where each that is no default comes from.
#[derive(Debug)]
pub struct Resolved {
    pub settings: Settings,
    pub secrets: Secrets,
    pub origins: BTreeMap<&'static str, String>,
}

/// Puts the layers over each other.
///
/// # Errors
/// Everything that is wrong.
pub fn resolve(base: Settings, layers: Layers<'_>) -> Result<Resolved, Vec<Problem>> {
    let resolved =
        Resolved { settings: base, secrets: Secrets::default(), origins: BTreeMap::new() };
    let mut resolver = Resolver { resolved, problems: Vec::new() };
    if let Some((path, text)) = layers.file {
        resolver.file(path, text);
    }
    for (name, value) in layers.environment {
        resolver.variable(&name, value);
    }
    for (name, text) in layers.flags {
        if let Some(key) = find(name) {
            resolver.text(key, format!("--{name}"), &text);
        }
    }
    let Resolver { resolved, mut problems } = resolver;
    let Resolved { settings, secrets, origins } = &resolved;
    let missing = KEYS.iter().filter(|key| key.is_required && !origins.contains_key(key.name));
    problems.extend(missing.map(|key| Problem {
        place: key.name.into(),
        reason: format!("is not set: put it into the file, {} or --{}", key.variable(), key.name),
    }));
    let twice =
        |secret: &&Secret| secrets.get(secret).is_some() && origins.contains_key(secret.file_key);
    problems.extend(SECRETS.iter().filter(twice).map(|secret| Problem {
        place: secret.variable.into(),
        reason: format!("is set, and so is {}; unset one of them", secret.file_key),
    }));
    let contradictions = settings.contradictions(secrets.get(&PROVER_TOKENS).is_some());
    problems.extend(
        contradictions.into_iter().map(|reason| Problem { place: "settings".into(), reason }),
    );
    if problems.is_empty() { Ok(resolved) } else { Err(problems) }
}

struct Resolver {
    resolved: Resolved,
    problems: Vec<Problem>,
}

impl Resolver {
    fn problem(&mut self, place: String, reason: impl Into<String>) {
        self.problems.push(Problem { place, reason: reason.into() });
    }

    fn file(&mut self, path: &Path, text: &str) {
        let place = |start: usize| {
            let before = text.get(..start).unwrap_or_default();
            format!("{}, line {}", path.display(), before.matches('\n').count() + 1)
        };
        let table = match DeTable::parse(text) {
            Ok(table) => table,
            Err(error) => {
                let start = error.span().map_or(0, |span| span.start);
                // The message alone: the rest of the error is a drawing of many lines.
                return self.problem(place(start), error.message().replace('\n', ", "));
            }
        };
        for (section, value) in table.get_ref() {
            let section_place = place(section.span().start);
            let DeValue::Table(keys) = value.get_ref() else {
                self.unknown(section_place, section.get_ref(), |key| key.name.to_owned());
                continue;
            };
            for (name, value) in keys {
                let full = format!("{}.{}", section.get_ref(), name.get_ref());
                let place = place(name.span().start);
                match find(&full) {
                    Some(key) => self.value(key, place, &raw(value.get_ref())),
                    None => self.unknown(place, &full, |key| key.name.to_owned()),
                }
            }
        }
    }

    fn variable(&mut self, name: &OsString, value: OsString) {
        let Some(name) = name.to_str().filter(|name| name.starts_with(PREFIX)) else { return };
        if name == CONFIG_VARIABLE {
            return;
        }
        let Ok(value) = value.into_string() else {
            return self.problem(name.into(), "is not UTF-8");
        };
        if let Some(secret) = SECRETS.iter().find(|secret| secret.variable == name) {
            self.resolved.secrets.by_name.insert(secret.name, value);
            return;
        }
        match KEYS.iter().find(|key| key.variable() == name) {
            Some(key) => self.text(key, name.to_owned(), &value),
            None => self.unknown(name.to_owned(), name, Key::variable),
        }
    }

    /// Takes what has no type yet.
    fn text(&mut self, key: &'static Key, place: String, text: &str) {
        let mut refusal = Refusal::Form { form: key.form };
        for raw in Raw::readings(text) {
            match key.take(&mut self.resolved.settings, &raw) {
                Ok(()) => return drop(self.resolved.origins.insert(key.name, place)),
                Err(Refusal::Form { .. }) => {}
                Err(range) => refusal = range,
            }
        }
        self.problem(place, format!("{} {refusal}", key.name));
    }

    fn value(&mut self, key: &'static Key, place: String, raw: &Raw) {
        match key.take(&mut self.resolved.settings, raw) {
            Ok(()) => drop(self.resolved.origins.insert(key.name, place)),
            Err(refusal) => self.problem(place, format!("{} {refusal}", key.name)),
        }
    }

    /// Says of a name what it may have been meant to be.
    fn unknown(&mut self, place: String, name: &str, written: impl Fn(&Key) -> String) {
        if let Some(secret) = SECRETS.iter().find(|secret| secret.name == name) {
            let Secret { variable, file_key, .. } = secret;
            let reason = format!(
                "{name} is a secret: put it into a file of its own and name that in {file_key}, \
                 or into the variable {variable}"
            );
            return self.problem(place, reason);
        }
        let names = KEYS.iter().map(written);
        let nearest = names.min_by_key(|known| strsim::damerau_levenshtein(known, name));
        let nearest = nearest.unwrap_or_default();
        self.problem(place, format!("{name} is not known; the nearest that is: {nearest}"));
    }
}

fn raw(value: &DeValue<'_>) -> Raw {
    match value {
        DeValue::String(text) => Raw::Text(text.to_string()),
        DeValue::Boolean(value) => Raw::Boolean(*value),
        DeValue::Integer(number) => u128::from_str_radix(number.as_str(), number.radix())
            .map_or(Raw::Other("a number that is negative"), Raw::Integer),
        other => Raw::Other(other.type_str()),
    }
}
