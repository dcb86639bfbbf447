//! The interpreter. There is one body; what is observed of a run is a parameter.

use alloc::vec::Vec;

use minster_precompiles::Function;
use minster_riscv::{Instruction, Opcode, Program};

use crate::arithmetic as compute;
use crate::cells::{REGISTER_CELLS_START, REGISTER_SLOTS, SINK};
use crate::class::Class;
use crate::ecall;
use crate::error::TrapKind;
use crate::io::{Host, Io, OUTPUT_SIZE_MAX};
use crate::ram::{self, Pages};
use crate::record::IoKind;

mod precompile;

pub use precompile::PrecompileCall;

pub const A0: u8 = 10;
const A1: u8 = 11;
const A2: u8 = 12;
pub const A7: u8 = 17;

/// Why the interpreter returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    Halted(u32),
    Trap(TrapKind),
    /// The observer has no room for the instruction, which has had no effect.
    Full,
    /// As many instructions as asked for have run.
    Paused,
    OutputTooLarge,
}

/// A completed instruction.
pub struct Event {
    pub class: Class,
    pub op: Instruction,
    pub pc: u32,
    pub next_pc: u32,
    pub rs1: u32,
    pub rs2: Option<u32>,
    pub memory: Option<Change>,
    pub rd: Option<Change>,
}

/// A completed access to a cell.
#[derive(Clone, Copy)]
pub struct Change {
    pub cell: u32,
    pub before: u32,
    pub after: u32,
}

/// What watches a run, and may stop it before an instruction.
pub trait Observer {
    /// Whether an instruction of `class` may run.
    #[inline(always)]
    fn admit(&mut self, _class: Class) -> bool {
        true
    }

    /// Whether a word of RAM may be accessed.
    #[inline(always)]
    fn admit_word(&mut self, _ram: &Pages, _word: u32) -> bool {
        true
    }

    /// Whether an ecall may move `count` words from `word` on.
    #[inline(always)]
    fn admit_io(&mut self, _ram: &Pages, _kind: IoKind, _word: u32, _count: u32) -> bool {
        true
    }

    /// A word that the current ecall has moved.
    #[inline(always)]
    fn io(&mut self, _kind: IoKind, _change: Change, _remaining: u32) {}

    /// Whether a precompile may be called. Nothing of the call has happened yet.
    #[inline(always)]
    fn admit_call(&mut self, _ram: &Pages, _call: &PrecompileCall) -> bool {
        true
    }

    /// A precompile that the instruction at `pc` has called.
    #[inline(always)]
    fn call(&mut self, _pc: u32, _call: &PrecompileCall) {}

    /// An instruction that has run and called no precompile.
    #[inline(always)]
    fn step(&mut self, _event: Event) {}
}

/// Observes nothing.
pub struct Unobserved;

impl Observer for Unobserved {}

type Next = Result<u32, Stop>;

pub struct Cpu {
    pub pc: u32,
    /// Instructions that have run.
    pub cycles: u64,
    pub ram: Pages,
    pub host: Host,
    /// `x0` is never written: its writes go to [`SINK`].
    registers: [u32; REGISTER_SLOTS],
    code_base: u32,
    code: Vec<Option<Instruction>>,
}

impl Cpu {
    pub fn new(program: &Program, io: Io) -> Self {
        let to_sink = |op: Instruction| match op.rd {
            0 => Instruction { rd: SINK, ..op },
            _ => op,
        };
        Self {
            pc: program.entry(),
            cycles: 0,
            ram: ram::initial(program),
            host: Host::new(io),
            registers: [0; REGISTER_SLOTS],
            code_base: program.code_base(),
            code: program.code().map(|(_, op)| op.map(to_sink)).collect(),
        }
    }

    /// The registers, and behind them the sink of `x0`.
    pub fn registers(&self) -> &[u32; REGISTER_SLOTS] {
        &self.registers
    }

    /// Runs up to `count` instructions.
    pub fn run(&mut self, observer: &mut impl Observer, count: u64) -> Stop {
        let mut left = count;
        let stop = loop {
            if left == 0 {
                break Stop::Paused;
            }
            match self.step(observer) {
                Ok(pc) => self.pc = pc,
                Err(stop) => break stop,
            }
            left -= 1;
        };
        self.cycles += count - left + u64::from(matches!(stop, Stop::Halted(_)));
        stop
    }

    #[inline(always)]
    fn register(&self, index: u8) -> u32 {
        self.registers[index as usize % REGISTER_SLOTS]
    }

    #[inline(always)]
    fn set_register(&mut self, index: u8, value: u32) -> Option<Change> {
        let register = &mut self.registers[index as usize % REGISTER_SLOTS];
        let before = core::mem::replace(register, value);
        Some(Change { cell: REGISTER_CELLS_START + u32::from(index), before, after: value })
    }

    #[inline(always)]
    fn fetch(&self) -> Result<Instruction, Stop> {
        // A misaligned offset turns into an index that is far too large.
        let offset = self.pc.wrapping_sub(self.code_base);
        match self.code.get(offset.rotate_right(2) as usize) {
            Some(Some(op)) => Ok(*op),
            Some(None) => Err(Stop::Trap(TrapKind::IllegalInstruction)),
            None if !self.pc.is_multiple_of(4) => Err(Stop::Trap(TrapKind::MisalignedFetch)),
            None => Err(Stop::Trap(TrapKind::FetchOutsideCode)),
        }
    }

    #[inline(always)]
    fn step(&mut self, o: &mut impl Observer) -> Next {
        use Class::{Add, Compare, Div, Logic, Mul, Shift};
        let op = self.fetch()?;
        let (pc, imm) = (self.pc, op.imm);
        match op.opcode {
            Opcode::Addi => self.simple(o, op, |a| a.wrapping_add(imm)),
            Opcode::Lui => self.simple(o, op, |_| imm),
            Opcode::Auipc => self.simple(o, op, |_| pc.wrapping_add(imm)),
            Opcode::Fence => self.simple(o, op, |_| 0),
            Opcode::Jal => self.jump(o, Class::Addi, op, |_| pc.wrapping_add(imm)),
            Opcode::Jalr => self.jump(o, Class::Jalr, op, |a| a.wrapping_add(imm) & !1),
            Opcode::Beq => self.branch(o, op, |a, b| a == b),
            Opcode::Bne => self.branch(o, op, |a, b| a != b),
            Opcode::Blt => self.branch(o, op, |a, b| compute::slt(a, b) == 1),
            Opcode::Bge => self.branch(o, op, |a, b| compute::slt(a, b) == 0),
            Opcode::Bltu => self.branch(o, op, |a, b| a < b),
            Opcode::Bgeu => self.branch(o, op, |a, b| a >= b),
            Opcode::Lw => self.load(o, Class::Word, op, 4, |word, _| word),
            Opcode::Lb => self.load(o, Class::SubWord, op, 1, compute::lb),
            Opcode::Lbu => self.load(o, Class::SubWord, op, 1, compute::lbu),
            Opcode::Lh => self.load(o, Class::SubWord, op, 2, compute::lh),
            Opcode::Lhu => self.load(o, Class::SubWord, op, 2, compute::lhu),
            Opcode::Sw => self.store(o, Class::Word, op, 4, |_, _, value| value),
            Opcode::Sb => self.store(o, Class::SubWord, op, 1, compute::sb),
            Opcode::Sh => self.store(o, Class::SubWord, op, 2, compute::sh),
            Opcode::Add => self.binary(o, Add, op, u32::wrapping_add),
            Opcode::Sub => self.binary(o, Add, op, u32::wrapping_sub),
            Opcode::Slt | Opcode::Slti => self.binary(o, Compare, op, compute::slt),
            Opcode::Sltu | Opcode::Sltiu => self.binary(o, Compare, op, compute::sltu),
            Opcode::Xor | Opcode::Xori => self.binary(o, Logic, op, |a, b| a ^ b),
            Opcode::Or | Opcode::Ori => self.binary(o, Logic, op, |a, b| a | b),
            Opcode::And | Opcode::Andi => self.binary(o, Logic, op, |a, b| a & b),
            Opcode::Sll | Opcode::Slli => self.binary(o, Shift, op, compute::sll),
            Opcode::Srl | Opcode::Srli => self.binary(o, Shift, op, compute::srl),
            Opcode::Sra | Opcode::Srai => self.binary(o, Shift, op, compute::sra),
            Opcode::Mul => self.binary(o, Mul, op, u32::wrapping_mul),
            Opcode::Mulh => self.binary(o, Mul, op, compute::mulh),
            Opcode::Mulhsu => self.binary(o, Mul, op, compute::mulhsu),
            Opcode::Mulhu => self.binary(o, Mul, op, compute::mulhu),
            Opcode::Div => self.binary(o, Div, op, compute::div),
            Opcode::Divu => self.binary(o, Div, op, compute::divu),
            Opcode::Rem => self.binary(o, Div, op, compute::rem),
            Opcode::Remu => self.binary(o, Div, op, compute::remu),
            Opcode::Ecall => self.ecall(o, op),
            Opcode::Ebreak => Err(Stop::Trap(TrapKind::Breakpoint)),
        }
    }

    #[inline(always)]
    fn simple(&mut self, o: &mut impl Observer, op: Instruction, f: impl Fn(u32) -> u32) -> Next {
        admitted(o.admit(Class::Addi))?;
        let (pc, rs1) = (self.pc, self.register(op.rs1));
        let next_pc = pc.wrapping_add(4);
        let rd = self.set_register(op.rd, f(rs1));
        let (class, rs2, memory) = (Class::Addi, None, None);
        o.step(Event { class, op, pc, next_pc, rs1, rs2, memory, rd });
        Ok(next_pc)
    }

    #[inline(always)]
    fn jump(
        &mut self,
        o: &mut impl Observer,
        class: Class,
        op: Instruction,
        target: impl Fn(u32) -> u32,
    ) -> Next {
        admitted(o.admit(class))?;
        let (pc, rs1) = (self.pc, self.register(op.rs1));
        let next_pc = target(rs1);
        let rd = self.set_register(op.rd, pc.wrapping_add(4));
        o.step(Event { class, op, pc, next_pc, rs1, rs2: None, memory: None, rd });
        Ok(next_pc)
    }

    /// The immediate forms read `x0` as their second register, the others have the immediate 0:
    /// the sum is the second operand of both.
    #[inline(always)]
    fn binary(
        &mut self,
        o: &mut impl Observer,
        class: Class,
        op: Instruction,
        f: impl Fn(u32, u32) -> u32,
    ) -> Next {
        admitted(o.admit(class))?;
        let (pc, rs1, rs2) = (self.pc, self.register(op.rs1), self.register(op.rs2));
        let next_pc = pc.wrapping_add(4);
        let rd = self.set_register(op.rd, f(rs1, rs2.wrapping_add(op.imm)));
        o.step(Event { class, op, pc, next_pc, rs1, rs2: Some(rs2), memory: None, rd });
        Ok(next_pc)
    }

    #[inline(always)]
    fn branch(
        &mut self,
        o: &mut impl Observer,
        op: Instruction,
        taken: impl Fn(u32, u32) -> bool,
    ) -> Next {
        admitted(o.admit(Class::Branch))?;
        let (pc, rs1, rs2) = (self.pc, self.register(op.rs1), self.register(op.rs2));
        let next_pc = pc.wrapping_add(if taken(rs1, rs2) { op.imm } else { 4 });
        let (class, rs2) = (Class::Branch, Some(rs2));
        o.step(Event { class, op, pc, next_pc, rs1, rs2, memory: None, rd: None });
        Ok(next_pc)
    }

    #[inline(always)]
    fn load(
        &mut self,
        o: &mut impl Observer,
        class: Class,
        op: Instruction,
        size: u32,
        extract: impl Fn(u32, u32) -> u32,
    ) -> Next {
        admitted(o.admit(class))?;
        let (pc, rs1) = (self.pc, self.register(op.rs1));
        let address = aligned(rs1.wrapping_add(op.imm), size)?;
        let cell = address / 4;
        let before = self.ram.get(cell).ok_or(outside(address))?;
        admitted(o.admit_word(&self.ram, cell))?;
        let next_pc = pc.wrapping_add(4);
        let rd = self.set_register(op.rd, extract(before, address));
        let memory = Some(Change { cell, before, after: before });
        o.step(Event { class, op, pc, next_pc, rs1, rs2: None, memory, rd });
        Ok(next_pc)
    }

    #[inline(always)]
    fn store(
        &mut self,
        o: &mut impl Observer,
        class: Class,
        op: Instruction,
        size: u32,
        merge: impl Fn(u32, u32, u32) -> u32,
    ) -> Next {
        admitted(o.admit(class))?;
        let (pc, rs1, rs2) = (self.pc, self.register(op.rs1), self.register(op.rs2));
        let address = aligned(rs1.wrapping_add(op.imm), size)?;
        let cell = address / 4;
        if cell < REGISTER_CELLS_START {
            admitted(o.admit_word(&self.ram, cell))?;
        }
        let word = self.ram.get_mut(cell).ok_or(outside(address))?;
        let before = *word;
        *word = merge(before, address, rs2);
        let memory = Some(Change { cell, before, after: *word });
        let next_pc = pc.wrapping_add(4);
        o.step(Event { class, op, pc, next_pc, rs1, rs2: Some(rs2), memory, rd: None });
        Ok(next_pc)
    }

    #[inline(never)]
    fn ecall(&mut self, o: &mut impl Observer, op: Instruction) -> Next {
        if let Some(function) = Function::from_number(self.register(A7)) {
            return self.precompile(o, function);
        }
        let class = Class::Ecall;
        admitted(o.admit(class))?;
        let [a0, a1, a2, number] = [A0, A1, A2, A7].map(|index| self.register(index));
        let result = match number {
            ecall::HALT | ecall::COMMIT => a0,
            ecall::WRITE => a2,
            ecall::READ_INPUT => self.host.input.left_saturating(),
            ecall::READ_HINT => self.host.hints.left_saturating(),
            number => return Err(Stop::Trap(TrapKind::UnknownEcall { number })),
        };
        match number {
            ecall::WRITE => self.host.write(&self.ram, a0, a1, a2),
            ecall::READ_INPUT | ecall::READ_HINT => self.read(o, number, a0, a1)?,
            ecall::COMMIT => self.commit(o, a0, a1)?,
            _ => {}
        }
        let (pc, next_pc) = (self.pc, self.pc.wrapping_add(4));
        let rd = self.set_register(A0, result);
        let op = Instruction { rd: A0, rs1: A7, rs2: A1, ..op };
        let cell = REGISTER_CELLS_START + u32::from(A2);
        let memory = Some(Change { cell, before: a2, after: a2 });
        o.step(Event { class, op, pc, next_pc, rs1: number, rs2: Some(a1), memory, rd });
        if number == ecall::HALT { Err(Stop::Halted(a0)) } else { Ok(next_pc) }
    }

    fn read(
        &mut self,
        o: &mut impl Observer,
        from: u32,
        address: u32,
        words: u32,
    ) -> Result<(), Stop> {
        let cell = io_range(address, words)?;
        // A program asks in this way how much is left. It touches no memory.
        if words == 0 {
            return Ok(());
        }
        admitted(o.admit_io(&self.ram, IoKind::Read, cell, words))?;
        for index in 0..words {
            let stream =
                if from == ecall::READ_INPUT { &mut self.host.input } else { &mut self.host.hints };
            let cell = cell + index;
            let word = self.ram.get_mut(cell).ok_or(outside(address))?;
            let after = stream.next_word();
            let before = core::mem::replace(word, after);
            o.io(IoKind::Read, Change { cell, before, after }, words - index);
        }
        Ok(())
    }

    fn commit(&mut self, o: &mut impl Observer, address: u32, size: u32) -> Result<(), Stop> {
        let words = size.div_ceil(4);
        let cell = io_range(address, words)?;
        if words == 0 {
            return Ok(());
        }
        let output_size = self.host.output.len();
        if !output_size.is_multiple_of(4) {
            return Err(Stop::Trap(TrapKind::CommitAfterPartial));
        }
        if output_size + size as usize > OUTPUT_SIZE_MAX {
            return Err(Stop::OutputTooLarge);
        }
        admitted(o.admit_io(&self.ram, IoKind::Commit, cell, words))?;
        for index in 0..words {
            let cell = cell + index;
            let before = self.ram.get(cell).ok_or(outside(address))?;
            let remaining = size - 4 * index;
            let count = remaining.min(4) as usize;
            let word = before.to_le_bytes();
            let (bytes, padding) = word.split_at(count);
            if padding.iter().any(|byte| *byte != 0) {
                return Err(Stop::Trap(TrapKind::CommitPadding));
            }
            self.host.output.extend(bytes);
            o.io(IoKind::Commit, Change { cell, before, after: before }, remaining);
        }
        Ok(())
    }
}

#[inline(always)]
fn admitted(admitted: bool) -> Result<(), Stop> {
    if admitted { Ok(()) } else { Err(Stop::Full) }
}

#[inline(always)]
fn aligned(address: u32, size: u32) -> Result<u32, Stop> {
    let misaligned = Stop::Trap(TrapKind::MisalignedAccess { address });
    if address.is_multiple_of(size) { Ok(address) } else { Err(misaligned) }
}

fn outside(address: u32) -> Stop {
    Stop::Trap(TrapKind::OutsideRam { address })
}

/// The first cell of an ecall's buffer, all of which is inside RAM.
fn io_range(address: u32, words: u32) -> Result<u32, Stop> {
    if words > ecall::IO_WORDS_MAX {
        return Err(Stop::Trap(TrapKind::IoTooLong { words }));
    }
    let cell = aligned(address, 4)? / 4;
    if cell + words > REGISTER_CELLS_START {
        return Err(outside(address));
    }
    Ok(cell)
}
