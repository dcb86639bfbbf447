use super::*;

/// The host's side hands operands over in the right places; what the functions compute is tested
/// where they are defined.
#[test]
fn calls_reach_their_operands() {
    let mut state = KeccakState { rest: [1, 2, 3], ..KeccakState::default() };
    keccak_f(&mut state);
    // Keccak-f[1600] of zeros, the first lane of the team's test vector.
    assert_eq!((state.lanes[0], state.rest), (0xf125_8f79_40e1_dde7, [1, 2, 3]));

    let number = |low| [low, 0, 0, 0, 0, 0, 0, 0];
    assert_eq!(mod_mul(&number(5), &number(7), &number(12)), number(11));
    assert_eq!(mod_add(&number(5), &number(9), &number(12)), number(2));
    assert_eq!(mod_sub(&number(5), &number(9), &number(12)), number(8));

    let (mut value, parameters) = ([7; 8], [1, 2, 64, 4, 0, 0, 0, 0]);
    let bytes = [[3; 8], [4; 8]];
    let mut blocks = [value, bytes[0], bytes[1], parameters, [0; 8], [0; 8], [0; 8]];
    Function::Blake3.compute(&mut blocks).unwrap();
    blake3_compress(&mut value, &bytes, &parameters);
    assert_eq!(value, blocks[0]);
    let mut blocks = [value, bytes[0], bytes[1], [0; 8], [0; 8], [0; 8], [0; 8]];
    Function::Sha256.compute(&mut blocks).unwrap();
    sha256_compress(&mut value, &bytes);
    assert_eq!(value, blocks[0]);
}

#[test]
fn points_are_added_in_place_and_not() {
    // Multiples of a point with small x; none of these functions asks for the curve.
    let number = |low| [low, 0, 0, 0, 0, 0, 0, 0];
    let p = [number(1), number(5)];
    let mut twice = p;
    secp256k1_double_assign(&mut twice);
    let thrice = secp256k1_add(&twice, &p);
    secp256k1_add_assign(&mut twice, &p);
    assert_eq!(twice, thrice);
    assert_ne!(twice, p);
}

#[test]
#[should_panic(expected = "same x")]
fn a_refusal_stops_the_run() {
    let p = [[1; 8], [2; 8]];
    secp256k1_add(&p, &p);
}
