use super::*;

fn step(opcode: u8, stack: usize) -> Step {
    Step { opcode, stack, reach: Reach::Priced, third: U256::from(50_000) }
}

/// As geth's `ErrStackUnderflow`, `ErrStackOverflow` and `ErrInvalidOpCode` word them, and what
/// wraps its `ErrOutOfGas`.
#[test]
fn instructions_fail_in_geths_words() {
    use InstructionResult as Halt;
    let sizes = "out of gas: max initcode size exceeded: code size 50000 limit 49152";
    for (result, step, expected) in [
        (Halt::StackUnderflow, step(opcode::ADD, 1), "stack underflow (1 <=> 2)"),
        (Halt::StackUnderflow, step(opcode::SWAP2, 2), "stack underflow (2 <=> 3)"),
        (Halt::StackOverflow, step(opcode::PUSH0, 1_024), "stack limit reached 1024 (1023)"),
        (Halt::StackOverflow, step(opcode::DUP1, 1_024), "stack limit reached 1024 (1023)"),
        (Halt::OpcodeNotFound, step(0x0c, 0), "invalid opcode: opcode 0xc not defined"),
        (Halt::InvalidFEOpcode, step(0xfe, 0), "invalid opcode: INVALID"),
        (Halt::OutOfGas, step(opcode::ADD, 2), "out of gas"),
        (Halt::StateChangeDuringStaticCall, step(opcode::LOG0, 2), "write protection"),
        (Halt::StateChangeDuringStaticCall, step(opcode::TSTORE, 2), "write protection"),
        (
            Halt::StateChangeDuringStaticCall,
            step(opcode::SSTORE, 2),
            "out of gas: write protection",
        ),
        (Halt::CallNotAllowedInsideStatic, step(opcode::CALL, 7), "out of gas: write protection"),
        (Halt::CreateInitCodeSizeLimit, step(opcode::CREATE, 3), sizes),
        (
            Halt::ReentrancySentryOOG,
            step(opcode::SSTORE, 2),
            "out of gas: not enough gas for reentrancy sentry",
        ),
        (
            Halt::MemoryOOG,
            Step { reach: Reach::Unpriced, ..step(opcode::MLOAD, 1) },
            "out of gas: gas uint64 overflow",
        ),
        (
            Halt::OutOfGas,
            Step { reach: Reach::Uncounted, ..step(opcode::KECCAK256, 2) },
            "gas uint64 overflow",
        ),
    ] {
        assert_eq!(step_words(result, step), expected, "{result:?} {step:?}");
    }
}

#[test]
fn frames_that_fail_as_they_close_say_what_was_too_much() {
    use InstructionResult as Halt;
    for (result, is_creation, expected) in [
        (Halt::OutOfGas, true, "contract creation code storage out of gas"),
        (Halt::PrecompileOOG, false, "out of gas"),
        (Halt::PrecompileError, false, "precompiled failed"),
        (
            Halt::CreateContractSizeLimit,
            true,
            "max code size exceeded: code size 30000 limit 24576",
        ),
        (Halt::Revert, true, "execution reverted"),
        (Halt::CallTooDeep, false, "max call depth exceeded"),
    ] {
        assert_eq!(frame_words(result, is_creation, 30_000), expected, "{result:?}");
    }
}

/// Where geth's step is told before the instruction fails, and where after.
#[test]
fn what_is_refused_has_not_begun() {
    use InstructionResult as Halt;
    for (result, opcode, expected) in [
        (Halt::StackUnderflow, opcode::ADD, true),
        (Halt::MemoryOOG, opcode::MLOAD, true),
        (Halt::StateChangeDuringStaticCall, opcode::SSTORE, true),
        (Halt::StateChangeDuringStaticCall, opcode::LOG0, false),
        (Halt::InvalidJump, opcode::JUMP, false),
        (Halt::OutOfOffset, opcode::RETURNDATACOPY, false),
        (Halt::OpcodeNotFound, 0x0c, false),
        (Halt::InvalidFEOpcode, opcode::INVALID, false),
    ] {
        assert_eq!(is_refused(result, opcode), expected, "{result:?}");
    }
}
