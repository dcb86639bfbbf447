//! What the functions of a program take together with those that they call.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use minster_precompiles::UNITS;
use minster_riscv::{Opcode, Program};

use crate::cells::SINK;
use crate::cpu::{Event, Observer, PrecompileCall};
use crate::error::RunError;
use crate::io::Io;
use crate::run::{Outcome, observed};

/// The registers that a call leaves its return address in (RISC-V calling convention: `ra`, and
/// `t0` for what a compiler took out of several functions).
const LINKS: [u8; 2] = [1, 5];

/// What a function takes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FunctionUse {
    /// The symbol; empty for code that no symbol covers.
    pub name: String,
    /// How often it was called.
    pub calls: u64,
    /// Instructions of its own.
    pub cycles: u64,
    /// Instructions of its own and of what it calls, however deep. Without those of its own that
    /// other code falls into.
    pub cycles_with_callees: u64,
    /// Calls of precompiles by [`index`](minster_precompiles::Unit::index) of their unit, of its
    /// own and of what it calls.
    pub units: [u64; UNITS],
}

/// A function that has not returned.
struct Frame {
    function: usize,
    /// Where it returns to.
    back: u32,
    /// Whether another function jumped to it without a call, so that one return ends both.
    is_tail: bool,
    cycles: u64,
    units: [u64; UNITS],
}

/// Follows calls and returns.
struct Stack {
    base: u32,
    /// The function of each word of code.
    functions: Vec<usize>,
    uses: Vec<FunctionUse>,
    /// How many frames of each function are open: recursion counts once.
    open: Vec<u32>,
    frames: Vec<Frame>,
    cycles: u64,
    units: [u64; UNITS],
}

impl Stack {
    fn new(program: &Program) -> Self {
        let mut numbers = BTreeMap::new();
        let mut uses = Vec::new();
        let functions = program.code().map(|(pc, _)| {
            let name = program.function_at(pc).unwrap_or_default();
            *numbers.entry(name).or_insert_with(|| {
                uses.push(FunctionUse { name: name.to_string(), ..FunctionUse::default() });
                uses.len() - 1
            })
        });
        let functions: Vec<usize> = functions.collect();
        let open = alloc::vec![0; uses.len()];
        let base = program.code_base();
        let (frames, units) = (Vec::new(), [0; UNITS]);
        let mut stack = Self { base, functions, uses, open, frames, cycles: 0, units };
        stack.enter(program.entry(), 0, false);
        stack
    }

    fn function(&self, pc: u32) -> usize {
        let index = pc.wrapping_sub(self.base) / 4;
        self.functions.get(index as usize).copied().unwrap_or_default()
    }

    fn count(&mut self, pc: u32) {
        let function = self.function(pc);
        self.uses[function].cycles += 1;
        self.cycles += 1;
    }

    fn enter(&mut self, pc: u32, back: u32, is_tail: bool) {
        let function = self.function(pc);
        self.uses[function].calls += 1;
        self.open[function] += 1;
        let (cycles, units) = (self.cycles, self.units);
        self.frames.push(Frame { function, back, is_tail, cycles, units });
    }

    /// Ends the innermost function that returns to `pc`, and those within it, whose returns were
    /// not seen as such. A jump to where nothing returns to ends nothing.
    fn go_back(&mut self, pc: u32) {
        let position = self.frames.iter().rposition(|frame| frame.back == pc);
        let Some(position) = position else { return };
        while self.frames.len() > position + 1 {
            self.leave();
        }
        while self.leave().is_some_and(|frame| frame.is_tail) {}
    }

    fn leave(&mut self) -> Option<Frame> {
        let frame = self.frames.pop()?;
        self.open[frame.function] -= 1;
        if self.open[frame.function] == 0 {
            let function = &mut self.uses[frame.function];
            function.cycles_with_callees += self.cycles - frame.cycles;
            let made = self.units.iter().zip(frame.units);
            for (sum, (now, before)) in function.units.iter_mut().zip(made) {
                *sum += now - before;
            }
        }
        Some(frame)
    }
}

impl Observer for Stack {
    fn step(&mut self, event: Event) {
        self.count(event.pc);
        let Event { op, pc, next_pc, .. } = event;
        if next_pc == pc.wrapping_add(4) {
            return;
        }
        if LINKS.contains(&op.rd) {
            self.enter(next_pc, pc.wrapping_add(4), false);
        } else if op.rd == SINK && op.opcode == Opcode::Jalr && LINKS.contains(&op.rs1) {
            self.go_back(next_pc);
        } else if op.rd == SINK && self.function(pc) != self.function(next_pc) {
            let back = self.frames.last().map_or(0, |frame| frame.back);
            self.enter(next_pc, back, true);
        }
    }

    fn call(&mut self, pc: u32, call: &PrecompileCall) {
        self.count(pc);
        self.units[call.function.unit().index()] += 1;
    }
}

/// As [`run`](crate::run), and says what each function that ran takes, with the functions that it
/// calls; the most expensive first.
///
/// # Errors
/// When the program traps or does not halt within `cycles_max` instructions.
pub fn calls(
    program: &Program,
    io: Io,
    cycles_max: u64,
) -> Result<(Outcome, Vec<FunctionUse>), RunError> {
    let mut stack = Stack::new(program);
    let outcome = observed(program, io, cycles_max, &mut stack)?;
    while stack.leave().is_some() {}
    let mut uses = stack.uses;
    uses.retain(|function| function.cycles > 0);
    uses.sort_by_key(|function| core::cmp::Reverse(function.cycles_with_callees));
    Ok((outcome, uses))
}
