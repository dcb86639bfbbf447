//! The reference page of the metrics, as it stands in the README.

use std::fmt::Write;

use crate::{Group, METRICS};

/// One table for each group, in Markdown.
#[must_use]
pub fn reference() -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    for group in Group::ALL {
        let _ = write!(
            text,
            "### {}\n\n| metric | kind | labels | |\n| --- | --- | --- | --- |\n",
            group.title()
        );
        for metric in METRICS.iter().filter(|metric| metric.group == group) {
            let labels: Vec<String> =
                metric.labels.iter().map(|label| format!("`{label}`")).collect();
            let (name, kind, labels) = (metric.name, metric.kind.name(), labels.join(", "));
            let _ = writeln!(text, "| `{name}` | {kind} | {labels} | {} |", metric.help);
        }
        text.push('\n');
    }
    text
}
