//! The answer to a scrape, in the text format of OpenMetrics.

use std::fmt;

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, MetricEncoder, NoLabelSet, text},
    metrics::{MetricType, exemplar::Exemplar},
    registry::Registry,
};

use crate::{BOUNDS_MICROS, HistogramCounts, Kind, Metric};

/// What the answer's content type is.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Values of metrics, as they come.
#[derive(Debug, Default)]
pub struct Exposition {
    families: Vec<Family>,
}

#[derive(Debug)]
struct Family {
    metric: &'static Metric,
    samples: Vec<Sample>,
}

#[derive(Debug)]
struct Sample {
    /// One value for each label of the metric.
    labels: Vec<(&'static str, String)>,
    value: Value,
}

#[derive(Debug)]
enum Value {
    Number(f64),
    Durations(Box<HistogramCounts>),
}

impl Exposition {
    /// The value of a counter, a gauge or an info; `labels` are the values of its labels, in the
    /// order of the table.
    pub fn number(&mut self, metric: &'static Metric, labels: &[&str], value: f64) {
        self.add(metric, labels, Value::Number(value));
    }

    /// The same of a whole number. Beyond 2^53 it is rounded.
    pub fn count(&mut self, metric: &'static Metric, labels: &[&str], value: u64) {
        self.number(metric, labels, value as f64);
    }

    /// The durations of a histogram.
    pub fn durations(&mut self, metric: &'static Metric, labels: &[&str], counts: HistogramCounts) {
        self.add(metric, labels, Value::Durations(Box::new(counts)));
    }

    fn add(&mut self, metric: &'static Metric, values: &[&str], value: Value) {
        debug_assert_eq!(metric.labels.len(), values.len(), "labels of {}", metric.name);
        let values = values.iter().map(|value| (*value).to_owned());
        let sample = Sample { labels: metric.labels.iter().copied().zip(values).collect(), value };
        match self.families.iter_mut().find(|family| std::ptr::eq(family.metric, metric)) {
            Some(family) => family.samples.push(sample),
            None => self.families.push(Family { metric, samples: vec![sample] }),
        }
    }

    /// The text.
    ///
    /// # Errors
    /// Never but by a fault of the formatter.
    pub fn encode(self) -> Result<String, fmt::Error> {
        let mut registry = Registry::default();
        registry.register_collector(Box::new(self));
        let mut text = String::new();
        text::encode(&mut text, &registry)?;
        Ok(text)
    }
}

impl Collector for Exposition {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        for Family { metric, samples } in &self.families {
            let kind = match metric.kind {
                Kind::Counter => MetricType::Counter,
                Kind::Gauge => MetricType::Gauge,
                Kind::Histogram => MetricType::Histogram,
                Kind::Info => MetricType::Info,
            };
            let family = metric.family();
            let mut encoder = encoder.encode_descriptor(family, metric.help, None, kind)?;
            for sample in samples {
                sample.encode(metric.kind, &mut encoder)?;
            }
        }
        Ok(())
    }
}

impl Sample {
    fn encode(&self, kind: Kind, encoder: &mut MetricEncoder<'_>) -> fmt::Result {
        let labels = self.labels.as_slice();
        match (&self.value, kind) {
            (Value::Number(_), Kind::Info) => encoder.encode_info(&labels),
            (value, _) if labels.is_empty() => value.encode(kind, encoder),
            (value, _) => value.encode(kind, &mut encoder.encode_family(&labels)?),
        }
    }
}

impl Value {
    fn encode(&self, kind: Kind, encoder: &mut MetricEncoder<'_>) -> fmt::Result {
        match self {
            Self::Number(value) if kind == Kind::Counter => {
                encoder.encode_counter(value, None::<&Exemplar<NoLabelSet, f64>>)
            }
            Self::Number(value) => encoder.encode_gauge(value),
            Self::Durations(counts) => {
                let bounds = BOUNDS_MICROS.iter().map(|micros| *micros as f64 / 1e6);
                let buckets = bounds.zip(counts.buckets);
                // A bucket without a bound.
                let last = std::iter::once((f64::INFINITY, counts.unbounded));
                let buckets: Vec<(f64, u64)> = buckets.chain(last).collect();
                let sum = counts.sum.as_secs_f64();
                encoder.encode_histogram::<NoLabelSet>(sum, counts.total(), &buckets, None)
            }
        }
    }
}
