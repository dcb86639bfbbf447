//! The status line: what the chain is doing, quietly.

use std::{
    io::{IsTerminal, Write},
    time::{Duration, Instant},
};

use minster_batcher::{Batches, Summary};
use minster_sequencer::Sequencer;

const INTERVAL: Duration = Duration::from_secs(1);

/// Rewrites one line a second on a terminal; elsewhere logs a line when blocks were sealed.
pub async fn run(sequencer: Sequencer, batches: Option<Batches>, json: bool) {
    let is_terminal = !json && std::io::stderr().is_terminal();
    let mut ticks = tokio::time::interval(INTERVAL);
    let mut last = (Instant::now(), sequencer.stats().snapshot());
    loop {
        ticks.tick().await;
        let now = (Instant::now(), sequencer.stats().snapshot());
        let seconds = now.0.duration_since(last.0).as_secs_f64();
        let transactions = now.1.transactions - last.1.transactions;
        let rate = if seconds > 0.0 { transactions as f64 / seconds } else { 0.0 };
        let block = sequencer.chain().latest().number();
        let pool = sequencer.pool().status();
        let latency = sequencer.stats().latency();
        let (p50, p99) =
            latency.map_or((0.0, 0.0), |latency| (millis(latency.p50), millis(latency.p99)));
        if is_terminal {
            let pooled = pool.pending + pool.queued;
            let line = format!(
                "block {block} | {rate:.0} tx/s | pool {pooled} | \
                 receipt p50 {p50:.1} ms, p99 {p99:.1} ms | {}",
                batches.as_ref().map_or_else(|| "proofs off".to_owned(), |b| proofs(&b.summary()))
            );
            let mut out = std::io::stderr().lock();
            let _ = write!(out, "\r\x1b[2K{line}");
            let _ = out.flush();
        } else if now.1.blocks > last.1.blocks {
            tracing::info!(
                block,
                transactions,
                pool = pool.pending + pool.queued,
                receipt_p50_ms = p50,
                receipt_p99_ms = p99,
                "sealed"
            );
        }
        last = now;
    }
}

/// What is proven, what is being proven, and what waits.
fn proofs(summary: &Summary) -> String {
    let Summary { sealed, proven, proving, failing, halted, backlog, .. } = summary;
    let waiting = sealed.saturating_sub(*proven);
    let mut line = format!("batches: {proven} proven, {waiting} not yet");
    // Also of blocks that are in no batch yet.
    if !backlog.is_zero() {
        line.push_str(&format!(", {} behind", behind(*backlog)));
    }
    if let Some(proving) = proving {
        let percent = 100 * proving.cycles / proving.cycles_total.max(1);
        line.push_str(&format!(", {} at {percent} %", proving.batch));
    }
    if let Some((batch, failure)) = failing {
        line.push_str(&format!(", {batch} failed {} times", failure.attempts));
    }
    if halted.is_some() {
        line.push_str(", halted");
    }
    line
}

/// How long the prover needs for what is not proven, as exact as anybody reads it.
fn behind(backlog: Duration) -> String {
    let seconds = backlog.as_secs();
    match seconds {
        0..60 => format!("{} s", seconds.max(1)),
        60..3_600 => format!("{} min", seconds / 60),
        _ => format!("{} h {} min", seconds / 3_600, seconds / 60 % 60),
    }
}

fn millis(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 10_000.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_how_far_proofs_are_behind() {
        for (seconds, expected) in
            [(0, "1 s"), (59, "59 s"), (60, "1 min"), (3_599, "59 min"), (9_000, "2 h 30 min")]
        {
            assert_eq!(behind(Duration::from_secs(seconds)), expected);
        }
        let summary = Summary { sealed: 7, proven: 5, ..Summary::default() };
        assert_eq!(proofs(&summary), "batches: 5 proven, 2 not yet");
        let summary = Summary { backlog: Duration::from_secs(130), ..summary };
        assert_eq!(proofs(&summary), "batches: 5 proven, 2 not yet, 2 min behind");
    }
}
