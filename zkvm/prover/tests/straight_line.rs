//! The thin line: additions, proved and verified.

use minster_emulator::Io;
use minster_prover::{Prover, RunOptions};
use minster_riscv::{Instruction, Opcode, Program, encode};

const BASE: u32 = 0x0020_0000;

fn addi(rd: u8, rs1: u8, imm: u32) -> Instruction {
    Instruction { opcode: Opcode::Addi, rd, rs1, rs2: 0, imm }
}

fn add(rd: u8, rs1: u8, rs2: u8) -> Instruction {
    Instruction { opcode: Opcode::Add, rd, rs1, rs2, imm: 0 }
}

#[test]
fn additions_are_proven() {
    let mut code = vec![addi(5, 0, 7), addi(6, 0, 35)];
    code.extend([add(7, 5, 6), add(8, 7, 7), add(10, 0, 0), addi(17, 0, 93)]);
    code.push(Instruction { opcode: Opcode::Ecall, rd: 0, rs1: 0, rs2: 0, imm: 0 });
    let words: Vec<u32> = code.iter().map(encode).collect();
    let program = Program::new(BASE, BASE, &words, &[]).expect("a program");
    let prover = Prover::new(program).expect("a key");
    let started = std::time::Instant::now();
    let run = prover.prove(Io::default(), RunOptions::default(), |p| println!("{p:?}"));
    let run = run.expect("a proof");
    println!("{:?}, {} bytes", started.elapsed(), run.proof.len());
    let started = std::time::Instant::now();
    let output = prover.key().verify(&run.proof).expect("it verifies");
    println!("verified in {:?}", started.elapsed());
    assert!(output.is_empty());
}
