//! How numbers and bytes are shown to a person.

use std::{
    fmt::Write,
    io::Write as _,
    path::{Path, PathBuf},
};

use alloy_primitives::hex;
use minster_machine::config::Digest;
use p3_field::PrimeField32;
use serde_json::{Value, json};

use crate::{cli, logging::say, zkvm::files};

/// The most bytes of public output that a report for a person shows.
const SHOWN_MAX: usize = 256;

/// A number with a comma between thousands.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// As [`grouped`], of a length.
pub fn grouped_size(size: usize) -> String {
    grouped(u64::try_from(size).unwrap_or(u64::MAX))
}

/// Bytes in hex.
pub fn hex_of(bytes: &[u8]) -> String {
    hex::encode_prefixed(bytes)
}

/// The elements of a digest as big-endian words, in hex.
pub fn digest(digest: &Digest) -> String {
    let mut text = String::from("0x");
    for element in digest {
        // Writing to a string does not fail.
        let _ = write!(text, "{:08x}", element.as_canonical_u32());
    }
    text
}

/// The bytes as text, if a terminal can show all of it.
pub fn printable(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?;
    let shown = |c: char| !c.is_control() || matches!(c, '\n' | '\t');
    (!text.is_empty() && text.chars().all(shown)).then_some(text)
}

/// The lines of a report about public output.
pub fn output_lines(output: &[u8]) -> String {
    let mut lines = format!("public output  {} bytes\n", grouped_size(output.len()));
    let shown = output.get(..SHOWN_MAX).unwrap_or(output);
    // A cut may fall inside a character; then the text ends before it.
    let text = match std::str::from_utf8(shown) {
        Err(error) if shown.len() < output.len() => &shown[..error.valid_up_to()],
        _ => shown,
    };
    let rest = output.len() - shown.len();
    let more = if rest == 0 {
        String::new()
    } else {
        format!(" and {} bytes more: see --output or --json", grouped_size(rest))
    };
    if let Some(text) = printable(text).filter(|_| std::str::from_utf8(output).is_ok()) {
        let _ = writeln!(lines, "  text         {:?}{more}", text);
    }
    if !output.is_empty() {
        let _ = writeln!(lines, "  hex          {}{more}", hex_of(shown));
    }
    lines
}

/// Public output in JSON.
pub fn output_json(output: &[u8]) -> Value {
    json!({"bytes": output.len(), "hex": hex_of(output), "text": printable(output)})
}

/// Where the report of a command goes, and the public output if it is wanted apart.
pub struct Report {
    json: bool,
    quiet: bool,
    output: Option<PathBuf>,
}

impl Report {
    /// Two things cannot both have standard output to themselves.
    pub fn new(json: bool, quiet: bool, output: Option<&Path>) -> Self {
        if json && output.is_some_and(files::is_standard) {
            cli::refuse("--json and a file `-` both want standard output");
        }
        Self { json, quiet, output: output.map(Path::to_path_buf) }
    }

    /// Writes the public output, if a file was named for it.
    pub fn output(&self, output: &[u8]) -> eyre::Result<()> {
        self.output.as_deref().map_or(Ok(()), |path| files::write(path, output))
    }

    /// Prints the report: for a person on standard error if the output has taken the other.
    pub fn print(&self, as_json: impl FnOnce() -> Value, as_text: impl FnOnce() -> String) {
        if self.json {
            say(&as_json().to_string());
        } else if !self.quiet {
            let text = as_text();
            if self.output.as_deref().is_some_and(files::is_standard) {
                // Standard error may be closed; then there is nobody to tell.
                let _ = std::io::stderr().write_all(text.as_bytes());
            } else {
                say(text.trim_end());
            }
        }
    }
}

/// A duration that is still to come.
pub fn rough_duration(seconds: f64) -> String {
    let seconds = seconds.max(0.0).round() as u64;
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests;
