use super::*;

#[test]
fn halts_have_geths_words() {
    let cases = [
        ("OutOfGas(Basic)", "out of gas"),
        ("InvalidFEOpcode", "invalid opcode: INVALID"),
        ("StackUnderflow", "stack underflow"),
        ("CreateCollision", "contract address collision"),
        (
            "PrecompileErrorWithContext(\"x\")",
            "execution halted: PrecompileErrorWithContext(\"x\")",
        ),
    ];
    for (reason, expected) in cases {
        assert_eq!(message(reason, None), expected);
    }
}

/// As geth's `ErrStackUnderflow`, `ErrStackOverflow` and `ErrInvalidOpCode` word them.
#[test]
fn some_name_the_instruction_and_the_stack() {
    let (add, swap2, dup1, push0) = (0x01, 0x91, 0x80, 0x5f);
    for (reason, opcode, stack, expected) in [
        ("StackUnderflow", add, 1, "stack underflow (1 <=> 2)"),
        ("StackUnderflow", swap2, 2, "stack underflow (2 <=> 3)"),
        ("StackOverflow", push0, 1_024, "stack limit reached 1024 (1023)"),
        ("StackOverflow", dup1, 1_024, "stack limit reached 1024 (1023)"),
        ("OpcodeNotFound", 0x0c, 0, "invalid opcode: opcode 0xc not defined"),
        ("OutOfGas(Basic)", add, 1, "out of gas"),
    ] {
        assert_eq!(message(reason, Some(LastStep { opcode, stack })), expected);
    }
}
