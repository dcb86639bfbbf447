//! The methods against a running sequencer.

mod batches;
mod calls;
mod downloads;
mod harness;
mod logs;
mod provers;
mod reading;
pub(crate) mod schema;
mod sending;
mod subscriptions;
mod transport;
