//! `minster prove`: a proof of a run.

use std::{collections::BTreeMap, fmt::Write, path::Path, time::Instant};

use eyre::{Report as Failure, WrapErr, bail, eyre};
use minster_emulator::{Io, Outcome};
use minster_prover::{
    Progress, ProveError, Prover, RunOptions, security::proven_security, share::Recipe,
};
use minster_riscv::Program;
use minster_verifier::OUTPUT_SIZE_MAX;
use p3_field::{Field, PackedValue};
use serde_json::{Value, json};

use crate::{
    cli::{self, Guest, Prove},
    zkvm::{
        files::{self, Sink},
        interrupt::Leftovers,
        phases::{Phase, PhaseTimes},
        process,
        profile::{self, TableCost},
        program,
        progress::{ProgressLine, State},
        share::Shared,
        text::{self, Report, grouped, grouped_size},
        work,
    },
};

/// Elements of the field that one instruction of this build computes with.
const PACKED_WIDTH: usize = <<minster_machine::F as Field>::Packing as PackedValue>::WIDTH;

/// Proves a run and writes the proof, or helps to.
pub fn run(arguments: Prove) -> eyre::Result<()> {
    if let Some(threads) = arguments.threads {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.get());
        pool.build_global().wrap_err("start the threads of the prover")?;
    }
    if let Some(place) = &arguments.from {
        return work::run(place, arguments.json, arguments.quiet);
    }
    let (Some(elf), Some(out)) = (&arguments.elf, &arguments.out) else {
        cli::refuse("a proof needs --elf and --out");
    };
    prove_run(&arguments, Guest { elf: elf.clone(), given: arguments.given.clone() }, out)
}

fn prove_run(arguments: &Prove, guest: Guest, out: &Path) -> eyre::Result<()> {
    let started = Instant::now();
    let report = Report::new(arguments.json, false, Some(out));
    let line = ProgressLine::new(arguments.quiet);
    let mut sink = Sink::create(out).wrap_err("--out")?;
    let leftovers = Leftovers::watch()?;
    leftovers.add(sink.draft_path());
    let phases = match arguments.profile || arguments.json {
        true => Some(PhaseTimes::listen()?),
        false => None,
    };
    let inputs = program::io(&guest)?;
    let (program, elf) = program::load_with_bytes(&guest.elf)?;
    line.note(&machine_line());
    let rehearsal = Instant::now();
    let outcome = rehearse(&program, &inputs, guest.given.max_cycles)?;
    let mut made = Made { rehearsal: rehearsal.elapsed().as_secs_f64(), ..Made::default() };
    line.note(&format!("the program halts after {} cycles; proving", grouped(outcome.cycles)));
    let keying = Instant::now();
    let prover = Prover::new(program)?;
    made.key = keying.elapsed().as_secs_f64();
    let segment_cycles_max = arguments.cycles_per_segment.unwrap_or(u32::MAX);
    match &arguments.share {
        Some(place) => {
            let Io { input, hints, .. } = inputs;
            let hints = guest.given.hints.map(|_| hints);
            let cycles_max = outcome.cycles;
            let recipe = Recipe { elf, input, hints, cycles_max, segment_cycles_max };
            let (proves, recipe) = (!arguments.share_only, &recipe);
            let (prover, leftovers, line) = (&prover, &leftovers, &line);
            let shared = Shared { prover, recipe, place, proves, leftovers, line };
            shared.prove(&outcome, &mut sink, &mut made)?;
        }
        None => {
            let cycles_max = outcome.cycles;
            let options = RunOptions { cycles_max, segment_cycles_max, ..RunOptions::default() };
            prove(&prover, (inputs, options), &mut sink, &line, &mut made)?;
        }
    }
    let summary = Summary {
        proof_bytes: sink.finish()?,
        bits: proven_security(prover.key()).bits(),
        digest: text::digest(prover.key().digest()),
        seconds: started.elapsed().as_secs_f64(),
        cpu_seconds: process::cpu_seconds(),
        peak_memory: process::peak_memory_bytes(),
        path: match files::is_standard(out) {
            true => "standard output".to_owned(),
            false => out.display().to_string(),
        },
        outcome,
        made,
        phases,
    };
    report.print(|| summary.as_json(), || summary.as_text(arguments.profile));
    Ok(())
}

/// What this build and this machine compute with, and a warning if that is slow.
fn machine_line() -> String {
    let threads = rayon::current_num_threads();
    let line = format!("packed field width {PACKED_WIDTH}, {threads} threads");
    match PACKED_WIDTH {
        1 => format!(
            "{line}\nwarning: this build computes with one field element at a time, which is \
             several times slower: build with target-cpu=native on a machine with AVX2, AVX-512 \
             or NEON"
        ),
        _ => line,
    }
}

/// Runs the program without a proof: failures show now, and the length of the run is known.
fn rehearse(program: &Program, io: &Io, cycles_max: u64) -> eyre::Result<Outcome> {
    let text_handler = Some(program::debug_text());
    let (input, hints) = (io.input.clone(), io.hints.clone());
    let hint_handler = io.hint_handler.as_ref().map(|_| program::advice_handler());
    let io = Io { input, hints, hint_handler, text_handler };
    let outcome = minster_emulator::run(program, io, cycles_max)
        .map_err(|error| program::stopped(program, error))?;
    if let Err(error) = program::check_exit_code(outcome.exit_code) {
        bail!("{error}: only a run that ends with 0 is proven, so there is no proof");
    }
    if outcome.output.len() > OUTPUT_SIZE_MAX {
        bail!(
            "the program makes {} bytes public, and a proof has room for {}: commit a hash of them",
            grouped_size(outcome.output.len()),
            grouped_size(OUTPUT_SIZE_MAX)
        );
    }
    Ok(outcome)
}

fn prove(
    prover: &Prover,
    (io, options): (Io, RunOptions),
    sink: &mut Sink,
    line: &ProgressLine,
    made: &mut Made,
) -> eyre::Result<()> {
    let mut state = State { cycles: options.cycles_max, ..State::default() };
    made.tables = profile::tables(prover.key());
    let proved = prover.prove_into(io, options, sink, |progress| {
        let is_proven = matches!(progress, Progress::Proven { .. });
        made.take(prover, progress, &mut state);
        line.update(&state, is_proven);
    });
    line.end();
    proved.map(drop).map_err(|error| failure(prover.program(), error))
}

/// Why a run was not proven, in one sentence.
pub fn failure(program: &Program, error: ProveError) -> Failure {
    match error {
        ProveError::Run(error) => program::stopped(program, error),
        error @ (ProveError::Stark { .. } | ProveError::Unsound(_) | ProveError::Foreign(_)) => {
            eyre!("{error}; this is a fault of the prover: please report it with the program")
        }
        error => error.into(),
    }
}

/// A segment of the proof.
#[derive(Debug, Clone, Default)]
pub struct SegmentReport {
    pub shape: &'static str,
    pub cycles: u64,
    pub seconds: f64,
    pub bytes: usize,
    /// Who proved it, if not this process.
    pub worker: Option<String>,
}

/// What became known while proving.
#[derive(Debug, Default)]
pub struct Made {
    rehearsal: f64,
    key: f64,
    execute: f64,
    trace: f64,
    pub segments: Vec<SegmentReport>,
    tables: Vec<TableCost>,
}

impl Made {
    fn take(&mut self, prover: &Prover, progress: Progress, state: &mut State) {
        match progress {
            Progress::Executed { cycles, shape, used, execution, filling, .. } => {
                let before = std::mem::replace(&mut state.cycles_executed, cycles);
                state.segments_executed += 1;
                self.execute += execution.as_secs_f64();
                self.trace += filling.as_secs_f64();
                let cycles = cycles - before;
                self.segments.push(SegmentReport { shape, cycles, ..SegmentReport::default() });
                profile::add_segment(&mut self.tables, prover.key(), shape, &used);
            }
            Progress::Proven { segment, size, elapsed } => {
                let index = usize::try_from(segment).unwrap_or(usize::MAX);
                if let Some(report) = self.segments.get_mut(index) {
                    (report.bytes, report.seconds) = (size, elapsed.as_secs_f64());
                    state.cycles_proven += report.cycles;
                }
                state.segments_proven += 1;
                state.proof_bytes += u64::try_from(size).unwrap_or(u64::MAX);
            }
        }
    }
}

impl Made {
    /// How many segments have which shape.
    fn shapes(&self) -> String {
        let mut counts = BTreeMap::new();
        for segment in &self.segments {
            *counts.entry(segment.shape).or_insert(0) += 1;
        }
        let counts = counts.iter().map(|(shape, count)| format!("{count} {shape}"));
        counts.collect::<Vec<_>>().join(", ")
    }
}

/// Everything to report.
struct Summary {
    outcome: Outcome,
    proof_bytes: u64,
    bits: f64,
    made: Made,
    phases: Option<PhaseTimes>,
    digest: String,
    path: String,
    seconds: f64,
    cpu_seconds: Option<f64>,
    peak_memory: Option<u64>,
}

impl Summary {
    fn cycles_per_cpu_second(&self) -> Option<f64> {
        self.cpu_seconds.filter(|seconds| *seconds > 0.0).map(|s| self.outcome.cycles as f64 / s)
    }

    /// Seconds by phase, in their order.
    fn phase_seconds(&self) -> Vec<(&'static str, f64)> {
        let made = &self.made;
        let mut seconds = vec![("rehearsal", made.rehearsal), ("key", made.key)];
        seconds.extend([("execute", made.execute), ("trace", made.trace)]);
        if let Some(phases) = &self.phases {
            seconds.extend(Phase::ALL.map(|phase| (phase.name(), phases.seconds(phase))));
        }
        seconds
    }

    fn as_json(&self) -> Value {
        let made = &self.made;
        let phases: serde_json::Map<String, Value> =
            self.phase_seconds().into_iter().map(|(name, s)| (name.to_owned(), s.into())).collect();
        let segment = |segment: &SegmentReport| {
            json!({
                "shape": segment.shape,
                "cycles": segment.cycles,
                "seconds": segment.seconds,
                "bytes": segment.bytes,
                "worker": segment.worker,
            })
        };
        json!({
            "proof": self.path,
            "proofBytes": self.proof_bytes,
            "keyDigest": self.digest,
            "provenBits": self.bits,
            "exitCode": self.outcome.exit_code,
            "output": text::output_json(&self.outcome.output),
            "cycles": self.outcome.cycles,
            "seconds": self.seconds,
            "cpuSeconds": self.cpu_seconds,
            "cyclesPerCpuSecond": self.cycles_per_cpu_second(),
            "peakMemoryBytes": self.peak_memory,
            "packedWidth": PACKED_WIDTH,
            "threads": rayon::current_num_threads(),
            "segments": made.segments.iter().map(segment).collect::<Vec<_>>(),
            "phaseSeconds": phases,
            "tables": profile::as_json(&made.tables),
        })
    }

    fn as_text(&self, with_profile: bool) -> String {
        let mut lines = String::new();
        if with_profile {
            lines = profile::as_text(&self.made.tables);
            lines.push_str(&self.phase_lines());
            let memory = self
                .peak_memory
                .map_or("unknown".to_owned(), |bytes| format!("{} MiB", grouped(bytes >> 20)));
            let _ = writeln!(lines, "\nsegments       {}", self.made.shapes());
            let _ = writeln!(lines, "peak memory    {memory}\n");
        }
        let cpu = match (self.cpu_seconds, self.cycles_per_cpu_second()) {
            (Some(seconds), Some(pace)) => {
                format!("{seconds:.2} CPU seconds, {} cycles per CPU second", grouped(pace as u64))
            }
            _ => "CPU seconds unknown".to_owned(),
        };
        let segments = self.made.segments.len();
        let _ = writeln!(
            lines,
            "proved {} cycles in {segments} segment{}, exit code {}: {:.2} s, {cpu}, {} bytes of \
             proof in {}, {:.1} proven bits",
            grouped(self.outcome.cycles),
            if segments == 1 { "" } else { "s" },
            self.outcome.exit_code,
            self.seconds,
            grouped(self.proof_bytes),
            self.path,
            self.bits,
        );
        lines
    }

    fn phase_lines(&self) -> String {
        let mut lines = String::from(
            "\nSeconds by phase. The program executes and fills tables while the segment before is \
             proven,\nso that the sum may be more than the whole.\n",
        );
        for (name, seconds) in self.phase_seconds() {
            let _ = writeln!(lines, "{name:<14} {seconds:>9.2}");
        }
        let _ = writeln!(lines, "{:<14} {:>9.2}", "whole", self.seconds);
        lines
    }
}
