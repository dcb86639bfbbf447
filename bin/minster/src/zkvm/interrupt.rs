//! What ctrl-C leaves behind: nothing.

use std::{
    fs,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use eyre::WrapErr;

use crate::signals::Signals;

/// Exit code after ctrl-C, as shells have it.
const INTERRUPTED: i32 = 130;

/// Files and folders that go when the process is interrupted.
#[derive(Clone, Default)]
pub struct Leftovers(Arc<Mutex<Vec<PathBuf>>>);

impl Leftovers {
    /// From now on, ctrl-C ends the process at once, and what was added goes first.
    pub fn watch() -> eyre::Result<Self> {
        let leftovers = Self::default();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.wrap_err("listen for signals")?;
        let mut signals = runtime.block_on(async { Signals::listen() })?;
        let watched = leftovers.clone();
        let wait = move || {
            runtime.block_on(signals.next());
            for path in watched.0.lock().unwrap_or_else(PoisonError::into_inner).iter() {
                let _ = match path.is_dir() {
                    true => fs::remove_dir_all(path),
                    false => fs::remove_file(path),
                };
            }
            std::process::exit(INTERRUPTED);
        };
        std::thread::Builder::new().name("signals".to_owned()).spawn(wait).wrap_err("a thread")?;
        Ok(leftovers)
    }

    /// Adds what there may be.
    pub fn add(&self, path: Option<PathBuf>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(path);
    }
}
