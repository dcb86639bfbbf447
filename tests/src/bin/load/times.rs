//! What many durations have in common.

use std::time::Duration;

use serde_json::{Value, json};

/// Durations in any order.
#[derive(Debug, Default)]
pub struct Times(Vec<Duration>);

impl Times {
    pub fn push(&mut self, time: Duration) {
        self.0.push(time);
    }

    pub fn extend(&mut self, others: &Self) {
        self.0.extend(&others.0);
    }

    /// How many, and their quantiles in milliseconds; null when there are none.
    pub fn report(mut self) -> Value {
        self.0.sort_unstable();
        json!({
            "receipts": self.0.len(),
            "p50Ms": self.quantile(0.5),
            "p90Ms": self.quantile(0.9),
            "p99Ms": self.quantile(0.99),
            "maxMs": self.quantile(1.0),
        })
    }

    /// In a sorted list, the first that at least this part of all is not above.
    fn quantile(&self, part: f64) -> Option<f64> {
        let rank = (self.0.len() as f64 * part).ceil() as usize;
        self.0.get(rank.saturating_sub(1)).map(|time| time.as_secs_f64() * 1e3)
    }
}

#[cfg(test)]
mod tests;
