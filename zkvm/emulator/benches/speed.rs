//! How many instructions the interpreter runs in a second: alone, counting, and recording.

#![expect(clippy::print_stdout, reason = "a benchmark reports to the terminal")]

use std::time::Instant;

use minster_emulator::{CLASSES, CYCLES_MAX_DEFAULT, Io, Limits, Recorder, profile, run};
use minster_precompiles::UNITS;
use minster_riscv::{Instruction, Opcode, Program, encode};

const CODE_BASE: u32 = 0x1_0000;
const TABLE_BASE: u32 = 0x10_0000;

fn r(opcode: Opcode, rd: u8, rs1: u8, rs2: u8) -> u32 {
    encode(&Instruction { opcode, rd, rs1, rs2, imm: 0 })
}

fn i(opcode: Opcode, rd: u8, rs1: u8, imm: i32) -> u32 {
    encode(&Instruction { opcode, rd, rs1, rs2: 0, imm: imm.cast_unsigned() })
}

fn s(opcode: Opcode, rs1: u8, rs2: u8, imm: i32) -> u32 {
    encode(&Instruction { opcode, rd: 0, rs1, rs2, imm: imm.cast_unsigned() })
}

/// A loop that mixes a hash over a table of 64 KiB: half arithmetic, a quarter memory, the rest
/// branches, multiplications and bytes, about what compiled programs do.
fn mixing(rounds: u32) -> Program {
    let body = [
        r(Opcode::Mul, 5, 5, 6),
        r(Opcode::Add, 5, 5, 7),
        i(Opcode::Srli, 8, 5, 16),
        i(Opcode::Andi, 8, 8, 0x7fc),
        r(Opcode::Add, 8, 8, 9),
        i(Opcode::Lw, 11, 8, 0),
        r(Opcode::Xor, 12, 11, 5),
        s(Opcode::Sw, 8, 12, 0),
        i(Opcode::Lbu, 13, 8, 1),
        r(Opcode::Sltu, 14, 13, 12),
        s(Opcode::Beq, 14, 0, 8),
        i(Opcode::Addi, 15, 15, 1),
        s(Opcode::Sb, 8, 13, 2),
        i(Opcode::Addi, 16, 16, -1),
        s(Opcode::Bne, 16, 0, -56),
    ];
    let mut code = vec![
        i(Opcode::Lui, 16, 0, (rounds << 12).cast_signed()),
        i(Opcode::Lui, 9, 0, TABLE_BASE.cast_signed()),
        i(Opcode::Lui, 6, 0, 0x0019_6000),
        i(Opcode::Addi, 6, 6, 0x60d),
        i(Opcode::Addi, 7, 0, 0x35f),
    ];
    code.extend(body);
    code.extend([i(Opcode::Addi, 10, 0, 0), i(Opcode::Addi, 17, 0, 93), r(Opcode::Ecall, 0, 0, 0)]);
    Program::new(CODE_BASE, CODE_BASE, &code, &[]).expect("a valid program")
}

fn report(what: &str, cycles: u64, started: Instant) {
    let seconds = started.elapsed().as_secs_f64();
    let speed = cycles as f64 / seconds / 1e6;
    println!("{what:<10} {speed:8.1} M instructions/s   ({cycles} in {seconds:.2} s)");
}

fn main() {
    let io = Io::default;
    let program = mixing(2048);
    let started = Instant::now();
    let outcome = run(&program, io(), CYCLES_MAX_DEFAULT).expect("the program halts");
    report("plain", outcome.cycles, started);

    let started = Instant::now();
    let (outcome, _) = profile(&program, io(), CYCLES_MAX_DEFAULT).expect("the program halts");
    report("profile", outcome.cycles, started);

    let shape = Limits {
        steps: [1 << 19; CLASSES],
        io: 1 << 16,
        refreshes: 1 << 18,
        calls: 0,
        units: [0; UNITS],
        blocks: 0,
        leaves: 1 << 16,
        nodes: 1 << 18,
        hashes: 1 << 20,
        clock: 1 << 21,
    };
    let mut recorder = Recorder::new(&program, io(), CYCLES_MAX_DEFAULT);
    let started = Instant::now();
    let mut segments = 0;
    while !recorder.has_ended() {
        recorder.next_segment(&[shape]).expect("the program halts");
        segments += 1;
    }
    report("recording", recorder.cycles(), started);
    println!("{segments} segments");
}
