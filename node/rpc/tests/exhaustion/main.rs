//! Clients that are slow, silent or hostile, over real sockets: what they cost in memory, and that
//! others are answered meanwhile. In a process of its own, because its memory is measured.

mod client;
mod flooding;
mod node;
mod stalling;
