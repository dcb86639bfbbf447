//! Ctrl-C and SIGTERM: while a node runs the first asks for an end; any other is one.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::sync::Notify;

use crate::logging::say;

/// What somebody sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    Interrupt,
    Terminate,
}

impl Signal {
    /// The exit code of a process that it ended, as shells have it.
    const fn exit_code(self) -> i32 {
        match self {
            Self::Interrupt => 130,
            Self::Terminate => 143,
        }
    }
}

/// Hears every signal since it was made: ctrl-C, and SIGTERM where there is one.
pub struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl Signals {
    /// Begins to listen, within an async runtime.
    #[cfg(unix)]
    pub fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let interrupt = signal(SignalKind::interrupt())?;
        Ok(Self { interrupt, terminate: signal(SignalKind::terminate())? })
    }

    /// Begins to listen, within an async runtime.
    #[cfg(not(unix))]
    pub fn listen() -> io::Result<Self> {
        Ok(Self {})
    }

    /// Resolves when one comes.
    #[cfg(unix)]
    pub async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.interrupt.recv() => Signal::Interrupt,
            _ = self.terminate.recv() => Signal::Terminate,
        }
    }

    /// Resolves when one comes.
    #[cfg(not(unix))]
    pub async fn next(&mut self) -> Signal {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        Signal::Interrupt
    }
}

/// Ends the process at a signal, unless it is the first one to a node that runs.
pub struct Watch {
    is_running: Arc<AtomicBool>,
    asked: Arc<Notify>,
}

impl Watch {
    /// Watches from now on, within an async runtime; also while nothing else gets a turn, because
    /// a start or an end takes its time.
    pub fn start(is_json: bool) -> io::Result<Self> {
        let mut signals = Signals::listen()?;
        let (is_running, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(Notify::new()));
        let (running, ask) = (Arc::clone(&is_running), Arc::clone(&asked));
        tokio::spawn(async move {
            loop {
                let signal = signals.next().await;
                match running.swap(false, Ordering::AcqRel) {
                    true => ask.notify_one(),
                    false => end(signal, is_json),
                }
            }
        });
        Ok(Self { is_running, asked })
    }

    /// The node answers: the next signal only asks for its end.
    pub fn node_runs(&self) {
        self.is_running.store(true, Ordering::Release);
    }

    /// The node ends: the next signal is at once.
    pub fn node_ends(&self) {
        self.is_running.store(false, Ordering::Release);
    }

    /// Resolves when somebody asked for an end.
    pub async fn asked(&self) {
        self.asked.notified().await;
    }
}

/// Ends the process as a power cut would.
fn end(signal: Signal, is_json: bool) {
    const TEXT: &str = "ended at once: whatever was answered is on disk, the next start replays it";
    match is_json {
        true => tracing::warn!("{TEXT}"),
        false => say(TEXT),
    }
    std::process::exit(signal.exit_code());
}
