use minster_emulator::Io;
use minster_riscv::Program;

use super::Segments;
use crate::{Prover, RunOptions};

/// What is passed over moves a run on as what is filled, with output in the middle of it.
#[test]
fn a_passed_segment_is_the_filled_one() {
    let elf = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/elf/fibonacci.elf");
    let program = Program::from_elf(&std::fs::read(elf).unwrap()).unwrap();
    let prover = Prover::new(program).unwrap();
    let options = RunOptions { segment_cycles_max: 100, ..RunOptions::default() };
    let io = || Io::with_input(10_u32.to_le_bytes().to_vec());
    let mut filled = Segments::new(&prover, io(), options);
    let mut passed = Segments::new(&prover, io(), options);
    while !filled.has_ended() {
        let (work, _) = filled.fill().unwrap();
        let expected = passed.pass().unwrap();
        assert_eq!((work.shape, &work.traces.public), (expected.shape, &expected.public));
        assert_eq!(filled.position(), passed.position());
        assert_eq!(filled.cycles(), passed.cycles());
    }
    assert!(passed.has_ended() && passed.position() > 2);
    assert_eq!(filled.into_outcome(), passed.into_outcome());
}
