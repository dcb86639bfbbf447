//! Batches in the guest: the same commitments natively and emulated.

use minster_emulator::{Io, profile};
use minster_guest::host::frame_hint;
use minster_riscv::Program;
use minster_tests::batches::{World, other, transfer};

fn io(input: Vec<u8>) -> Io {
    let handler = |request: &[u8]| {
        let answer = minster_secp256k1::hints::answer(request);
        answer.map(|answer| frame_hint(&answer)).unwrap_or_default()
    };
    Io { input, hint_handler: Some(Box::new(handler)), ..Io::default() }
}

#[test]
fn transfers() {
    let elf = std::env::var("BATCH_ELF").unwrap();
    let program = Program::from_elf(&std::fs::read(elf).unwrap()).unwrap();
    let count: u64 = std::env::var("COUNT").map_or(1, |count| count.parse().unwrap());
    let world = &mut World::new(count, 1000);
    let transactions = (0..count).map(|key| transfer(key, 0, other(key), 1)).collect();
    let built = world.batch(vec![transactions]);
    let input = alloy_rlp::encode(world.range(&built));
    println!("input {} witness {}", input.len(), built.input.witness.len());
    if let Ok(path) = std::env::var("INPUT_OUT") {
        std::fs::write(path, &input).unwrap();
    }
    let (outcome, profile) = profile(&program, io(input), 1 << 34).unwrap();
    for f in profile.functions.iter().take(60) {
        println!("{:>10} {:#}", f.cycles, rustc_demangle::demangle(&f.name));
    }
    println!("{}", String::from_utf8_lossy(&outcome.text));
    println!("cycles {}", outcome.cycles);
    assert_eq!(outcome.exit_code, 0);
    let claim = [world.base.commitment.hash(), built.end.commitment.hash()].concat();
    assert_eq!(outcome.output, claim);
}
