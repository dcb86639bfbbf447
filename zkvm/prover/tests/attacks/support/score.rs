//! What an attack may come to, and the score over all of them.

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

use minster_machine::checker::Fault;
use minster_verifier::VerifyError;

static ATTEMPTED: AtomicUsize = AtomicUsize::new(0);
static REJECTED: AtomicUsize = AtomicUsize::new(0);
static ENDED: AtomicUsize = AtomicUsize::new(0);

/// Every file with tests: the last one to end prints the score, so that scores have to be counted.
const SOURCES: [&str; 12] = [
    include_str!("../bytes.rs"),
    include_str!("../buses.rs"),
    include_str!("../campaign.rs"),
    include_str!("../key.rs"),
    include_str!("../memory.rs"),
    include_str!("../programs.rs"),
    include_str!("../public_values.rs"),
    include_str!("../rewritten.rs"),
    include_str!("../segments.rs"),
    include_str!("../shape.rs"),
    include_str!("../traces.rs"),
    include_str!("../transcript.rs"),
];

fn scores() -> usize {
    let count = |mark| SOURCES.iter().map(|source| source.matches(mark).count()).sum::<usize>();
    count("Score::new(") - count("#[ignore")
}

/// Writes a line past the harness, which shows nothing of tests that pass.
pub fn print(line: &str) {
    let line = format!("\n{line}\n");
    std::io::stdout().write_all(line.as_bytes()).expect("standard output");
}

/// The attacks of one test.
pub struct Score {
    line: &'static str,
    attempted: usize,
    failures: Vec<String>,
}

impl Score {
    /// `line` names the test in messages.
    pub fn new(line: &'static str) -> Self {
        Self { line, attempted: 0, failures: Vec::new() }
    }

    /// The verifier's answer to a forgery: an error, and nothing else.
    pub fn refused(&mut self, attack: &str, verify: impl FnOnce() -> Result<(), VerifyError>) {
        match catch_unwind(AssertUnwindSafe(verify)) {
            Ok(Err(_)) => self.count(None),
            Ok(Ok(())) => self.count(Some(format!("{attack}: ACCEPTED"))),
            Err(_) => self.count(Some(format!("{attack}: panic"))),
        }
    }

    /// As [`Score::refused`], for a reason that `expected` knows.
    pub fn refused_because(
        &mut self,
        attack: &str,
        expected: impl FnOnce(&VerifyError) -> bool,
        verify: impl FnOnce() -> Result<(), VerifyError>,
    ) {
        match catch_unwind(AssertUnwindSafe(verify)) {
            Ok(Err(error)) if expected(&error) => self.count(None),
            Ok(Err(error)) => self.count(Some(format!("{attack}: refused for {error}"))),
            Ok(Ok(())) => self.count(Some(format!("{attack}: ACCEPTED"))),
            Err(_) => self.count(Some(format!("{attack}: panic"))),
        }
    }

    /// What the checker says about forged tables: something.
    pub fn faulty(&mut self, attack: &str, faults: &[Fault]) {
        self.caught(attack, !faults.is_empty());
    }

    /// Whether something has caught a forgery.
    pub fn caught(&mut self, attack: &str, caught: bool) {
        self.count((!caught).then(|| format!("{attack}: ACCEPTED")));
    }

    /// How many attacks there were so far.
    pub fn attempted(&self) -> usize {
        self.attempted
    }

    /// How many of them succeeded.
    pub fn failed(&self) -> usize {
        self.failures.len()
    }

    /// What these are.
    pub fn failures(&self) -> String {
        self.failures.join("; ")
    }

    fn count(&mut self, failure: Option<String>) {
        self.attempted += 1;
        self.failures.extend(failure);
    }

    /// Fails the test if an attack succeeded.
    pub fn end(self) {
        let Self { line, attempted, failures } = &self;
        assert!(*attempted > 0, "{line}: no attack was attempted");
        let total = ATTEMPTED.fetch_add(*attempted, Ordering::SeqCst) + attempted;
        let rejected = attempted - failures.len();
        let rejected = REJECTED.fetch_add(rejected, Ordering::SeqCst) + rejected;
        if ENDED.fetch_add(1, Ordering::SeqCst) + 1 == scores() {
            print(&format!("soundness: rejected {rejected} of {total} attempted"));
        }
        let shown = failures.iter().take(20).map(String::as_str);
        let shown = shown.collect::<Vec<_>>().join("\n");
        assert!(failures.is_empty(), "{line}: {} attacks succeeded:\n{shown}", failures.len());
    }
}
