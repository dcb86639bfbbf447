//! Random programs in which every class of instructions and every call occurs.

use minster_emulator::{Io, ecall};
use minster_machine::shape::SHAPES;
use minster_precompiles::Function;
use minster_riscv::{Format, Opcode, Program};

use crate::support::{Assembler, DATA, Random};

/// Holds [`DATA`], and is never written.
const BASE: u8 = 18;
/// Counts the rounds of loops.
const COUNTER: u8 = 19;
/// Bytes that loads and stores reach.
const SCRATCH_SIZE: usize = 256;
/// Snippets beside one of each kind.
const MORE: usize = 40;
const EDGES: [u32; 10] = [0, 1, 2, 31, 0x7fff, 0x8000, 0xffff, 0x7fff_ffff, 0x8000_0000, u32::MAX];

/// A few instructions that belong together.
#[derive(Clone, Copy)]
enum Snippet {
    /// One instruction, with what it needs around it.
    Instruction(Opcode),
    /// A register's new value.
    Value,
    /// A loop of some rounds.
    Loop,
    /// A call of the environment.
    Call(u32),
    /// A call of a precompile.
    Precompile(Function),
}

/// A program that halts with 0, and what it reads.
pub fn random_program(random: &mut Random) -> (Program, Io) {
    let mut snippets = every_kind();
    for _ in 0..MORE {
        snippets.push(snippets[random.below(snippets.len())]);
    }
    for last in (1..snippets.len()).rev() {
        snippets.swap(last, random.below(last + 1));
    }
    let mut code = Assembler::default();
    code.load(BASE, DATA);
    for snippet in snippets {
        write(random, snippet, &mut code);
    }
    code.halt(0);
    let data: Vec<u32> = (0..SCRATCH_SIZE / 4).map(|_| word(random)).collect();
    let bytes = |random: &mut Random| (0..64).map(|_| random.next().to_le_bytes()[0]).collect();
    let io = Io { hints: bytes(random), ..Io::with_input(bytes(random)) };
    (code.program_at(0, &data), io)
}

fn every_kind() -> Vec<Snippet> {
    let stops = |opcode: &&Opcode| !matches!(opcode, Opcode::Ecall | Opcode::Ebreak);
    let instructions = Opcode::ALL.iter().filter(stops).map(|opcode| Snippet::Instruction(*opcode));
    let calls = [ecall::READ_INPUT, ecall::READ_HINT, ecall::COMMIT, ecall::WRITE];
    let is_open = |function: &Function| {
        let unit = function.unit().index();
        SHAPES.iter().any(|shape| shape.limits().units[unit] > 0)
    };
    let precompiles = Function::ALL.into_iter().filter(is_open).map(Snippet::Precompile);
    instructions
        .chain([Snippet::Value; 6])
        .chain([Snippet::Loop])
        .chain(calls.map(Snippet::Call))
        .chain(precompiles)
        .collect()
}

fn word(random: &mut Random) -> u32 {
    let any = random.next().to_le_bytes();
    match random.below(3) {
        0 => EDGES[random.below(EDGES.len())],
        _ => u32::from_le_bytes([any[0], any[1], any[2], any[3]]),
    }
}

/// A register whose content does not matter; x0 among them.
fn destination(random: &mut Random) -> u8 {
    [0, 5, 6, 7, 8, 9, 28, 29, 30, 31][random.below(10)]
}

fn source(random: &mut Random) -> u8 {
    u8::try_from(random.below(32)).expect("a register")
}

fn below(random: &mut Random, bound: usize) -> u32 {
    u32::try_from(random.below(bound)).expect("a small number")
}

fn write(random: &mut Random, snippet: Snippet, code: &mut Assembler) {
    match snippet {
        Snippet::Instruction(opcode) => instruction(random, opcode, code),
        Snippet::Value => {
            let value = word(random);
            code.load(destination(random), value);
        }
        Snippet::Loop => {
            code.load(COUNTER, 1 + below(random, 3));
            code.register(Opcode::Mul, destination(random), source(random), source(random));
            code.immediate(Opcode::Addi, COUNTER, COUNTER, -1);
            code.branch(Opcode::Bne, COUNTER, 0, -8);
        }
        Snippet::Call(number) => {
            let address = DATA + 4 * below(random, SCRATCH_SIZE / 4 - 4);
            let count = below(random, 4);
            match number {
                ecall::WRITE => code.call(number, &[ecall::FD_OUT, address, count]),
                ecall::COMMIT => code.call(number, &[address, 4 * count]),
                _ => code.call(number, &[address, count]),
            }
        }
        Snippet::Precompile(function) => {
            let blocks = [(); 4].map(|()| DATA + 32 * below(random, SCRATCH_SIZE / 32 - 6));
            code.call(function.number(), &blocks[..function.operands().len()]);
        }
    }
}

fn instruction(random: &mut Random, opcode: Opcode, code: &mut Assembler) {
    let (rd, rs1, rs2) = (destination(random), source(random), source(random));
    let imm = i32::try_from(random.below(4096)).expect("twelve bits") - 2048;
    match (opcode, opcode.format()) {
        (Opcode::Jalr, _) => {
            // Over one instruction; the low bit of the target is cleared.
            code.push(Opcode::Auipc, 9, 0, 0, 0);
            code.immediate(opcode, rd, 9, 12 + i32::from(random.below(2) == 1));
            code.immediate(Opcode::Addi, 8, 8, 1);
        }
        (_, Format::J) => {
            code.push(opcode, rd, 0, 0, 8);
            code.immediate(Opcode::Addi, 8, 8, 1);
        }
        (_, Format::B) => {
            code.branch(opcode, rs1, rs2, 8);
            code.immediate(Opcode::Addi, 8, 8, 1);
        }
        (Opcode::Lw | Opcode::Lh | Opcode::Lhu | Opcode::Lb | Opcode::Lbu, _) => {
            code.immediate(opcode, rd, BASE, offset(random, opcode));
        }
        (_, Format::S) => code.store(opcode, rs2, BASE, offset(random, opcode)),
        (_, Format::I) => code.immediate(opcode, rd, rs1, imm),
        (_, Format::Shift) => code.push(opcode, rd, rs1, 0, below(random, 32)),
        (_, Format::U) => code.push(opcode, rd, 0, 0, word(random) & 0xffff_f000),
        (_, Format::R) => code.register(opcode, rd, rs1, rs2),
        (_, Format::Fence | Format::System) => code.push(opcode, 0, 0, 0, 0),
    }
}

/// Aligned as the access wants it.
fn offset(random: &mut Random, opcode: Opcode) -> i32 {
    let size = match opcode {
        Opcode::Lw | Opcode::Sw => 4,
        Opcode::Lh | Opcode::Lhu | Opcode::Sh => 2,
        _ => 1,
    };
    i32::try_from(random.below(SCRATCH_SIZE / size) * size).expect("a short offset")
}
