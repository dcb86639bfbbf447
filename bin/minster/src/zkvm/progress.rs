//! Progress of a proof on standard error.

use std::{
    io::{IsTerminal, Write},
    time::Instant,
};

use crate::zkvm::text::{grouped, rough_duration};

/// How far a proof is.
#[derive(Debug, Clone, Copy, Default)]
pub struct State {
    /// Instructions of the whole run.
    pub cycles: u64,
    pub cycles_executed: u64,
    pub cycles_proven: u64,
    pub segments_executed: u32,
    pub segments_proven: u32,
    pub proof_bytes: u64,
}

/// One line that is rewritten on a terminal, and a line for each proven segment elsewhere.
pub struct ProgressLine {
    quiet: bool,
    is_terminal: bool,
    started: Instant,
}

impl ProgressLine {
    /// Starts the clock for estimates.
    pub fn new(quiet: bool) -> Self {
        Self { quiet, is_terminal: std::io::stderr().is_terminal(), started: Instant::now() }
    }

    /// A line of its own.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            // Standard error may be closed; then there is nobody to tell.
            let over = if self.is_terminal { "\r\x1b[2K" } else { "" };
            let _ = writeln!(std::io::stderr(), "{over}{text}");
        }
    }

    /// Something has happened; `is_proven` if a segment was proven.
    pub fn update(&self, state: &State, is_proven: bool) {
        if self.quiet || !(self.is_terminal || is_proven) {
            return;
        }
        let line = state.line(self.started.elapsed().as_secs_f64());
        let mut out = std::io::stderr().lock();
        let _ = match self.is_terminal {
            true => write!(out, "\r\x1b[2K{line}"),
            false => writeln!(out, "{line}"),
        };
        let _ = out.flush();
    }

    /// Leaves the line that was rewritten, so that what follows has one of its own.
    pub fn end(&self) {
        if !self.quiet && self.is_terminal {
            let _ = writeln!(std::io::stderr());
        }
    }
}

impl State {
    /// The state in one line, so many seconds after the start.
    fn line(&self, seconds: f64) -> String {
        let Self { cycles, cycles_executed, cycles_proven, .. } = *self;
        let percent = 100.0 * cycles_proven as f64 / cycles.max(1) as f64;
        let left = match cycles_proven {
            0 => "time left unknown".to_owned(),
            proven => {
                let pace = seconds / proven as f64;
                let left = cycles.saturating_sub(proven) as f64 * pace;
                format!("{} left", rough_duration(left))
            }
        };
        format!(
            "proving: {} of {} cycles ({percent:.0} %), segments: {} proven, {} executed (cycle \
             {}), {} bytes of proof, {left}",
            grouped(cycles_proven),
            grouped(cycles),
            self.segments_proven,
            self.segments_executed,
            grouped(cycles_executed),
            grouped(self.proof_bytes),
        )
    }
}

#[cfg(test)]
mod tests;
