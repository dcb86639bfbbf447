//! `minster execute`: a run without a proof.

use std::{fmt::Write, time::Instant};

use minster_emulator::{Io, Outcome, Profile, profile};
use serde_json::{Value, json};

use crate::{
    cli::Execute,
    zkvm::{
        program,
        text::{self, Report, grouped, output_lines},
    },
};

/// The most functions in a report for a person; JSON has all.
const FUNCTIONS_SHOWN: usize = 20;

/// Runs a program and reports on the run. A failure of the program is a failure.
pub fn run(arguments: Execute) -> eyre::Result<()> {
    let Execute { guest, output, json, quiet } = arguments;
    let report = Report::new(json, quiet, output.as_deref());
    let io = Io { text_handler: Some(program::debug_text()), ..program::io(&guest)? };
    let program = program::load(&guest.elf)?;
    let started = Instant::now();
    let (outcome, profile) = profile(&program, io, guest.given.max_cycles)
        .map_err(|error| program::stopped(&program, error))?;
    let seconds = started.elapsed().as_secs_f64();
    report.output(&outcome.output)?;
    report.print(|| as_json(&outcome, &profile, seconds), || as_text(&outcome, &profile));
    program::check_exit_code(outcome.exit_code)
}

fn as_json(outcome: &Outcome, profile: &Profile, seconds: f64) -> Value {
    let opcodes = profile.opcodes.iter();
    let opcodes =
        opcodes.map(|(opcode, count)| json!({"opcode": opcode.mnemonic(), "cycles": count}));
    let functions = profile.functions.iter().map(|function| {
        json!({
            "function": program::demangled(&function.name),
            "symbol": function.name,
            "cycles": function.cycles,
        })
    });
    json!({
        "exitCode": outcome.exit_code,
        "cycles": outcome.cycles,
        "seconds": seconds,
        "output": text::output_json(&outcome.output),
        "opcodes": opcodes.collect::<Vec<_>>(),
        "functions": functions.collect::<Vec<_>>(),
    })
}

fn as_text(outcome: &Outcome, profile: &Profile) -> String {
    let mut lines = format!("exit code      {}\n", outcome.exit_code);
    let _ = writeln!(lines, "cycles         {}", grouped(outcome.cycles));
    lines.push_str(&output_lines(&outcome.output));
    lines.push_str("\n      cycles      %  instruction\n");
    for (opcode, count) in &profile.opcodes {
        lines.push_str(&share_line(*count, outcome.cycles, opcode.mnemonic()));
    }
    lines.push_str("\n      cycles      %  function, without those that it calls\n");
    for function in profile.functions.iter().take(FUNCTIONS_SHOWN) {
        let name = match function.name.as_str() {
            "" => "(code without a symbol)".to_owned(),
            name => program::demangled(name),
        };
        lines.push_str(&share_line(function.cycles, outcome.cycles, &name));
    }
    if let Some(hidden) = profile.functions.get(FUNCTIONS_SHOWN..).filter(|rest| !rest.is_empty()) {
        let cycles = hidden.iter().map(|function| function.cycles).sum();
        let name = format!("in {} more functions: see --json", hidden.len());
        lines.push_str(&share_line(cycles, outcome.cycles, &name));
    }
    lines
}

fn share_line(cycles: u64, all: u64, name: &str) -> String {
    let percent = 100.0 * cycles as f64 / all.max(1) as f64;
    format!("{:>12} {percent:>6.2}  {name}\n", grouped(cycles))
}
