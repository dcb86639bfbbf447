use super::*;

#[test]
fn halts_have_geths_words() {
    let cases = [
        ("OutOfGas(Basic)", "out of gas"),
        ("OutOfGas(InvalidOperand)", "gas uint64 overflow"),
        ("InvalidOperandOOG", "gas uint64 overflow"),
        ("MemoryOOG", "out of gas"),
        ("InvalidFEOpcode", "invalid opcode: INVALID"),
        ("StackUnderflow", "stack underflow"),
        ("CreateCollision", "contract address collision"),
        (
            "PrecompileErrorWithContext(\"x\")",
            "execution halted: PrecompileErrorWithContext(\"x\")",
        ),
    ];
    for (reason, expected) in cases {
        assert_eq!(message(reason), expected);
    }
}

#[test]
fn want_of_gas_is_told_from_what_more_gas_does_not_mend() {
    for (words, expected) in [
        ("out of gas", true),
        ("out of gas: gas uint64 overflow", true),
        ("gas uint64 overflow", false),
        ("contract creation code storage out of gas", false),
        ("out of gasoline", false),
    ] {
        assert_eq!(is_out_of_gas(words), expected, "{words}");
    }
}
