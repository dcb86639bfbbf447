//! Ctrl-C and SIGTERM: the first asks for an end, the second one is it.

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

/// Resolves when one comes: ctrl-C, or SIGTERM where there is one.
pub async fn next() -> Signal {
    let ctrl_c = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => {
                terminate.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = ctrl_c => Signal::Interrupt,
        () = terminate => Signal::Terminate,
    }
}

/// Ends the process when another one comes.
pub async fn end_at_the_next() {
    let signal = next().await;
    say("ended at once: whatever was answered is on disk, the next start replays it");
    std::process::exit(signal.exit_code());
}
