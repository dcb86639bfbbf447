//! Attacks on the shipped verifier with the shipped parameters: each forgery of the soundness
//! checklist must end in a clean error, never in an acceptance, never in a panic.
//!
//! A malicious prover is a test that records an honest run, forges the record, the tables, the
//! public values or the proof, and lets [`minster_prover::Prover::prove_segment`] prove whatever
//! came of it. Most forgeries of tables are held against the checker, which knows all constraints
//! and buses of a segment and is a thousand times faster; some of each kind are proven and
//! verified. Tests are named after the line of the checklist that they cover:
//!
//! | lines | what | module |
//! | --- | --- | --- |
//! | 1–8, 10 | results, operands, jumps, limbs, selectors, x0, the program | [`traces`] |
//! | 9, 18 | the ends of a run, public values and output | [`public_values`] |
//! | 11–14 | memory: times, addresses, the tree | [`memory`] |
//! | 15, 17 | balance, counts, fixed tables | [`buses`] |
//! | 16, 19, 20, 22 | the transcript and the low-degree test | [`transcript`] |
//! | 21 | the shape of a proof | [`shape`] |
//! | 23, 24 | encodings and edited bytes | [`bytes`] |
//! | 25 | segments | [`segments`] |
//! | 26 | the key's digest (inner keys come with recursion) | [`key`] |
//! | 29, 30 | hints, input, programs that fail | [`programs`] |
//! | 14, 18, 30 | runs that the emulator stops, written by hand | [`rewritten`] |
//! | 5, 24 | random changes of random cells | [`campaign`] |
//!
//! Of line 22, an out-of-domain point inside a domain cannot be forged through Fiat–Shamir, and
//! the pinned library, which refuses one, has no entry for an injected challenge. Of line 19,
//! leaving an item out on both sides would take another verifier: it is changed on one side. Lines
//! 27 and 28 are about aggregation and the chain, which are not here yet. Line 31 is about
//! precompiles: this machine has none. Of line 26 the inner keys, and of line 29 what a guest makes
//! of its hints, belong to recursion and to the guests.

mod buses;
mod bytes;
mod campaign;
mod key;
mod library;
mod memory;
mod programs;
mod public_values;
mod rewritten;
mod segments;
mod shape;
mod support;
mod traces;
mod transcript;
