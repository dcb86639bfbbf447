//! What made the stored programs, and their hashes.

use std::collections::BTreeMap;
use std::fmt::Write;

use eyre::{OptionExt, Result, bail};
use sha2::{Digest, Sha256};

#[cfg(test)]
mod tests;

const HEAD: &str = "# Made by `cargo xtask guests`.\n";
const SECTION: &str = "[sha256]";

/// The file beside the programs.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// The first lines that compiler and linker print of themselves.
    pub versions: [String; 2],
    /// The hash of each program by its name.
    pub hashes: BTreeMap<String, String>,
}

impl Record {
    /// Of programs that these tools made.
    pub fn new(versions: [String; 2], programs: &BTreeMap<String, Vec<u8>>) -> Self {
        let hash = |(name, bytes): (&String, &Vec<u8>)| {
            let digest = Sha256::digest(bytes);
            (name.clone(), digest.iter().map(|byte| format!("{byte:02x}")).collect())
        };
        Self { versions, hashes: programs.iter().map(hash).collect() }
    }

    /// The text of the file.
    pub fn text(&self) -> String {
        let [compiler, linker] = &self.versions;
        let mut text = format!("{HEAD}compiler = \"{compiler}\"\nlinker = \"{linker}\"\n");
        let _ = write!(text, "\n{SECTION}\n"); // writing to a String cannot fail
        for (name, hash) in &self.hashes {
            let _ = writeln!(text, "{name} = \"{hash}\"");
        }
        text
    }

    /// Reads what [`Record::text`] made.
    pub fn parse(text: &str) -> Result<Self> {
        let mut record = Self::default();
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let mut in_section = false;
        for line in lines {
            if line == SECTION {
                in_section = true;
                continue;
            }
            let (name, value) = line.split_once(" = ").ok_or_eyre("a line without ` = `")?;
            let value = value.trim_matches('"').to_owned();
            match (in_section, name) {
                (true, name) => drop(record.hashes.insert(name.to_owned(), value)),
                (false, "compiler") => record.versions[0] = value,
                (false, "linker") => record.versions[1] = value,
                (false, _) => bail!("no place for `{name}`"),
            }
        }
        Ok(record)
    }
}
