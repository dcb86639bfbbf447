//! What is said of a metric beside its value.

/// A metric: everything but the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metric {
    /// The name as queries have it; of a counter with its `_total`.
    pub name: &'static str,
    /// What kind of number it is.
    pub kind: Kind,
    /// What it is counted in.
    pub unit: Unit,
    /// Where it stands on the dashboard and on the reference page.
    pub group: Group,
    /// Names of its labels. The values of each are a closed set.
    pub labels: &'static [&'static str],
    /// What it says, in one sentence.
    pub help: &'static str,
}

/// What kind of number a metric is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only grows while the process lives.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Durations by bucket.
    Histogram,
    /// Always 1; the labels are what is said.
    Info,
}

/// What a metric is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Things.
    Count,
    /// Seconds.
    Seconds,
    /// Seconds since 1970.
    Timestamp,
    /// Bytes.
    Bytes,
    /// Wei, or wei per gas.
    Wei,
    /// Gas.
    Gas,
    /// Cycle-equivalents of the proving meter, or so many a second.
    Cycles,
    /// 0 or 1.
    Truth,
}

/// A row of the dashboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Whether the node serves, and which it is.
    Node,
    /// What users send.
    Transactions,
    /// Slices, blocks and the log.
    Chain,
    /// JSON-RPC.
    Rpc,
    /// Batches and their proofs.
    Batches,
    /// Disk and memory.
    Resources,
}

impl Kind {
    /// As OpenMetrics has it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
            Self::Info => "info",
        }
    }
}

impl Group {
    /// All of them, in the order of the dashboard.
    pub const ALL: [Self; 6] =
        [Self::Node, Self::Transactions, Self::Chain, Self::Rpc, Self::Batches, Self::Resources];

    /// What a reader sees.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Node => "Node",
            Self::Transactions => "Transactions",
            Self::Chain => "Chain",
            Self::Rpc => "JSON-RPC",
            Self::Batches => "Batches and proofs",
            Self::Resources => "Disk and memory",
        }
    }
}

impl Metric {
    /// The name without the ending that its kind adds to every sample.
    #[must_use]
    pub fn family(&self) -> &'static str {
        let ending = match self.kind {
            Kind::Counter => "_total",
            Kind::Info => "_info",
            Kind::Gauge | Kind::Histogram => "",
        };
        self.name.strip_suffix(ending).unwrap_or(self.name)
    }
}
