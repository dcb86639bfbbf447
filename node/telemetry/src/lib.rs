#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

mod alerts;
mod dashboard;
mod exposition;
mod histogram;
mod metric;
mod reference;
mod table;

pub use alerts::{ALERTS, Alert, Severity, rules};
pub use dashboard::dashboard;
pub use exposition::{CONTENT_TYPE, Exposition};
pub use histogram::{BOUNDS_MICROS, Histogram, HistogramCounts};
pub use metric::{Group, Kind, Metric, Unit};
pub use reference::reference;
pub use table::{METRICS, metrics};

/// The page for whoever an alert wakes: a part for each of [`ALERTS`].
pub const RUNBOOK: &str = include_str!("../runbook.md");

#[cfg(test)]
mod tests;
