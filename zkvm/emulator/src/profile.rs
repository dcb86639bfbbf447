//! Where a run spends its instructions.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use minster_riscv::{Opcode, Program};

use crate::class::{CLASSES, Class};
use crate::cpu::{Event, Observer};
use crate::error::RunError;
use crate::io::Io;
use crate::run::{Outcome, observed};

/// The instructions of a function, those of the functions that it calls not included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionCount {
    /// The symbol; empty for code that no symbol covers.
    pub name: String,
    /// How many instructions ran.
    pub cycles: u64,
}

/// The instructions of a run, counted by kind and by place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// By opcode, most frequent first; only those that occur.
    pub opcodes: Vec<(Opcode, u64)>,
    /// By [`Class::index`].
    pub classes: [u64; CLASSES],
    /// By function, most expensive first; only those that ran.
    pub functions: Vec<FunctionCount>,
}

/// How often each word of code ran.
struct Counters {
    base: u32,
    counts: Vec<u64>,
}

impl Observer for Counters {
    #[inline(always)]
    fn step(&mut self, event: Event) {
        let index = event.pc.wrapping_sub(self.base) / 4;
        if let Some(count) = self.counts.get_mut(index as usize) {
            *count += 1;
        }
    }
}

/// As [`run`](crate::run), and counts.
///
/// # Errors
/// When the program traps or does not halt within `cycles_max` instructions.
pub fn profile(program: &Program, io: Io, cycles_max: u64) -> Result<(Outcome, Profile), RunError> {
    let counts = alloc::vec![0; program.code().len()];
    let mut counters = Counters { base: program.code_base(), counts };
    let outcome = observed(program, io, cycles_max, &mut counters)?;
    Ok((outcome, summary(program, &counters.counts)))
}

fn summary(program: &Program, counts: &[u64]) -> Profile {
    let mut opcodes = alloc::vec![0; Opcode::ALL.len()];
    let mut classes = [0; CLASSES];
    let mut functions: Vec<FunctionCount> = Vec::new();
    for ((pc, op), count) in program.code().zip(counts).filter(|(_, count)| **count != 0) {
        if let Some(op) = op {
            opcodes[op.opcode as usize] += count;
            if let Some(class) = Class::of(op.opcode) {
                classes[class.index()] += count;
            }
        }
        // The addresses increase, so that those of a function mostly follow each other.
        let name = program.function_at(pc).unwrap_or_default();
        match functions.last_mut() {
            Some(function) if function.name == name => function.cycles += count,
            _ => functions.push(FunctionCount { name: name.to_string(), cycles: *count }),
        }
    }
    functions.sort_by(|a, b| a.name.cmp(&b.name));
    functions.dedup_by(|next, kept| {
        let same = next.name == kept.name;
        kept.cycles += if same { next.cycles } else { 0 };
        same
    });
    functions.sort_by_key(|function| core::cmp::Reverse(function.cycles));
    let mut opcodes: Vec<_> = Opcode::ALL.iter().copied().zip(opcodes).collect();
    opcodes.retain(|(_, count)| *count != 0);
    opcodes.sort_by_key(|(_, count)| core::cmp::Reverse(*count));
    Profile { opcodes, classes, functions }
}
