//! The gas is what the precompile takes.

use proptest::prelude::*;
use revm::precompile::modexp::osaka_run;

use super::*;

fn sizes() -> impl Strategy<Value = u64> {
    prop_oneof![8 => 0_u64..70, 1 => 1_020_u64..1_030, 1 => any::<u64>()]
}

proptest! {
    #[test]
    fn of_powers(
        base in sizes(), exponent in sizes(), modulus in sizes(),
        rest in prop::collection::vec(any::<u8>(), 0..200), cut in 0_usize..400,
    ) {
        let head = [base, exponent, modulus].map(|size| U256::from(size).to_be_bytes::<32>());
        let mut input = [head.concat(), rest].concat();
        input.truncate(cut);
        let known = osaka_run(&input, u64::MAX);
        prop_assert_eq!(gas(5, &input), known.map_or(0, |output| output.gas_used));
    }
}

#[test]
fn of_even_moduli() {
    let head = |modulus: u64| [3, 2, modulus].map(|size| U256::from(size).to_be_bytes::<32>());
    let input = |modulus: u64, bytes: &[u8]| [&head(modulus).concat()[..], &[9; 5], bytes].concat();
    for (modulus, bytes, bits) in [
        (4, &[0, 0, 0, 1][..], 0),
        (4, &[0x80, 0, 0, 0], 31),
        (4, &[0xff, 0x10, 0, 0], 20),
        (4, &[0, 0, 0, 0], 0),
        // The rest is zero, and what is behind it is nobody's.
        (9, &[2], 2 * (8 * 8 + 1)),
        (2, &[1, 0, 1], 8),
        (1_024, &[1], 128 * 8 * 1_023),
        (1_025, &[1], 0),
        (0, &[], 0),
    ] {
        assert_eq!(power_halvings(&input(modulus, bytes)), bits, "{modulus}, {bytes:?}");
    }
    assert_eq!(power_halvings(&[]), 0);
    assert_eq!(power_halvings(&[0xff; 200]), 0);
}

#[test]
fn of_rounds() {
    let mut input = [0; BLAKE2_SIZE];
    input[..4].copy_from_slice(&7_u32.to_be_bytes());
    assert_eq!(gas(9, &input), 7);
    assert_eq!(gas(9, &input[1..]), 0);
    assert_eq!(gas(9, &[]), 0);
    assert_eq!(gas(2, &input), 0);
}
