//! A run from start to end.

use alloc::vec::Vec;

use minster_riscv::Program;

use crate::cpu::{Cpu, Observer, Stop, Unobserved};
use crate::error::RunError;
use crate::io::Io;
use crate::recorder::failure;

/// A limit for runs of unknown programs: minutes of interpretation.
pub const CYCLES_MAX_DEFAULT: u64 = 1 << 34;

/// What a run came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// 0 means success.
    pub exit_code: u32,
    /// The instructions that ran.
    pub cycles: u64,
    /// The public output.
    pub output: Vec<u8>,
    /// The debug text, up to [`TEXT_SIZE_MAX`](crate::TEXT_SIZE_MAX).
    pub text: Vec<u8>,
}

/// Runs a program until it halts.
///
/// # Errors
/// When the program traps or does not halt within `cycles_max` instructions.
pub fn run(program: &Program, io: Io, cycles_max: u64) -> Result<Outcome, RunError> {
    observed(program, io, cycles_max, &mut Unobserved)
}

pub fn observed(
    program: &Program,
    io: Io,
    cycles_max: u64,
    observer: &mut impl Observer,
) -> Result<Outcome, RunError> {
    let mut cpu = Cpu::new(program, io);
    match cpu.run(observer, cycles_max) {
        Stop::Halted(exit_code) => {
            let Cpu { cycles, host, .. } = cpu;
            Ok(Outcome { exit_code, cycles, output: host.output, text: host.text })
        }
        stop => Err(failure(stop, cpu.pc, cycles_max)),
    }
}
