//! Counts and times, and the closing lines made of them.

use std::fmt::Write;
use std::time::{Duration, Instant};

use eyre::Result;

/// How tests ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Held.
    pub passed: u32,
    /// Did not hold.
    pub failed: u32,
    /// Did not run.
    pub skipped: u32,
}

impl Tally {
    /// One test.
    pub fn one(passed: bool) -> Self {
        Self { passed: passed.into(), failed: (!passed).into(), skipped: 0 }
    }

    /// Adds the other's counts.
    pub fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }

    /// What `cargo test` printed. A run that failed without naming a test counts as one failure.
    pub fn of_cargo_test(output: &str, success: bool) -> Self {
        let mut tally = Self::default();
        for line in output.lines() {
            let Some(counts) = line.trim().strip_prefix("test result: ") else { continue };
            tally.add(Self {
                passed: count(counts, " passed"),
                failed: count(counts, " failed"),
                skipped: count(counts, " ignored"),
            });
        }
        if !success && tally.failed == 0 {
            tally.failed = 1;
        }
        tally
    }

    /// What a client script printed: `ok NAME` and `FAIL NAME reason`.
    pub fn of_script(output: &str, success: bool) -> Self {
        let lines = |start: &str| output.lines().filter(|line| line.starts_with(start)).count();
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let mut tally =
            Self { passed: number(lines("ok ")), failed: number(lines("FAIL ")), skipped: 0 };
        if tally.failed == 0 && (!success || tally.passed == 0) {
            tally.failed = 1;
        }
        tally
    }
}

/// The number before the word, as in `12 passed; 0 failed`.
fn count(text: &str, word: &str) -> u32 {
    let before = text.split(word).next().filter(|before| before.len() < text.len());
    let digits = before.and_then(|before| before.rsplit(|c: char| !c.is_ascii_digit()).next());
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

struct Step {
    group: &'static str,
    name: String,
    tally: Tally,
    took: Duration,
}

/// All that ran.
#[derive(Default)]
pub struct Report {
    group: &'static str,
    steps: Vec<Step>,
    failures: Vec<String>,
    skips: Vec<String>,
}

impl Report {
    /// What follows belongs to this group.
    pub fn start_group(&mut self, name: &'static str) {
        self.group = name;
    }

    /// Runs one step, times it, and tells whether nothing in it failed.
    pub fn step(&mut self, name: &str, run: impl FnOnce() -> Result<Tally>) -> bool {
        println!("\n== {}: {name}", self.group);
        let start = Instant::now();
        let tally = run().unwrap_or_else(|error| {
            println!("{error:#}");
            Tally::one(false)
        });
        let took = start.elapsed();
        println!("== {}: {name}: {:.1} s", self.group, took.as_secs_f64());
        if tally.failed > 0 {
            self.failures.push(format!("{}: {name}: {} failed", self.group, tally.failed));
        }
        if tally.skipped > 0 {
            self.skips.push(format!("{}: {name}: {} ignored", self.group, tally.skipped));
        }
        self.steps.push(Step { group: self.group, name: name.to_owned(), tally, took });
        tally.failed == 0
    }

    /// A failure outside of every step.
    pub fn fail(&mut self, reason: &str) {
        println!("{}: {reason}", self.group);
        self.failures.push(format!("{}: {reason}", self.group));
        self.count_only(Tally::one(false));
    }

    /// The group did not run, for want of something.
    pub fn skip(&mut self, reason: &str) {
        self.skip_part(self.group, reason);
    }

    /// A part of the group did not run.
    pub fn skip_part(&mut self, part: &str, reason: &str) {
        println!("{part}: skipped, {reason}");
        self.skips.push(format!("{part}: skipped, {reason}"));
        self.count_only(Tally { skipped: 1, ..Tally::default() });
    }

    fn count_only(&mut self, tally: Tally) {
        let step = Step { group: self.group, name: String::new(), tally, took: Duration::ZERO };
        self.steps.push(step);
    }

    fn total(&self) -> Tally {
        let mut total = Tally::default();
        self.steps.iter().for_each(|step| total.add(step.tally));
        total
    }

    /// Whether the command succeeded.
    pub fn is_good(&self, require_all: bool) -> bool {
        let total = self.total();
        total.failed == 0 && !(require_all && total.skipped > 0)
    }

    /// The table, what failed, what was skipped, and the line of counts as the last one.
    pub fn closing(&self) -> String {
        let mut text = String::from("\n| group | step | passed | failed | skipped | minutes |\n");
        text.push_str("| --- | --- | ---: | ---: | ---: | ---: |\n");
        let mut groups: Vec<&str> = self.steps.iter().map(|step| step.group).collect();
        groups.dedup();
        for group in groups {
            let mut sum = Tally::default();
            let mut took = Duration::ZERO;
            for step in self.steps.iter().filter(|step| step.group == group) {
                sum.add(step.tally);
                took += step.took;
                if !step.name.is_empty() {
                    row(&mut text, [group, &step.name], step.tally, step.took);
                }
            }
            row(&mut text, [group, "all"], sum, took);
        }
        text.push('\n');
        for line in self.failures.iter().chain(&self.skips) {
            text.push_str(line);
            text.push('\n');
        }
        let Tally { passed, failed, skipped } = self.total();
        text.push_str(&format!("{passed} passed, {failed} failed, {skipped} skipped\n"));
        text
    }
}

fn row(text: &mut String, [group, name]: [&str; 2], tally: Tally, took: Duration) {
    let Tally { passed, failed, skipped } = tally;
    let minutes = took.as_secs_f64() / 60.0;
    // Writing to a String cannot fail.
    let _ = writeln!(text, "| {group} | {name} | {passed} | {failed} | {skipped} | {minutes:.1} |");
}
