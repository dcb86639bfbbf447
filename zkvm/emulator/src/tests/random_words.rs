//! Whatever a program consists of: no panic, and recording agrees with running.

use minster_precompiles::UNITS;
use minster_riscv::{Opcode, Program};
use proptest::prelude::*;

use super::{CODE, DATA};
use crate::{CLASSES, Io, Limits, Outcome, Recorder, RunError, run};

const CYCLES_MAX: u64 = 300;

const SHAPE: Limits = Limits {
    steps: [20; CLASSES],
    io: 1100,
    refreshes: 10,
    calls: 10,
    units: [10; UNITS],
    blocks: 70,
    leaves: 200,
    nodes: 1000,
    hashes: 2300 + 1100,
    clock: 64,
};

/// Words of which most are instructions, and some anything.
fn word() -> impl Strategy<Value = u32> {
    let instruction = (prop::sample::select(Opcode::ALL), any::<u32>())
        .prop_map(|(opcode, fields)| opcode.bits() | fields & !opcode.format().mask());
    // Sets a register of an ecall to something small or to a known address.
    let argument = (prop::sample::select(vec![10_u32, 11, 12]), 0_u32..2048)
        .prop_map(|(register, value)| value << 20 | register << 7 | 0x13);
    let pointer = prop::sample::select(vec![5_u32, 6, 10, 11])
        .prop_map(|register| DATA | register << 7 | 0x37);
    let number = prop::sample::select(vec![64_u32, 93]).prop_map(|n| n << 20 | 17 << 7 | 0x13);
    // a7 := 0x1000, then less or more by a few.
    let high = (0_u32..4).prop_map(|n| if n == 3 { 0x18b7 } else { n << 20 | 17 << 15 | 0x893 });
    prop_oneof![
        8 => instruction,
        2 => argument,
        2 => pointer,
        1 => number,
        2 => high,
        2 => Just(0x73),
        1 => any::<u32>(),
    ]
}

fn recorded(program: &Program, io: Io) -> Result<Outcome, RunError> {
    let mut recorder = Recorder::new(program, io, CYCLES_MAX);
    while !recorder.has_ended() {
        let segment = recorder.next_segment(&[SHAPE])?;
        assert!(segment.counts.fits(&SHAPE));
    }
    recorder.into_outcome().ok_or(RunError::Ended)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn any_words_run_or_trap_alike(
        words in prop::collection::vec(word(), 1..60),
        input in prop::collection::vec(any::<u8>(), 0..20),
    ) {
        let program = Program::new(CODE, CODE, &words, &[]).expect("a valid program");
        let io = || Io { input: input.clone(), hints: input.clone(), ..Io::default() };
        let plain = run(&program, io(), CYCLES_MAX);
        prop_assert_eq!(recorded(&program, io()), plain);
    }
}
