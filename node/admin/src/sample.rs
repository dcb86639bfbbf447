//! The values of all metrics, taken when somebody asks.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use minster_batcher::{Batches, Summary};
use minster_rpc::{Outcome, RpcMetrics};
use minster_sequencer::Sequencer;
use minster_telemetry::{Exposition, metrics};

use crate::{Reason, process, state::State};

/// Takes all values. Those of parts that do not run are left out.
pub(crate) fn sample(state: &State) -> Exposition {
    let mut exposition = Exposition::default();
    let out = &mut exposition;
    out.count(&metrics::BUILD, &[env!("CARGO_PKG_VERSION")], 1);
    let reasons = state.reasons();
    for reason in Reason::ALL {
        let holds = u64::from(reasons.contains(&reason));
        out.count(&metrics::NOT_READY, &[reason.name()], holds);
    }
    out.number(&metrics::START_TIME, &[], since_1970(state.started).as_secs_f64());
    let sources = state.sources();
    if let Some(sources) = &sources {
        transactions(out, &sources.sequencer);
        chain(out, &sources.sequencer);
        rpc(out, &sources.rpc);
        if let Some(batches) = &sources.batches {
            proving(out, batches);
            let age = sources.sequencer.stats().snapshot().batcher_age;
            out.number(&metrics::BATCHER_AGE, &[], age.as_secs_f64());
        }
        for (folder, bytes) in state.folders(sources).unwrap_or_default() {
            out.count(&metrics::DIRECTORY, &[folder], bytes);
        }
        if let Some(disk) = state.disk(sources) {
            out.count(&metrics::DISK_FREE, &[], disk.free_bytes);
        }
    }
    resources(out);
    exposition
}

fn transactions(out: &mut Exposition, sequencer: &Sequencer) {
    let stats = sequencer.stats().snapshot();
    out.count(&metrics::ACCEPTED, &[], stats.accepted);
    for (reason, count) in stats.refused {
        out.count(&metrics::REFUSED, &[reason.name()], count);
    }
    out.count(&metrics::EXECUTED, &[], stats.transactions);
    out.durations(&metrics::RECEIPT, &[], stats.receipts);
    let pool = sequencer.pool().status();
    let whole = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    out.count(&metrics::POOL, &["pending"], whole(pool.pending));
    out.count(&metrics::POOL, &["queued"], whole(pool.queued));
    out.count(&metrics::POOL_BYTES, &[], whole(pool.bytes));
    out.number(&metrics::POOL_TIP_MIN, &[], sequencer.pool().tip_min() as f64);
}

fn chain(out: &mut Exposition, sequencer: &Sequencer) {
    let stats = sequencer.stats().snapshot();
    out.number(&metrics::EXECUTOR_AGE, &[], stats.executor_age.as_secs_f64());
    out.count(&metrics::SLICES, &[], stats.slices);
    out.count(&metrics::BLOCKS, &[], stats.blocks);
    out.count(&metrics::GAS, &[], stats.gas_used);
    out.durations(&metrics::SEAL, &[], stats.seals);
    out.durations(&metrics::WAL_SYNC, &[], stats.syncs);
    out.count(&metrics::SNAPSHOTS_SKIPPED, &[], stats.snapshots_skipped);
    let block = sequencer.chain().latest();
    let header = &block.header;
    out.count(&metrics::BLOCK_NUMBER, &[], header.number);
    out.count(&metrics::BLOCK_OLDEST, &[], sequencer.chain().oldest_block());
    out.count(&metrics::INDEX, &[], sequencer.chain().indexed());
    out.count(&metrics::BLOCK_TIMESTAMP, &[], header.timestamp);
    out.count(&metrics::BLOCK_GAS, &[], header.gas_used);
    out.count(&metrics::BLOCK_GAS_LIMIT, &[], header.gas_limit);
    out.count(&metrics::BASE_FEE, &[], header.base_fee_per_gas.unwrap_or_default());
}

fn rpc(out: &mut Exposition, rpc: &RpcMetrics) {
    for (name, method) in rpc.methods() {
        for outcome in Outcome::ALL {
            let count = method.count(outcome);
            out.count(&metrics::RPC_REQUESTS, &[name, outcome.name()], count);
        }
        out.durations(&metrics::RPC_SECONDS, &[name], method.latency().counts());
    }
    out.count(&metrics::RPC_CONNECTIONS, &[], rpc.connections());
    out.count(&metrics::RPC_CONNECTIONS_REFUSED, &[], rpc.connections_refused());
    out.count(&metrics::RPC_SUBSCRIPTIONS, &[], rpc.subscriptions());
}

fn proving(out: &mut Exposition, batches: &Batches) {
    let summary = batches.summary();
    out.count(&metrics::BATCHES_SEALED, &[], summary.sealed);
    out.count(&metrics::BATCHES_PROVEN, &[], summary.proven);
    out.count(&metrics::BATCHES_UNPROVEN, &[], summary.sealed.saturating_sub(summary.proven));
    out.number(&metrics::BATCH_AGE, &[], unproven_age(batches, &summary).as_secs_f64());
    out.count(&metrics::BATCHES_LENT, &[], u64::try_from(summary.lent).unwrap_or(u64::MAX));
    out.count(&metrics::BLOCKS_UNBATCHED, &[], summary.unbatched_blocks);
    let attempts = summary.failing.map_or(0, |(_, failure)| failure.attempts);
    out.count(&metrics::BATCH_ATTEMPTS, &[], attempts.into());
    out.count(&metrics::BATCHER_HALTED, &[], summary.halted.is_some().into());
    out.number(&metrics::BACKLOG, &[], summary.backlog.as_secs_f64());
    out.count(&metrics::BACKLOG_CYCLES, &[], summary.unproven_cycles);
    out.count(&metrics::PROVER_SPEED, &[], summary.cycles_per_second);
    out.number(&metrics::PROVER_SECONDS, &[], summary.proving_time.as_secs_f64());
}

/// Age of the first batch without a proof. A head that cannot be read is an error of the disk,
/// which the batcher and the prover meet too.
fn unproven_age(batches: &Batches, summary: &Summary) -> Duration {
    let sealed_at = match batches.head(summary.first_unproven) {
        Ok(Some(head)) => Duration::from_millis(head.sealed_at_ms),
        Ok(None) => return Duration::ZERO,
        Err(error) => {
            tracing::warn!(%error, "the age of the first unproven batch is not known");
            return Duration::ZERO;
        }
    };
    since_1970(SystemTime::now()).saturating_sub(sealed_at)
}

fn resources(out: &mut Exposition) {
    let process = process::this();
    let whole = [
        (&metrics::MEMORY, process.resident_bytes),
        (&metrics::OPEN_FILES, process.open_files),
        (&metrics::OPEN_FILES_MAX, process.open_files_max),
    ];
    for (metric, value) in whole {
        if let Some(value) = value {
            out.count(metric, &[], value);
        }
    }
    if let Some(seconds) = process.cpu_seconds {
        out.number(&metrics::CPU, &[], seconds);
    }
}

fn since_1970(time: SystemTime) -> Duration {
    time.duration_since(UNIX_EPOCH).unwrap_or_default()
}
