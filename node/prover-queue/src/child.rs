//! A process that proves one batch; see the README for what it reads and writes.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    num::NonZeroUsize,
    path::PathBuf,
    process::{Child, ChildStdin, Command, ExitStatus, Stdio},
    sync::{
        atomic::Ordering,
        mpsc::{Receiver, RecvTimeoutError, SyncSender, channel, sync_channel},
    },
    thread,
    time::{Duration, Instant},
};

use minster_storage::document::{Document, Draft};
use serde::{Deserialize, Serialize};

use crate::{Monitor, ProofFailure, ProveBatch};

/// What a child reads or writes in one piece.
const CHUNK_BYTES: usize = 256 << 10;

/// The longest line on standard error; longer ones count as several.
const LINE_BYTES_MAX: u64 = 4_096;

/// Pieces that may wait to be written down.
const EVENTS_MAX: usize = 4;

/// After so many bytes of a proof the disk is asked again whether it has room for as many more.
const ROOM_BYTES: u64 = 64 << 20;

/// How often the queue looks whether the node stops.
const TICK: Duration = Duration::from_millis(200);

/// A child that says nothing for so long is killed.
const SILENCE_MAX: Duration = Duration::from_secs(600);

/// How long a child may take to end after its last byte.
const END_MAX: Duration = Duration::from_secs(10);

/// How far a proof is, as a line of JSON on the child's standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Cycles of the guest that are proven.
    pub cycles: u64,
    /// All cycles of the guest.
    pub cycles_total: u64,
}

/// Proves in a process of its own.
#[derive(Debug, Clone)]
pub struct ChildProver {
    /// The program: this one again.
    pub program: PathBuf,
    /// Threads of the prover.
    pub threads: NonZeroUsize,
}

impl ChildProver {
    /// This very program, with all cores but one.
    ///
    /// # Errors
    /// When the system does not say which program this is.
    pub fn of_this_program() -> io::Result<Self> {
        Ok(Self { program: std::env::current_exe()?, threads: Self::threads_here() })
    }

    /// All cores of this machine but one, and at least one.
    #[must_use]
    pub fn threads_here() -> NonZeroUsize {
        let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        NonZeroUsize::new(cores.saturating_sub(1)).unwrap_or(NonZeroUsize::MIN)
    }

    fn start(&self) -> io::Result<Child> {
        let mut command = Command::new(&self.program);
        command
            .args(["prove-batch", "--threads", &self.threads.to_string()])
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        command.spawn()
    }
}

impl ProveBatch for ChildProver {
    fn prove(
        &self,
        input: &Document,
        draft: &mut Draft,
        monitor: &Monitor<'_>,
    ) -> Result<(), ProofFailure> {
        let mut child = Guarded(self.start()?);
        let pipes = (child.0.stdin.take(), child.0.stdout.take(), child.0.stderr.take());
        let (Some(stdin), Some(stdout), Some(stderr)) = pipes else {
            return Err(io::Error::from(io::ErrorKind::BrokenPipe).into());
        };
        thread::scope(|scope| {
            let (lifeline, released) = channel::<()>();
            let (events, received) = sync_channel(EVENTS_MAX);
            let lines = events.clone();
            scope.spawn(move || feed(stdin, input, &released));
            scope.spawn(move || read_bytes(stdout, &events));
            scope.spawn(move || read_lines(BufReader::new(stderr), &lines));
            let collected = collect(received, draft, monitor);
            let ended = match collected {
                Ok(reason) => child.wait(END_MAX).map_err(ProofFailure::from).and_then(|status| {
                    let success = status.success();
                    if success { Ok(()) } else { Err(ProofFailure::Ended { status, reason }) }
                }),
                Err(failure) => Err(failure),
            };
            // Whatever happened: pipes end, and with them the threads.
            child.kill();
            drop(lifeline);
            ended
        })
    }
}

/// A child that does not outlive its use.
struct Guarded(Child);

impl Guarded {
    /// Waits for the end; whoever takes too long is killed.
    fn wait(&mut self, limit: Duration) -> io::Result<ExitStatus> {
        let started = Instant::now();
        loop {
            if let Some(status) = self.0.try_wait()? {
                return Ok(status);
            }
            if started.elapsed() > limit {
                self.0.kill()?;
                return self.0.wait();
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    fn kill(&mut self) {
        // One that has ended already is fine.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        self.kill();
    }
}

enum Event {
    Bytes(Vec<u8>),
    Line(String),
}

/// Writes the input, and then holds the pipe open until the lifeline is dropped.
fn feed(mut stdin: ChildStdin, input: &Document, released: &Receiver<()>) {
    let length = stdin.write_all(&input.size().to_le_bytes());
    // A child that does not read ends in another way, which says why.
    let _ = length.and_then(|()| io::copy(&mut input.reader(), &mut stdin));
    let _ = stdin.flush();
    let _ = released.recv();
}

fn read_bytes(mut source: impl Read, events: &SyncSender<Event>) {
    loop {
        let mut chunk = vec![0; CHUNK_BYTES];
        match source.read(&mut chunk) {
            Ok(0) => return,
            Ok(read) => {
                chunk.truncate(read);
                if events.send(Event::Bytes(chunk)).is_err() {
                    return;
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}

fn read_lines(mut source: impl BufRead, events: &SyncSender<Event>) {
    loop {
        let mut line = Vec::new();
        match source.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => {
                let line = String::from_utf8_lossy(line.trim_ascii_end()).into_owned();
                if events.send(Event::Line(line)).is_err() {
                    return;
                }
            }
        }
    }
}

/// Writes the proof down as it comes, until the child has no more to say. Returns the last line
/// that was no progress.
fn collect(
    received: Receiver<Event>,
    draft: &mut Draft,
    monitor: &Monitor<'_>,
) -> Result<String, ProofFailure> {
    let mut said = String::from("it did not say why");
    let mut heard = Instant::now();
    let mut room_through = 0;
    loop {
        if monitor.stop.load(Ordering::Acquire) {
            return Err(ProofFailure::Stopped);
        }
        match received.recv_timeout(TICK) {
            Ok(Event::Bytes(bytes)) => {
                let size = draft.size().saturating_add(bytes.len() as u64);
                if size > monitor.proof_bytes_max {
                    return Err(ProofFailure::TooLarge { limit: monitor.proof_bytes_max });
                }
                if size > room_through {
                    (monitor.room)(ROOM_BYTES)?;
                    room_through = draft.size().saturating_add(ROOM_BYTES);
                }
                draft.append(&bytes)?;
            }
            Ok(Event::Line(line)) => match serde_json::from_str(&line) {
                Ok(step) => (monitor.progress)(step),
                Err(_) => said = line,
            },
            Err(RecvTimeoutError::Disconnected) => return Ok(said),
            Err(RecvTimeoutError::Timeout) => {
                if heard.elapsed() > SILENCE_MAX {
                    return Err(ProofFailure::Silent { seconds: SILENCE_MAX.as_secs() });
                }
                continue;
            }
        }
        heard = Instant::now();
    }
}
