//! Logs, and the last line of a failure.

use std::io::{IsTerminal, Write};

use eyre::eyre;
use tracing_subscriber::EnvFilter;

/// Starts logging: text on standard error, or JSON lines on standard output.
pub fn start(filter: &str, json: bool) -> eyre::Result<()> {
    let filter = EnvFilter::try_new(filter)
        .map_err(|error| eyre!("--log {filter:?} is no filter: {error}"))?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_target(false);
    let started = if json {
        builder.json().flatten_event(true).with_writer(std::io::stdout).try_init()
    } else {
        let is_terminal = std::io::stderr().is_terminal();
        builder.with_ansi(is_terminal).with_writer(std::io::stderr).try_init()
    };
    started.map_err(|error| eyre!("logging: {error}"))
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
