use super::*;

#[test]
fn reaches_are_those_of_geth() {
    let wide = U256::from(1) << 64;
    let top = U256::from(u64::MAX);
    let word = |value: u64| U256::from(value);
    for (opcode, stack, expected) in [
        (opcode::MLOAD, vec![word(PRICED_MAX - 32)], Reach::Priced),
        (opcode::MLOAD, vec![word(PRICED_MAX - 31)], Reach::Unpriced),
        (opcode::MLOAD, vec![top - word(63)], Reach::Unpriced),
        // It ends within 64 bits, and the word that it ends in does not.
        (opcode::MLOAD, vec![top - word(32)], Reach::Uncounted),
        (opcode::MSTORE, vec![wide], Reach::Uncounted),
        (opcode::MSTORE8, vec![word(PRICED_MAX - 1)], Reach::Priced),
        (opcode::RETURN, vec![U256::MAX, U256::ZERO], Reach::Priced),
        (opcode::RETURN, vec![U256::ZERO, wide], Reach::Uncounted),
        (opcode::LOG4, vec![top, word(1)], Reach::Uncounted),
        (opcode::CODECOPY, vec![word(0), U256::MAX, word(9)], Reach::Priced),
        (opcode::CODECOPY, vec![word(0), word(0), wide], Reach::Uncounted),
        (opcode::MCOPY, vec![word(0), wide, word(1)], Reach::Uncounted),
        (opcode::EXTCODECOPY, vec![wide, word(0), wide, word(1)], Reach::Priced),
        (opcode::CREATE, vec![wide, word(0), word(1 << 40)], Reach::Unpriced),
        (opcode::CALL, [vec![wide; 3], vec![word(0); 4]].concat(), Reach::Priced),
        (opcode::CALL, [vec![word(0); 5], vec![wide, word(1)]].concat(), Reach::Uncounted),
        (opcode::STATICCALL, [vec![word(0); 2], vec![wide; 2]].concat(), Reach::Uncounted),
        (opcode::SSTORE, vec![wide; 2], Reach::Priced),
    ] {
        let found = reach(opcode, |place| stack.get(place).copied());
        assert_eq!(found, expected, "{opcode:#x} {stack:?}");
    }
}
