//! The methods against a running sequencer.

mod batches;
mod calls;
mod development;
mod downloads;
mod failures;
mod far_back;
mod following;
mod fuzzing;
pub(crate) mod harness;
mod logs;
mod old_states;
mod parameters;
mod proofs;
mod provers;
mod pruned;
mod reading;
mod recomputing;
mod refusals;
pub(crate) mod schema;
mod sending;
mod simulating;
mod subscriptions;
mod table;
mod tracing;
mod transport;
mod web_sockets;
mod wording;
