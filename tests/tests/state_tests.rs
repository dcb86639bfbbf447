//! Ethereum's own state tests for Osaka, through the block entry of the OS.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::Write,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use minster_tests::{exception::EXCEPTIONS, fixture, state_test, vectors};

const THREADS: usize = 2;
const FORK: &str = "Osaka";
const FAILURES_SHOWN: usize = 50;

/// What became of the files that one thread took.
#[derive(Debug, Default)]
struct Tally {
    files: BTreeSet<PathBuf>,
    tests: usize,
    posts: usize,
    refusals: usize,
    /// Excepted posts by EIP.
    excepted: BTreeMap<u16, Vec<String>>,
    failures: Vec<String>,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.files.extend(other.files);
        self.tests += other.tests;
        self.posts += other.posts;
        self.refusals += other.refusals;
        for (eip, names) in other.excepted {
            self.excepted.entry(eip).or_default().extend(names);
        }
        self.failures.extend(other.failures);
    }

    fn consume(&mut self, path: &Path) {
        let text = match fs::read(path) {
            Ok(text) => text,
            Err(error) => return self.failures.push(format!("{}: {error}", path.display())),
        };
        let file: fixture::File = match serde_json::from_slice(&text) {
            Ok(file) => file,
            Err(error) => return self.failures.push(format!("{}: {error}", path.display())),
        };
        if file.is_empty() {
            self.failures.push(format!("{}: no test in it", path.display()));
        }
        for (name, fixture) in &file {
            self.tests += 1;
            for (fork, posts) in &fixture.post {
                if fork != FORK {
                    self.failures.push(format!("{name}: fork {fork} is not run"));
                }
                for post in posts {
                    self.run(name, fixture, post);
                }
            }
        }
        self.files.insert(path.to_path_buf());
    }

    fn run(&mut self, name: &str, fixture: &fixture::Fixture, post: &fixture::Post) {
        self.posts += 1;
        self.refusals += usize::from(post.expect_exception.is_some());
        let Err(mismatches) = state_test::check(fixture, post) else { return };
        match EXCEPTIONS.iter().find(|exception| (exception.applies)(fixture, post)) {
            Some(exception) => {
                self.excepted.entry(exception.eip).or_default().push(name.to_owned());
            }
            None => self.failures.push(format!("{name}: {}", mismatches.join("; "))),
        }
    }
}

/// A line that the test harness does not capture.
fn say(line: &str) {
    let mut out = std::io::stdout();
    writeln!(out, "{line}").unwrap();
}

#[test]
fn state_tests_of_osaka() {
    let folder = vectors::folder("evm/state_tests");
    if !folder.is_dir() {
        assert!(!vectors::are_required(), "vectors: no folder at {}", folder.display());
        return say(&format!("vectors: skipped, no folder at {}", folder.display()));
    }
    let files = vectors::files(&folder);
    let next = AtomicUsize::new(0);
    let mut tally = Tally::default();
    thread::scope(|scope| {
        let worker = || {
            let mut tally = Tally::default();
            while let Some(path) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                tally.consume(path);
            }
            tally
        };
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(worker)).collect();
        for thread in threads {
            tally.add(thread.join().unwrap());
        }
    });
    report(&files, &tally);
}

fn report(files: &[PathBuf], tally: &Tally) {
    let excepted: usize = tally.excepted.values().map(Vec::len).sum();
    say(&format!(
        "state tests: {} files, {} tests, {} posts: {} passed ({} refusals), {excepted} excepted, \
         {} failures",
        tally.files.len(),
        tally.tests,
        tally.posts,
        tally.posts.saturating_sub(excepted + tally.failures.len()),
        tally.refusals,
        tally.failures.len(),
    ));
    for (eip, names) in &tally.excepted {
        for name in names {
            say(&format!("excepted by EIP-{eip}: {name}"));
        }
    }
    for failure in tally.failures.iter().take(FAILURES_SHOWN) {
        let shown: String = failure.chars().take(2_000).collect();
        say(&format!("failed: {shown}"));
    }
    assert!(tally.failures.is_empty(), "{} failures", tally.failures.len());
    assert!(!files.is_empty(), "no vectors");
    for file in files {
        assert!(tally.files.contains(file), "{} was not consumed", file.display());
    }
    for exception in EXCEPTIONS {
        let eip = exception.eip;
        assert!(tally.excepted.contains_key(&eip), "no vector needs the exception of EIP-{eip}");
    }
}
