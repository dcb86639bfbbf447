//! `minster prove --from`: proves segments of a run that another process shares.

use std::time::Instant;

use eyre::Report as Failure;
use minster_prover::share::{Patience, Place, Recipe, Work, WorkProgress};
use serde_json::json;

use crate::zkvm::{
    interrupt::Leftovers,
    process, program,
    progress::ProgressLine,
    text::{Report, grouped_size},
};

/// Works until the run is proven.
pub fn run(place: &Place, json: bool, quiet: bool) -> eyre::Result<()> {
    let started = Instant::now();
    let report = Report::new(json, quiet, None);
    let line = ProgressLine::new(quiet);
    let leftovers = Leftovers::watch()?;
    line.note(&format!("looking for a coordinator at {place}"));
    let mut proven = Vec::new();
    let io = |recipe: &Recipe| program::io_of(recipe.input.clone(), recipe.hints.clone());
    let work = Work { place, io: &io, patience: Patience::default() };
    let worked = work.run(|progress| match progress {
        WorkProgress::Connected { leftover } => leftovers.add(leftover),
        WorkProgress::Started { elf_size, input_size } => line.note(&format!(
            "the job: a program of {} bytes and an input of {} bytes",
            grouped_size(elf_size),
            grouped_size(input_size)
        )),
        WorkProgress::Taken { segment } => line.note(&format!("segment {segment}: proving")),
        WorkProgress::Proven { segment, size, elapsed } => {
            let seconds = elapsed.as_secs_f64();
            let size_shown = grouped_size(size);
            line.note(&format!("segment {segment}: proven in {seconds:.2} s, {size_shown} bytes"));
            proven.push(json!({"segment": segment, "bytes": size, "seconds": seconds}));
        }
    });
    worked.map_err(|error| Failure::from(error).wrap_err("--from"))?;
    let seconds = started.elapsed().as_secs_f64();
    let count = proven.len();
    let as_json = || {
        json!({
            "segments": proven,
            "seconds": seconds,
            "cpuSeconds": process::cpu_seconds(),
            "peakMemoryBytes": process::peak_memory_bytes(),
        })
    };
    let plural = if count == 1 { "" } else { "s" };
    let as_text =
        || format!("the run is proven; this worker sent {count} segment{plural}: {seconds:.2} s\n");
    report.print(as_json, as_text);
    Ok(())
}
