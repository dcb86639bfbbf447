use super::super::BLOB_ELEMENTS;
use super::*;

#[test]
fn constants_are_what_they_are_said_to_be() {
    let m = FIELD_MODULUS;
    let order = U256::from(BLOB_ELEMENTS);
    assert_eq!(1 << FOLDS, BLOB_ELEMENTS);
    assert_eq!(INVERSE_COUNT.mul_mod(order, m), U256::ONE);
    let principal = U256::from(7).pow_mod((m - U256::ONE) / order, m);
    assert_eq!(INVERSE_ROOTS[10].mul_mod(principal, m), U256::ONE);
    assert_eq!(INVERSE_ROOTS[0].mul_mod(INVERSE_ROOTS[0], m), m - U256::ONE);
    for pair in INVERSE_ROOTS.windows(2) {
        assert_eq!(pair[1].mul_mod(pair[1], m), pair[0]);
    }
}
