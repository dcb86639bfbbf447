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
fn of_rounds() {
    let mut input = [0; BLAKE2_SIZE];
    input[..4].copy_from_slice(&7_u32.to_be_bytes());
    assert_eq!(gas(9, &input), 7);
    assert_eq!(gas(9, &input[1..]), 0);
    assert_eq!(gas(9, &[]), 0);
    assert_eq!(gas(2, &input), 0);
}
