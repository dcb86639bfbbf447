//! `memcpy`, `memmove`, `memset` and `memcmp` in the fewest instructions for what guests ask for.
//!
//! The machine proves instructions, and each counts the same: a jump into straight-line code is
//! cheaper than any loop. Most calls move fewer than 64 bytes, words that lie at words. So each
//! function tests for that first, all of it by one branch, and for the length jumps so far before
//! the end of a run of loads and stores as there are words. The rest is ordered by how often it
//! occurs. The machine traps on misaligned words, so words that must come from two are put together
//! from two loads.
//!
//! A compiler may turn a loop over bytes into a call of `memcpy`, even within `memcpy`; nothing of
//! that kind happens to assembly. The symbols replace those of `compiler_builtins`, which are weak.
//!
//! All loads lie in words that hold bytes of an operand. Tests are in `zkvm/examples`, since they
//! need the machine.

use core::arch::global_asm;

global_asm!(include_str!("memory/copy.s"), options(raw));
global_asm!(include_str!("memory/set.s"), options(raw));
global_asm!(include_str!("memory/compare.s"), options(raw));
