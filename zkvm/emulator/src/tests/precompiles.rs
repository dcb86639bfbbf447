//! Calls of precompiles: what they do to memory, where they stop a run, how they are recorded.

use minster_precompiles::{ADDRESS_END, BLOCKS_MAX, Block, Function, Refusal, UNITS};
use minster_riscv::{Opcode, Program};

use super::random_programs::Random;
use super::recording::{WIDE, check, record};
use super::{A0, Assembler, CODE, DATA, T0, T1, ZERO, assemble};
use crate::ecall::{COMMIT, HALT};
use crate::*;

const STATE: u32 = DATA + 0x1000;

/// Bytes of random words.
fn words(seed: u64, count: usize) -> Vec<u8> {
    let mut random = Random(seed);
    (0..count).flat_map(|_| random.below(u32::MAX).to_le_bytes()).collect()
}

fn blocks(bytes: &[u8]) -> Vec<Block> {
    let words: Vec<u32> =
        bytes.as_chunks().0.iter().map(|word| u32::from_le_bytes(*word)).collect();
    words.as_chunks().0.to_vec()
}

/// Calls a function, and commits what is in memory from [`DATA`] on.
fn called(function: Function, addresses: &[u32], memory: &[u8]) -> Result<Vec<Block>, RunError> {
    let code = assemble().call(function.number(), addresses);
    let code = code.call(COMMIT, &[DATA, memory.len() as u32]).call(HALT, &[0]);
    let outcome = run(&code.program(&[(DATA, memory)]), Io::default(), 1000)?;
    Ok(blocks(&outcome.output))
}

#[test]
fn results_are_those_of_the_functions() {
    for function in Function::ALL {
        // Small numbers, so that points and moduli are accepted.
        let mut memory = words(function.number().into(), 8 * 16);
        memory.iter_mut().skip(31).step_by(32).for_each(|high| *high = 1);
        let mut at = DATA;
        let addresses: Vec<u32> =
            (function.operands().iter()).map(|count| (at, at += 32 * *count as u32).0).collect();
        let before = blocks(&memory);
        let mut expected = [Block::default(); BLOCKS_MAX];
        let size = function.blocks();
        expected[..size].copy_from_slice(&before[..size]);
        function.compute(&mut expected).expect("operands in order");
        let after = called(function, &addresses, &memory).expect("the program halts");
        assert_eq!(after[..size], expected[..size], "{function:?}");
        assert_eq!(after[size..], before[size..], "{function:?}");
    }
}

/// All operands are read before the result is written, wherever they lie.
#[test]
fn operands_may_overlap() {
    let mut memory = words(7, 8 * 8);
    memory[31] = 0;
    memory[63] = 0x7f;
    let number = |offset: usize| -> Block { blocks(&memory[offset..offset + 32])[0] };
    for (result, a, b, m) in [(0, 0, 0, 32), (32, 32, 32, 32), (0, 4, 8, 12), (20, 16, 12, 32)] {
        let mut expected = [Block::default(); BLOCKS_MAX];
        expected[1..4].copy_from_slice(&[number(a), number(b), number(m)]);
        let addresses = [result, a, b, m].map(|offset| DATA + offset as u32);
        let answer = called(Function::ModAdd, &addresses, &memory);
        Function::ModAdd.compute(&mut expected).expect("a modulus");
        let mut after = memory.clone();
        let bytes: Vec<u8> = expected[0].iter().flat_map(|word| word.to_le_bytes()).collect();
        after[result..result + 32].copy_from_slice(&bytes);
        assert_eq!(answer.expect("it halts"), blocks(&after), "{addresses:x?}");
    }
}

#[test]
fn bad_addresses_trap() {
    let trap = |function: Function, addresses: &[u32]| {
        assemble().call(function.number(), addresses).trap()
    };
    for function in Function::ALL {
        for operand in 0..function.operands().len() {
            let mut addresses = [DATA; 4];
            for address in [DATA + 1, DATA + 2, DATA + 3, ADDRESS_END - 1] {
                addresses[operand] = address;
                assert_eq!(trap(function, &addresses), TrapKind::MisalignedAccess { address });
            }
            for address in [ADDRESS_END, ADDRESS_END + 4, 0x8000_0000, 0xffff_fffc, 0xffff_ffff] {
                addresses[operand] = address;
                assert_eq!(trap(function, &addresses), TrapKind::PrecompileAddress { address });
            }
        }
    }
    // The highest address there is, and registers that the function does not have.
    let code = assemble().call(Function::KeccakF.number(), &[ADDRESS_END - 4, 1, 2, 3]);
    assert_eq!(code.halt_with(ZERO).exit_code(), 0);
}

#[test]
fn refused_operands_trap() {
    let refused = |function: Function, refusal| {
        let code = assemble().call(function.number(), &[DATA; 4]);
        assert_eq!(code.trap(), TrapKind::PrecompileRefused { function, refusal });
    };
    // All of memory is zero.
    refused(Function::ModMul, Refusal::NoRemainder);
    refused(Function::ModAdd, Refusal::NoRemainder);
    refused(Function::ModSub, Refusal::NoRemainder);
    refused(Function::SecpAdd, Refusal::SameX);
    refused(Function::SecpDouble, Refusal::ZeroY);
    assert!(matches!(assemble().ecall(0x2008).trap(), TrapKind::UnknownEcall { number: 0x2008 }));
}

/// Calls between other instructions, of operands that overlap and share leaves with the data.
fn calling(seed: u64) -> Program {
    let mut random = Random(seed);
    let mut code = assemble().set(T0, 3);
    for round in 0..12 {
        let mut near = || STATE + 4 * random.below(40);
        let arguments = [near(), near(), near()];
        let function = [Function::KeccakF, Function::Sha256, Function::Blake3][round % 3];
        code = code
            .call(function.number(), &arguments)
            .op(Opcode::Lw, T1, A0, 0, 4)
            .op(Opcode::Add, T0, T0, T1, 0)
            .op(Opcode::Sw, 0, A0, T0, 8)
            // The modulus has a bit at least: what is added is no zero.
            .call(Function::ModAdd.number(), &[near(), near(), near(), DATA])
            .call(COMMIT, &[STATE, 40]);
    }
    code = code.call(HALT, &[0]);
    code.program(&[(DATA, &words(seed, 8)), (STATE, &words(seed + 1, 40))])
}

#[test]
fn calls_are_recorded_as_one_consistent_memory() {
    for seed in 0..20 {
        let segments = check(&calling(seed), Io::default, &[WIDE]);
        assert_eq!(segments.len(), 1);
        assert_eq!(segments[0].calls.len(), 24);
    }
}

/// Whatever limit is reached, the call is the first of the next segment, as if nothing had been.
#[test]
fn segments_end_before_a_call_without_room() {
    let whole = |program: &Program| record(program, Io::default(), &[WIDE]).1;
    let shapes = [
        Limits { calls: 1, ..WIDE },
        Limits { calls: 5, ..WIDE },
        Limits { blocks: 9, ..WIDE },
        Limits { units: [1, 7, 7, 7, 7], ..WIDE },
        Limits { units: [7, 7, 7, 2, 7], ..WIDE },
        Limits { leaves: 14, ..WIDE },
        Limits { nodes: 66, ..WIDE },
        Limits { hashes: 160, ..WIDE },
    ];
    for seed in 0..4 {
        let program = calling(seed);
        for shape in shapes {
            let segments = check(&program, Io::default, &[shape]);
            assert!(segments.len() > 1, "{shape:?}");
            assert!(segments.iter().all(|segment| segment.counts.fits(&shape)));
            let (_, outcome) = record(&program, Io::default(), &[shape]);
            assert_eq!(outcome, whole(&program));
        }
    }
    // A shape without room for any call.
    let none = Limits { calls: 0, units: [0; UNITS], blocks: 0, ..WIDE };
    let call = Assembler::default().call(Function::KeccakF.number(), &[STATE]);
    let mut recorder = Recorder::new(&call.program(&[]), Io::default(), 100);
    assert!(recorder.next_segment(&[none]).is_ok());
    let at = CODE + 4 * (call.words.len() as u32 - 1);
    assert_eq!(recorder.next_segment(&[none]).err(), Some(RunError::ShapesTooSmall { pc: at }));
}
