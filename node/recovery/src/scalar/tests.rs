use super::*;

fn scalars() -> Vec<Scalar> {
    let mut scalars = vec![Scalar::ONE, -Scalar::ONE, Scalar::from(2_u32), from_limbs(LAMBDA)];
    let mut scalar = reduced([0x5a; 32]);
    for _ in 0..2_000 {
        scalars.push(scalar);
        scalars.push(scalar.square() - Scalar::ONE);
        scalar = scalar.square() + Scalar::ONE;
    }
    scalars
}

fn signed(size: u128, negative: bool) -> Scalar {
    if negative { -Scalar::from(size) } else { Scalar::from(size) }
}

#[test]
fn lambda_is_a_root_of_one() {
    let lambda = from_limbs(LAMBDA);
    assert_ne!(lambda, Scalar::ONE);
    assert_eq!(lambda.square() * lambda, Scalar::ONE);
}

#[test]
fn halves_make_the_scalar() {
    for scalar in scalars() {
        let [(k1, minus1), (k2, minus2)] = split(&scalar);
        assert_eq!(signed(k1, minus1) + signed(k2, minus2) * from_limbs(LAMBDA), scalar);
    }
}

fn value<const N: usize>(digits: &[Digits; N], lane: usize, base: u64) -> Scalar {
    digits.iter().rev().fold(Scalar::ZERO, |sum, digits| {
        let digit = digits[lane].cast_signed();
        sum * Scalar::from(base) + signed(digit.unsigned_abs().into(), digit < 0)
    })
}

#[test]
fn digits_make_halves_and_scalars() {
    for scalar in scalars() {
        for (size, negative) in split(&scalar) {
            let mut half = [[0; 8]; HALF_WINDOWS];
            write_half(&mut half, 3, (size, negative));
            assert_eq!(value(&half, 3, 32), signed(size, negative));
            let largest = |digits: &Digits| digits[3].cast_signed().unsigned_abs();
            assert!(half.iter().all(|digits| largest(digits) <= MULTIPLES_MAX as u64));
        }
        let mut base = [[0; 8]; BASE_WINDOWS];
        write_base(&mut base, 5, &scalar);
        assert_eq!(value(&base, 5, 256), scalar);
        let largest = |digits: &Digits| digits[5].cast_signed().unsigned_abs();
        assert!(base.iter().all(|digits| largest(digits) <= BASE_MULTIPLES_MAX as u64));
    }
}

#[test]
fn inverses_are_inverses() {
    let scalars = scalars();
    let mut inverses = scalars.clone();
    invert_all(&mut inverses);
    for (scalar, inverse) in scalars.iter().zip(inverses) {
        assert_eq!(scalar * &inverse, Scalar::ONE);
    }
}
