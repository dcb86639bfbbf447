//! Logs, and the last line of a failure.
//!
//! A line of JSON logs is one object. Every one has `timestamp` (RFC 3339, UTC), `level`, `target`
//! (the module that says it) and `message`, which is constant; everything else is a field of its
//! own. The README has the fields that mean the same everywhere.

use std::io::{IsTerminal, Write};

use eyre::eyre;
use tracing_subscriber::{
    EnvFilter,
    fmt::{
        format::Writer,
        time::{FormatTime, SystemTime},
    },
};

/// Whether a text says what to log.
pub fn is_filter(text: &str) -> bool {
    EnvFilter::try_new(text).is_ok()
}

/// Starts logging: text on standard error, or JSON lines on standard output.
pub fn start(filter: &str, json: bool) -> eyre::Result<()> {
    let filter = EnvFilter::try_new(filter)
        .map_err(|error| eyre!("--log {filter:?} is no filter: {error}"))?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter);
    let started = if json {
        builder.json().flatten_event(true).with_writer(std::io::stdout).try_init()
    } else {
        let is_terminal = std::io::stderr().is_terminal();
        builder.with_target(false).with_ansi(is_terminal).with_writer(std::io::stderr).try_init()
    };
    started.map_err(|error| eyre!("logging: {error}"))
}

/// Prints a line of the JSON logs that no filter leaves out, for programs that wait for it.
pub fn event(message: &str, fields: serde_json::Value) {
    let mut timestamp = String::new();
    // Writing to a String cannot fail.
    let _ = SystemTime.format_time(&mut Writer::new(&mut timestamp));
    let line = serde_json::json!({
        "timestamp": timestamp,
        "level": "INFO",
        "target": "minster",
        "message": message,
    });
    let (serde_json::Value::Object(mut line), serde_json::Value::Object(fields)) = (line, fields)
    else {
        return;
    };
    line.extend(fields);
    say(&serde_json::Value::Object(line).to_string());
}

/// Says why the program ends, in one line.
pub fn fatal(error: &eyre::Report) {
    let mut chain = error.chain().map(ToString::to_string);
    let mut line = chain.next().unwrap_or_default();
    for cause in chain {
        // Transparent errors repeat their source.
        if !line.contains(&cause) {
            line = format!("{line}: {cause}");
        }
    }
    // Standard error may be closed; then there is nobody to tell.
    let _ = writeln!(std::io::stderr(), "error: {line}");
}

/// Prints to standard output; a closed pipe is no failure of the node.
pub fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}
