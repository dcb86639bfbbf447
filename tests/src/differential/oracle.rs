//! A case through the EVM of others, which runs in a process of its own.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use super::Answer;
use super::case::Case;

/// Names `oracle.mjs` of `tests/clients/evm`, beside its packages.
pub const ORACLE_VARIABLE: &str = "MINSTER_EVM_ORACLE";

/// The process: it answers line by line.
#[derive(Debug)]
pub struct Oracle {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Oracle {
    /// Starts it.
    ///
    /// # Panics
    /// When there is no `node`, or no such script.
    #[must_use]
    pub fn start(script: &Path) -> Self {
        let mut command = Command::new("node");
        command.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("node");
        let input = child.stdin.take().expect("a pipe");
        let output = BufReader::new(child.stdout.take().expect("a pipe"));
        Self { child, input, output }
    }

    /// What it makes of a case.
    ///
    /// # Panics
    /// When it has ended, which no case should make it do.
    pub fn answer(&mut self, case: &Case) -> Answer {
        let mut line = serde_json::to_string(case).expect("a case is JSON");
        line.push('\n');
        self.input.write_all(line.as_bytes()).expect("the oracle reads");
        let mut answer = String::new();
        self.output.read_line(&mut answer).expect("the oracle answers");
        serde_json::from_str(&answer).unwrap_or_else(|error| panic!("{error}: {answer}\n{line}"))
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
