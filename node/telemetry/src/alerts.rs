//! What an operator is told of, and the rules file that tells Prometheus.

use std::fmt::Write;

/// How soon somebody should look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Now: users are not served, or soon will not be.
    Page,
    /// Today.
    Ticket,
}

/// An alert. What to do about it is in [`RUNBOOK`](crate::RUNBOOK), under its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alert {
    /// Its name.
    pub name: &'static str,
    /// How soon somebody should look.
    pub severity: Severity,
    /// When it holds: a query over metrics of the table.
    pub expression: &'static str,
    /// For how long it has to hold, as Prometheus writes durations.
    pub lasting: &'static str,
    /// What is wrong, in one sentence.
    pub summary: &'static str,
}

impl Severity {
    /// The value of the label `severity`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Ticket => "ticket",
        }
    }
}

const fn alert(
    name: &'static str,
    severity: Severity,
    expression: &'static str,
    lasting: &'static str,
    summary: &'static str,
) -> Alert {
    Alert { name, severity, expression, lasting, summary }
}

use Severity::{Page, Ticket};

/// All alerts, in the order of the runbook.
pub static ALERTS: &[Alert] = &[
    alert(
        "MinsterDown",
        Page,
        r#"up{job="minster"} == 0"#,
        "1m",
        "The node does not answer on its admin port.",
    ),
    alert(
        "MinsterRestarting",
        Page,
        "changes(process_start_time_seconds[30m]) > 2",
        "0m",
        "The node has started more than twice in half an hour.",
    ),
    alert(
        "MinsterNotReady",
        Page,
        "minster_not_ready == 1",
        "5m",
        "The node says that it is not ready; the label reason says why.",
    ),
    alert(
        "MinsterExecutorStalled",
        Page,
        "minster_executor_age_seconds > 10",
        "30s",
        "The execution thread does not answer.",
    ),
    // What offers less than the base fee is pending too, and right so: the node then seals empty
    // blocks until the base fee has fallen to it, so that its waiting without blocks is a stall.
    // What waits for a missing nonce is queued, makes no blocks, and counts nothing here.
    alert(
        "MinsterChainStalled",
        Page,
        "minster_pool_transactions{state=\"pending\"} > 0 and on (instance) \
         time() - minster_block_timestamp_seconds > 60",
        "2m",
        "Transactions wait that make blocks, and no block is sealed.",
    ),
    alert(
        "MinsterReceiptsSlow",
        Ticket,
        "histogram_quantile(0.99, sum by (instance, le) \
         (rate(minster_receipt_seconds_bucket[5m]))) > 0.5",
        "10m",
        "One receipt of a hundred takes longer than half a second.",
    ),
    alert(
        "MinsterWalSyncSlow",
        Ticket,
        "histogram_quantile(0.99, sum by (instance, le) \
         (rate(minster_wal_sync_seconds_bucket[5m]))) > 0.1",
        "10m",
        "One sync of the write-ahead log of a hundred takes longer than 100 ms.",
    ),
    alert(
        "MinsterSealSlow",
        Ticket,
        "histogram_quantile(0.99, sum by (instance, le) \
         (rate(minster_block_seal_seconds_bucket[5m]))) > 0.5",
        "10m",
        "One block of a hundred takes longer than half a second to seal.",
    ),
    alert(
        "MinsterSnapshotsSkipped",
        Ticket,
        "increase(minster_snapshots_skipped_total[15m]) > 0",
        "30m",
        "No snapshot of the state succeeds: the log grows, and so does the time of a start.",
    ),
    alert(
        "MinsterPoolFull",
        Ticket,
        "increase(minster_transactions_refused_total{reason=\"pool_full\"}[5m]) > 0",
        "5m",
        "Transactions are refused because the pool is full.",
    ),
    alert(
        "MinsterRpcFailing",
        Page,
        "sum by (instance, method) (rate(minster_rpc_requests_total{outcome=\"failed\"}[5m])) > 0",
        "5m",
        "Requests fail for a reason of the node's own.",
    ),
    alert(
        "MinsterRpcLimited",
        Ticket,
        "sum by (instance) (rate(minster_rpc_requests_total{outcome=\"limited\"}[5m])) > 0.05 * \
         sum by (instance) (rate(minster_rpc_requests_total[5m]))",
        "10m",
        "More than one request of twenty is refused by a limit.",
    ),
    alert(
        "MinsterConnectionsRefused",
        Ticket,
        "rate(minster_rpc_connections_refused_total[5m]) > 0",
        "10m",
        "Connections are refused because there are too many.",
    ),
    alert(
        "MinsterBatcherHalted",
        Page,
        "minster_batcher_halted == 1",
        "0m",
        "A block fits no batch: nothing after it will be proven.",
    ),
    alert(
        "MinsterProofFailing",
        Page,
        "minster_batch_failed_attempts >= 3",
        "0m",
        "A batch has failed to be proven three times or more.",
    ),
    alert(
        "MinsterProofsLate",
        Ticket,
        "minster_batch_unproven_age_seconds > 7200",
        "10m",
        "The oldest batch without a proof is older than two hours.",
    ),
    alert(
        "MinsterProofBacklog",
        Ticket,
        "minster_proof_backlog_seconds > 10800",
        "10m",
        "The prover needs more than three hours for what is executed; tips are rising.",
    ),
    alert(
        "MinsterDiskFilling",
        Ticket,
        "predict_linear(minster_disk_free_bytes[6h], 24 * 3600) < 0",
        "1h",
        "At the rate of the last six hours the disk is full within a day.",
    ),
    alert(
        "MinsterDiskNearlyFull",
        Page,
        "minster_disk_free_bytes < 5 * 1024 * 1024 * 1024",
        "5m",
        "Less than 5 GiB are left on the disk of the data directory.",
    ),
    alert(
        "MinsterFilesRunningOut",
        Ticket,
        "process_open_fds > 0.8 * process_max_fds",
        "10m",
        "Four fifths of the files and sockets that the process may open are open.",
    ),
];

/// The rules file: YAML, its strings quoted as in JSON.
#[must_use]
pub fn rules() -> String {
    let mut text = String::from("groups:\n  - name: \"minster\"\n    rules:\n");
    for alert in ALERTS {
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "      - alert: {}\n        expr: {}\n        for: {}\n        labels:\n          \
             severity: {}\n        annotations:\n          summary: {}\n          runbook: {}\n",
            quoted(alert.name),
            quoted(alert.expression),
            quoted(alert.lasting),
            quoted(alert.severity.name()),
            quoted(alert.summary),
            quoted(&format!("minster ops runbook {}", alert.name)),
        );
    }
    text
}
