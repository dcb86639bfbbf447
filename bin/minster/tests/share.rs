//! One run proven by several processes: the real binary, at every kind of place.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, ChildStderr, Command, Output, Stdio},
};

use tempfile::TempDir;

fn minster(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_minster"));
    // Grinding finds the same witness on one thread, and any on more.
    command.args(["prove", "--threads", "1"]).args(arguments);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A process and what it says on standard error.
struct Process {
    child: Child,
    notes: BufReader<ChildStderr>,
}

impl Process {
    fn start(arguments: &[&str]) -> Self {
        let mut child = minster(arguments).spawn().unwrap();
        let notes = BufReader::new(child.stderr.take().unwrap());
        Self { child, notes }
    }

    /// Reads until a line contains this; gives what is behind it.
    fn until(&mut self, mark: &str) -> String {
        loop {
            let mut line = String::new();
            let size = self.notes.read_line(&mut line).unwrap();
            assert_ne!(size, 0, "no line has {mark:?}");
            if let Some((_, behind)) = line.trim_end().split_once(mark) {
                return behind.to_owned();
            }
        }
    }

    /// Succeeds; gives standard output.
    fn end(mut self) -> String {
        // Standard error is read to its end, so that no process waits for this one.
        let rest: Vec<String> = self.notes.by_ref().lines().map(Result::unwrap).collect();
        let Output { status, stdout, .. } = self.child.wait_with_output().unwrap();
        assert!(status.success(), "{rest:?}");
        String::from_utf8(stdout).unwrap()
    }
}

/// The hundredth Fibonacci number, in segments of 400 cycles.
struct Run {
    folder: TempDir,
    elf: PathBuf,
}

impl Run {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("input"), 100_u32.to_le_bytes()).unwrap();
        let elf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../zkvm/examples/elf");
        Self { folder, elf: elf.join("fibonacci.elf") }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn prove(&self, out: &str, more: &[&str]) -> Process {
        let (input, out) = (self.path("input"), self.path(out));
        let mut arguments = vec!["--elf", text(&self.elf), "--input", text(&input)];
        arguments.extend(["--out", text(&out), "--cycles-per-segment", "400"]);
        arguments.extend(more);
        Process::start(&arguments)
    }

    /// The proof of one process.
    fn alone(&self) -> Vec<u8> {
        self.prove("alone", &[]).end();
        fs::read(self.path("alone")).unwrap()
    }

    fn places(&self) -> [String; 3] {
        let (folder, socket) = (self.path("shared"), self.path("socket"));
        [text(&folder).to_owned(), format!("unix:{}", text(&socket)), "tcp:127.0.0.1:0".to_owned()]
    }

    fn refused(&self, more: &[&str], expected: &str) {
        let mut process = self.prove("refused", more);
        let line = process.until("error: ");
        assert!(line.contains(expected), "{line}");
        assert_eq!(process.child.wait().unwrap().code(), Some(1));
        assert!(!self.path("refused").exists());
    }
}

#[test]
fn the_proof_is_the_same_whoever_proves_it() {
    let run = Run::new();
    let alone = run.alone();
    for (place, counts) in run.places().iter().zip([[0, 2], [1, 2], [1, 2]]) {
        for workers in counts {
            let name = format!("by-{workers}");
            // Alone with one worker, the coordinator leaves everything to it.
            let only: &[&str] = if workers == 1 { &["--share-only"] } else { &[] };
            let mut coordinator = run.prove(&name, &[&["--share", place], only].concat());
            let place = coordinator.until("minster prove --from ");
            let worker = |_| Process::start(&["--from", &place, "--json"]);
            let workers: Vec<Process> = (0..workers).map(worker).collect();
            coordinator.end();
            for worker in workers {
                assert!(worker.end().starts_with("{\"cpuSeconds\":"));
            }
            assert!(fs::read(run.path(&name)).unwrap() == alone, "{place}");
        }
    }
    let elf = text(&run.elf);
    let proof = run.path("by-2");
    let mut verify = Command::new(env!("CARGO_BIN_EXE_minster"));
    assert!(verify.args(["verify", "--elf", elf, text(&proof)]).status().unwrap().success());
}

#[test]
fn a_killed_worker_is_replaced() {
    let run = Run::new();
    let alone = run.alone();
    let [_, place, _] = run.places();
    let mut coordinator = run.prove("shared-proof", &["--share", &place, "--share-only"]);
    coordinator.until("minster prove --from ");
    let mut first = Process::start(&["--from", &place]);
    first.until("segment 0: proving");
    first.child.kill().unwrap();
    first.child.wait().unwrap();
    coordinator.until("has gone");
    let second = Process::start(&["--from", &place]);
    coordinator.end();
    assert!(second.end().contains("this worker sent 3 segments"));
    assert!(fs::read(run.path("shared-proof")).unwrap() == alone);
}

#[test]
fn places_that_cannot_be_used_are_named() {
    let run = Run::new();
    let file = run.path("input").join("under");
    run.refused(&["--share", text(&file)], "Not a directory");
    run.refused(&["--share", "tcp:nowhere"], "tcp:nowhere");
    let [folder, socket, _] = run.places();
    for place in [&folder, &socket] {
        let mut first = run.prove("first", &["--share", place, "--share-only"]);
        first.until("minster prove --from ");
        run.refused(&["--share", place], "is taken: another coordinator is at work there");
        // A killed one leaves what says so; another does not take that for nothing.
        first.child.kill().unwrap();
        first.child.wait().unwrap();
        run.refused(&["--share", place], "remove ");
    }
}
