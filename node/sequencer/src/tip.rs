//! Waiting for sealed blocks on a thread: unlike the events it loses nothing and can time out.

use std::time::Duration;

use parking_lot::{Condvar, Mutex};

#[derive(Debug, Default)]
struct State {
    block: u64,
    is_nudged: bool,
}

/// The number of the last sealed block, to wait on.
#[derive(Debug, Default)]
pub(crate) struct Tip {
    state: Mutex<State>,
    changed: Condvar,
}

impl Tip {
    /// A block is sealed and durable.
    pub(crate) fn reach(&self, block: u64) {
        self.state.lock().block = block;
        self.changed.notify_all();
    }

    /// Waits until this block or a later one is sealed, or until the time is up; says whether it
    /// is. Nudges are for others.
    pub(crate) fn wait_for(&self, block: u64, wait: Duration) -> bool {
        let mut state = self.state.lock();
        let is_early = |state: &mut State| state.block < block;
        let _ = self.changed.wait_while_for(&mut state, is_early, wait);
        state.block >= block
    }

    /// Ends a [`Tip::wait_past`] early: the one that goes on, or else the next.
    pub(crate) fn nudge(&self) {
        self.state.lock().is_nudged = true;
        self.changed.notify_all();
    }

    /// Waits until a later block than this is sealed, somebody nudges, or the time is up; returns
    /// the last block then. For one thread: another one would take its nudges.
    pub(crate) fn wait_past(&self, block: u64, wait: Duration) -> u64 {
        let mut state = self.state.lock();
        let is_early = |state: &mut State| state.block <= block && !state.is_nudged;
        // Whichever it was, the caller looks for itself.
        let _ = self.changed.wait_while_for(&mut state, is_early, wait);
        state.is_nudged = false;
        state.block
    }
}

#[cfg(test)]
mod tests;
