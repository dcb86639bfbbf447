//! How the processes that prove use the program's allocator.

/// What mimalloc reads when a process starts: freed memory stays with the process, because the next
/// segment fills it again and the system would clear it first; and memory comes in huge pages.
#[cfg(unix)]
const KEEP: [(&str, &str); 2] = [("MIMALLOC_PURGE_DELAY", "-1"), ("MIMALLOC_ALLOW_THP", "2")];

/// Lets this process keep the memory it frees, by starting it over with the settings. For processes
/// that only prove, before they do anything: a node gives memory back.
#[cfg(unix)]
pub fn keep_memory() {
    use std::{env, os::unix::process::CommandExt, process::Command};

    let missing = KEEP.into_iter().filter(|(name, _)| env::var_os(name).is_none());
    let mut missing = missing.peekable();
    if missing.peek().is_none() {
        return;
    }
    // Without the settings it proves as well, and slower by a tenth.
    let Ok(program) = env::current_exe() else { return };
    let error = Command::new(program).args(env::args_os().skip(1)).envs(missing).exec();
    tracing::debug!(%error, "the prover gives memory back between its segments");
}

/// Settings are read where there is `exec`; elsewhere the defaults stay.
#[cfg(not(unix))]
pub const fn keep_memory() {}
