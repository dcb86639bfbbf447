//! All metrics of a node. Reference page, dashboard and alerts come of this table, and whoever
//! answers a scrape names its rows.

use crate::{Group::*, Kind::*, Metric, Unit::*};

macro_rules! table {
    ($(
        $row:ident: $name:literal $kind:ident $unit:ident $group:ident $labels:tt
        $help:literal;
    )*) => {
        /// The rows of the table by name.
        pub mod metrics {
            use super::*;
            $(
                #[doc = $help]
                pub static $row: Metric = Metric {
                    name: $name,
                    kind: $kind,
                    unit: $unit,
                    group: $group,
                    labels: &$labels,
                    help: $help,
                };
            )*
        }

        /// All metrics, in the order in which they are shown.
        pub static METRICS: &[&Metric] = &[$(&metrics::$row),*];
    };
}

table! {
    BUILD: "minster_build_info" Info Count Node ["version"]
        "The version of the program.";
    NOT_READY: "minster_not_ready" Gauge Truth Node ["reason"]
        "Whether this reason keeps the node from being ready.";
    EXECUTOR_AGE: "minster_executor_age_seconds" Gauge Seconds Node []
        "Time since the execution thread last went round its loop; it does so ten times a second.";
    START_TIME: "process_start_time_seconds" Gauge Timestamp Node []
        "When the process started.";

    ACCEPTED: "minster_transactions_accepted_total" Counter Count Transactions []
        "Transactions that were taken into the pool.";
    REFUSED: "minster_transactions_refused_total" Counter Count Transactions ["reason"]
        "Transactions that were not taken into the pool.";
    EXECUTED: "minster_transactions_executed_total" Counter Count Transactions []
        "Transactions in durable slices.";
    RECEIPT: "minster_receipt_seconds" Histogram Seconds Transactions []
        "Time from a transaction's submission until its receipt is durable.";
    POOL: "minster_pool_transactions" Gauge Count Transactions ["state"]
        "Transactions in the pool: pending, whatever they pay, or queued behind a missing nonce.";
    POOL_BYTES: "minster_pool_bytes" Gauge Bytes Transactions []
        "Bytes of the transactions in the pool.";
    POOL_TIP_MIN: "minster_pool_tip_min_wei" Gauge Wei Transactions []
        "Smallest tip that the pool takes; it rises when the prover is behind.";

    SLICES: "minster_slices_total" Counter Count Chain []
        "Durable slices.";
    BLOCKS: "minster_blocks_total" Counter Count Chain []
        "Sealed blocks since the node started.";
    BLOCK_NUMBER: "minster_block_number" Gauge Count Chain []
        "Number of the last sealed block.";
    BLOCK_OLDEST: "minster_block_oldest" Gauge Count Chain []
        "Number of the oldest block that is kept besides genesis; 0 when all are.";
    INDEX: "minster_index_transactions" Gauge Count Chain []
        "Transactions that are found by their hash; each takes 16 bytes of disk and 2 of memory.";
    BLOCK_TIMESTAMP: "minster_block_timestamp_seconds" Gauge Timestamp Chain []
        "Timestamp of the last sealed block. A chain without transactions seals none.";
    BLOCK_GAS: "minster_block_gas_used" Gauge Gas Chain []
        "Gas that the last sealed block used.";
    BLOCK_GAS_LIMIT: "minster_block_gas_limit" Gauge Gas Chain []
        "Gas limit of the last sealed block.";
    GAS: "minster_gas_used_total" Counter Gas Chain []
        "Gas that sealed blocks used since the node started.";
    BASE_FEE: "minster_block_base_fee_wei" Gauge Wei Chain []
        "Base fee of the last sealed block, per gas.";
    SEAL: "minster_block_seal_seconds" Histogram Seconds Chain []
        "Time from a block's last transaction until its hash is known; execution waits for it.";
    WAL_SYNC: "minster_wal_sync_seconds" Histogram Seconds Chain []
        "Time of one write to the write-ahead log with its sync.";
    SNAPSHOTS_SKIPPED: "minster_snapshots_skipped_total" Counter Count Chain []
        "Snapshots that came to nothing, because the state changed faster than it was copied.";

    RPC_REQUESTS: "minster_rpc_requests_total" Counter Count Rpc ["method", "outcome"]
        "Requests: ok, refused as wrong, refused by a limit, or failed for a reason of the node's.";
    RPC_SECONDS: "minster_rpc_request_seconds" Histogram Seconds Rpc ["method"]
        "Time from a request's parsing to its answer.";
    RPC_CONNECTIONS: "minster_rpc_connections" Gauge Count Rpc []
        "Open connections.";
    RPC_CONNECTIONS_REFUSED: "minster_rpc_connections_refused_total" Counter Count Rpc []
        "Connections that were refused because there were too many.";
    RPC_SUBSCRIPTIONS: "minster_rpc_subscriptions" Gauge Count Rpc []
        "Open subscriptions.";

    BATCHES_SEALED: "minster_batches_sealed_total" Counter Count Batches []
        "Sealed batches since genesis.";
    BATCHES_PROVEN: "minster_batches_proven_total" Counter Count Batches []
        "Batches since genesis that have a proof.";
    BATCHES_UNPROVEN: "minster_batches_unproven" Gauge Count Batches []
        "Sealed batches without a proof: how many batches the prover is behind.";
    BATCH_AGE: "minster_batch_unproven_age_seconds" Gauge Seconds Batches []
        "Age of the oldest sealed batch without a proof: how many seconds the prover is behind.";
    BATCHES_LENT: "minster_batches_lent" Gauge Count Batches []
        "Batches that are lent to provers elsewhere.";
    BLOCKS_UNBATCHED: "minster_blocks_unbatched" Gauge Count Batches []
        "Sealed blocks that are in no batch.";
    BATCH_ATTEMPTS: "minster_batch_failed_attempts" Gauge Count Batches []
        "How often the first batch failed to be proven that has no proof for that reason; else 0.";
    BATCHER_HALTED: "minster_batcher_halted" Gauge Truth Batches []
        "Whether no more batches are made, because a block fits none.";
    BATCHER_AGE: "minster_batcher_age_seconds" Gauge Seconds Batches []
        "Time since the batcher last went round its loop: a second, or what a batch takes.";
    BACKLOG: "minster_proof_backlog_seconds" Gauge Seconds Batches []
        "Time that the prover needs for all that is executed and not proven.";
    BACKLOG_CYCLES: "minster_proof_backlog_cycles" Gauge Cycles Batches []
        "Proving cost of all that is executed and not proven.";
    PROVER_SPEED: "minster_prover_cycles_per_second" Gauge Cycles Batches []
        "How fast proofs were made of late, or before the first one are assumed to be.";
    PROVER_SECONDS: "minster_prover_seconds_total" Counter Seconds Batches []
        "Time that the proofs took which were kept since the node started.";

    DIRECTORY: "minster_directory_bytes" Gauge Bytes Resources ["folder"]
        "Bytes of files in the data directory, by folder; wal is the write-ahead log.";
    DISK_FREE: "minster_disk_free_bytes" Gauge Bytes Resources []
        "Bytes that the node may still write on the disk of the data directory.";
    MEMORY: "process_resident_memory_bytes" Gauge Bytes Resources []
        "Resident memory of the process, without that of the prover's process.";
    CPU: "process_cpu_seconds_total" Counter Seconds Resources []
        "Time on a processor, without that of the prover's process.";
    OPEN_FILES: "process_open_fds" Gauge Count Resources []
        "Open files and sockets.";
    OPEN_FILES_MAX: "process_max_fds" Gauge Count Resources []
        "Limit of open files and sockets.";
}
