//! Steps made up for a chip's tests, without a run.

use minster_emulator::{Access, Step};
use minster_riscv::Instruction;

use crate::access::{slot, stamp_at};
use crate::rom::{Line, lower};

/// Operands and results of one instruction.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// The instruction.
    pub instruction: Instruction,
    /// Value of the first operand's register.
    pub rs1: u32,
    /// Value of the second operand's register; 0 if the instruction has an immediate.
    pub rs2: u32,
    /// What the memory word holds before.
    pub memory: u32,
    /// What the memory word holds after.
    pub memory_value: u32,
    /// What `rd` holds after.
    pub rd_value: u32,
    /// Address of the next instruction, in bytes.
    pub next_pc: u32,
    /// Ticks since the accesses before these, at most as many as an access can show.
    pub gap: u32,
    /// The tick.
    pub clock: u32,
}

/// Address of the sampled instructions, in bytes.
pub const SAMPLE_PC: u32 = 0x0020_0100;

impl Sample {
    /// An instruction with everything else zero, a moment after the segment's start.
    pub fn new(instruction: Instruction) -> Self {
        Self {
            instruction,
            rs1: 0,
            rs2: 0,
            memory: 0,
            memory_value: 0,
            rd_value: 0,
            next_pc: SAMPLE_PC + 4,
            gap: 1,
            clock: 70_000,
        }
    }

    /// The step, and the line of the program that it runs. `gap` ticks lie before each access.
    pub fn step(&self) -> (Step, Line<u32>) {
        let line = lower(SAMPLE_PC, self.instruction);
        let before = self.clock - self.gap.min(self.clock);
        let seen = |value, slot| {
            let stamp = if before == 0 { 0 } else { stamp_at(before, slot) };
            Access { value, stamp }
        };
        let step = Step {
            pc: SAMPLE_PC,
            clock: self.clock,
            rs1: seen(self.rs1, slot::RS1),
            rs2: seen(self.rs2, slot::RS2),
            memory: seen(self.memory, slot::MEMORY),
            rd: seen(0x89ab_cdef, slot::RD),
            rd_value: self.rd_value,
            memory_value: self.memory_value,
            next_pc: self.next_pc,
        };
        assert!(line.is_some(), "an instruction that traps has no step");
        (step, line.unwrap_or_default())
    }
}
