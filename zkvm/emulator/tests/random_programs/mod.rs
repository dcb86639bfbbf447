//! Random RV32IM programs that always halt.
//!
//! A program is a row of blocks. A block gives every register a value, runs random instructions
//! with branches, loops and accesses to a scratch region, then writes all registers and the region
//! to the debug output: whatever it computed is seen.

use minster_riscv::{Instruction, Opcode, encode};

/// Bytes that a block reads and writes.
const SCRATCH_SIZE: u32 = 256;
/// Where the registers are put at the end: above the scratch bytes.
const DUMP_OFFSET: u32 = SCRATCH_SIZE;
/// Bytes that a block writes to the debug output.
pub const DUMP_SIZE: u32 = SCRATCH_SIZE + 4 * 32;

const BINARY: &[Opcode] = &[
    Opcode::Add,
    Opcode::Sub,
    Opcode::Sll,
    Opcode::Slt,
    Opcode::Sltu,
    Opcode::Xor,
    Opcode::Srl,
    Opcode::Sra,
    Opcode::Or,
    Opcode::And,
    Opcode::Mul,
    Opcode::Mulh,
    Opcode::Mulhsu,
    Opcode::Mulhu,
    Opcode::Div,
    Opcode::Divu,
    Opcode::Rem,
    Opcode::Remu,
];
const IMMEDIATE: &[Opcode] =
    &[Opcode::Addi, Opcode::Slti, Opcode::Sltiu, Opcode::Xori, Opcode::Ori, Opcode::Andi];
const SHIFT: &[Opcode] = &[Opcode::Slli, Opcode::Srli, Opcode::Srai];
const LOAD: &[(Opcode, u32)] =
    &[(Opcode::Lw, 4), (Opcode::Lh, 2), (Opcode::Lhu, 2), (Opcode::Lb, 1), (Opcode::Lbu, 1)];
const STORE: &[(Opcode, u32)] = &[(Opcode::Sw, 4), (Opcode::Sh, 2), (Opcode::Sb, 1)];
const BRANCH: &[Opcode] =
    &[Opcode::Beq, Opcode::Bne, Opcode::Blt, Opcode::Bge, Opcode::Bltu, Opcode::Bgeu];
const EDGES: &[u32] =
    &[0, 1, 2, 3, 31, 32, 33, 0x7f, 0x80, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, u32::MAX];

/// The sequence SplitMix64: good enough, and the same everywhere.
pub struct Random(pub u64);

impl Random {
    pub fn word(&mut self) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 32) as u32
    }

    pub fn below(&mut self, bound: u32) -> u32 {
        ((u64::from(self.word()) * u64::from(bound)) >> 32) as u32
    }

    fn choose<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len() as u32) as usize]
    }
}

/// The words of `blocks` blocks and of the end, exit code 0. `scratch` is the address of
/// [`DUMP_SIZE`] bytes of memory that start as zero.
pub fn program(random: &mut Random, blocks: u32, scratch: u32) -> Vec<u32> {
    let mut code = Vec::new();
    for _ in 0..blocks {
        block(random, scratch, &mut code);
    }
    load_constant(&mut code, 10, 0);
    load_constant(&mut code, 17, 93);
    push(&mut code, Opcode::Ecall, 0, 0, 0, 0);
    code.iter().map(encode).collect()
}

/// What a block keeps to itself: the registers that random instructions do not write.
#[derive(Clone, Copy)]
struct Reserved {
    base: u8,
    counter: u8,
}

fn block(random: &mut Random, scratch: u32, code: &mut Vec<Instruction>) {
    let base = 1 + random.below(31) as u8;
    let counter = 1 + (base + random.below(29) as u8) % 31;
    let reserved = Reserved { base, counter };
    for register in 1..32 {
        let edge = random.below(3) == 0;
        let value = if edge { random.choose(EDGES) } else { random.word() };
        load_constant(code, register, value);
    }
    load_constant(code, base, scratch);
    let length = 10 + random.below(60);
    items(random, reserved, length, true, code);
    for register in 0..32_u8 {
        let offset = DUMP_OFFSET + 4 * u32::from(register);
        push(code, Opcode::Sw, 0, base, register, offset);
    }
    load_constant(code, 10, 1);
    load_constant(code, 11, scratch);
    load_constant(code, 12, DUMP_SIZE);
    load_constant(code, 17, 64);
    push(code, Opcode::Ecall, 0, 0, 0, 0);
}

/// `length` instructions or more. Loops share one counter, so that they are not nested; skipped
/// parts contain whole loops, so that no branch enters one.
fn items(
    r: &mut Random,
    reserved: Reserved,
    length: u32,
    loops: bool,
    code: &mut Vec<Instruction>,
) {
    let end = code.len() + length as usize;
    while code.len() < end {
        let inner = 1 + r.below(8);
        match r.below(16) {
            0 | 1 => {
                let mut body = Vec::new();
                items(r, reserved, inner, loops, &mut body);
                skip(r, reserved, &body, code);
            }
            2 if loops => {
                let count = 1 + r.below(6);
                push(code, Opcode::Addi, reserved.counter, 0, 0, count);
                let start = code.len();
                items(r, reserved, inner, false, code);
                push(code, Opcode::Addi, reserved.counter, reserved.counter, 0, u32::MAX);
                let back = (4 * (code.len() - start) as u32).wrapping_neg();
                push(code, Opcode::Bne, 0, reserved.counter, 0, back);
            }
            _ => straight(r, reserved, code),
        }
    }
}

/// A jump over `body`, taken or not.
fn skip(r: &mut Random, reserved: Reserved, body: &[Instruction], code: &mut Vec<Instruction>) {
    let over = 4 + 4 * body.len() as u32;
    let (rd, rs1, rs2) = (destination(r, reserved), source(r), source(r));
    match r.below(6) {
        0 => push(code, Opcode::Jal, rd, 0, 0, over),
        1 => {
            // The low bit is cleared by the jump.
            let link = destination(r, reserved);
            push(code, Opcode::Auipc, link, 0, 0, 0);
            let target = if link == 0 { None } else { Some(over + 4 + r.below(2)) };
            match target {
                Some(target) => push(code, Opcode::Jalr, rd, link, 0, target),
                None => push(code, Opcode::Jal, rd, 0, 0, over),
            }
        }
        _ => {
            let opcode = r.choose(BRANCH);
            push(code, opcode, 0, rs1, rs2, over);
        }
    }
    code.extend(body);
}

fn straight(r: &mut Random, reserved: Reserved, code: &mut Vec<Instruction>) {
    let (rd, rs1, rs2) = (destination(r, reserved), source(r), source(r));
    match r.below(20) {
        0..=8 => {
            let opcode = r.choose(BINARY);
            push(code, opcode, rd, rs1, rs2, 0);
        }
        9 | 10 => {
            let (opcode, imm) = (r.choose(IMMEDIATE), immediate(r));
            push(code, opcode, rd, rs1, 0, imm);
        }
        11 | 12 => {
            let (opcode, amount) = (r.choose(SHIFT), r.below(32));
            push(code, opcode, rd, rs1, 0, amount);
        }
        13 => {
            let (opcode, imm) = (r.choose(&[Opcode::Lui, Opcode::Auipc]), r.word() & !0xfff);
            push(code, opcode, rd, 0, 0, imm);
        }
        14 => push(code, Opcode::Fence, 0, 0, 0, 0),
        15..=17 => {
            let (opcode, size) = r.choose(LOAD);
            let (base, offset) = address(r, reserved, size, code);
            push(code, opcode, rd, base, 0, offset);
        }
        _ => {
            let (opcode, size) = r.choose(STORE);
            let (base, offset) = address(r, reserved, size, code);
            push(code, opcode, 0, base, rs2, offset);
        }
    }
}

/// An aligned address in the scratch region: a fixed one, or one that depends on a register.
fn address(
    r: &mut Random,
    reserved: Reserved,
    size: u32,
    code: &mut Vec<Instruction>,
) -> (u8, u32) {
    let aligned = !(size - 1);
    let pointer = destination(r, reserved);
    if pointer == 0 || r.below(2) == 0 {
        return (reserved.base, r.below(SCRATCH_SIZE) & aligned);
    }
    let index = source(r);
    let offset = immediate(r) & aligned;
    push(code, Opcode::Andi, pointer, index, 0, (SCRATCH_SIZE - 1) & aligned);
    push(code, Opcode::Add, pointer, pointer, reserved.base, 0);
    push(code, Opcode::Addi, pointer, pointer, 0, offset.wrapping_neg());
    (pointer, offset)
}

/// Rounded down to a multiple of four its negative is an immediate too.
fn immediate(r: &mut Random) -> u32 {
    r.below(0xff9).wrapping_sub(0x7fc)
}

fn source(r: &mut Random) -> u8 {
    r.below(32) as u8
}

fn destination(r: &mut Random, reserved: Reserved) -> u8 {
    loop {
        let register = r.below(32) as u8;
        if register != reserved.base && register != reserved.counter {
            return register;
        }
    }
}

fn load_constant(code: &mut Vec<Instruction>, rd: u8, value: u32) {
    let low = ((value << 20).cast_signed() >> 20).cast_unsigned();
    push(code, Opcode::Lui, rd, 0, 0, value.wrapping_sub(low));
    push(code, Opcode::Addi, rd, rd, 0, low);
}

fn push(code: &mut Vec<Instruction>, opcode: Opcode, rd: u8, rs1: u8, rs2: u8, imm: u32) {
    code.push(Instruction { opcode, rd, rs1, rs2, imm });
}
