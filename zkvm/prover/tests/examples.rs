//! The example programs, proved and verified.

use minster_emulator::Io;
use minster_prover::{Prover, RunOptions};
use minster_riscv::Program;

fn prove(name: &str, input: Vec<u8>) -> Vec<u8> {
    let path = format!("{}/../examples/elf/{name}.elf", env!("CARGO_MANIFEST_DIR"));
    let elf = std::fs::read(path).expect("the ELF file");
    let prover = Prover::new(Program::from_elf(&elf).expect("a program")).expect("a key");
    let started = std::time::Instant::now();
    let run = prover.prove(Io::with_input(input), RunOptions::default(), |p| println!("{p:?}"));
    let run = run.expect("a proof");
    println!("{:?}, {} bytes, {} cycles", started.elapsed(), run.proof.len(), run.outcome.cycles);
    prover.key().verify(&run.proof).expect("it verifies").to_vec()
}

#[test]
fn fibonacci_is_proven() {
    println!("{:?}", prove("fibonacci", 1000u32.to_le_bytes().to_vec()));
}
