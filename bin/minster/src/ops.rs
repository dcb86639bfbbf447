//! `minster ops`: what an operator's other programs read, made of the same tables as the metrics.

use clap::{Args, Subcommand};
use eyre::eyre;
use minster_telemetry::{ALERTS, RUNBOOK, dashboard, reference, rules};

use crate::logging::say;

/// The unit that runs a node under systemd.
pub const UNIT: &str = include_str!("../deploy/minster.service");

/// What builds an image of a node.
pub const CONTAINERFILE: &str = include_str!("../deploy/Containerfile");

#[derive(Debug, Args)]
pub struct Ops {
    #[command(subcommand)]
    pub what: What,
}

#[derive(Debug, Subcommand)]
pub enum What {
    /// Print a Grafana dashboard, as JSON to import.
    Dashboard,
    /// Print alert rules for Prometheus, as YAML; its scrape job has to be called minster.
    Alerts,
    /// Print what to do about an alert, or about all of them.
    Runbook {
        /// The alert's name.
        #[arg(value_name = "ALERT")]
        alert: Option<String>,
    },
    /// Print the reference of all metrics, as Markdown.
    Metrics,
    /// Print a systemd unit that runs a node with as few rights as it needs.
    Unit,
    /// Print a Containerfile for an image that runs a node without rights.
    Containerfile,
}

/// Prints it.
pub fn run(ops: Ops) -> eyre::Result<()> {
    let text = match ops.what {
        What::Dashboard => format!("{:#}\n", dashboard()),
        What::Alerts => rules(),
        What::Runbook { alert: None } => RUNBOOK.to_owned(),
        What::Runbook { alert: Some(name) } => runbook(&name)?,
        What::Metrics => reference(),
        What::Unit => UNIT.to_owned(),
        What::Containerfile => CONTAINERFILE.to_owned(),
    };
    say(text.trim_end());
    Ok(())
}

/// One part of the runbook.
fn runbook(name: &str) -> eyre::Result<String> {
    let parts = RUNBOOK.split("\n## ").skip(1);
    let mut found = parts.filter(|part| part.lines().next() == Some(name));
    found.next().map(|part| format!("## {part}")).ok_or_else(|| {
        let names: Vec<&str> = ALERTS.iter().map(|alert| alert.name).collect();
        eyre!("there is no alert {name:?}; there are {}", names.join(", "))
    })
}

#[cfg(test)]
mod tests;
