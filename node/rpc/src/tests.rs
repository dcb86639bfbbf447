//! The methods against a running sequencer.

mod calls;
mod harness;
mod logs;
mod reading;
pub(crate) mod schema;
mod sending;
mod subscriptions;
mod transport;
