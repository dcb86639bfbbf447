//! Recovery of a public key from a signature: Q = (s·R - z·G) / r.

use minster_guest::hint_words;
use minster_guest::precompiles::{Block, Point, mod_add, mod_mul, mod_sub};
use minster_guest::words::as_bytes;

use crate::advice::{ANSWER_WORDS_MAX, DIGITS_START, NO_ROOT, ROOT, Request};
use crate::number::{
    FIELD, FIELD_MINUS_ORDER, ORDER, SEVEN, ZERO, from_bytes, is_below, is_same, write_bytes,
};
use crate::{glv, hints, multiply};

#[cfg(test)]
mod tests;

/// The exit code of a guest whose host gave wrong advice.
pub const EXIT_ADVICE: u32 = 102;

/// A signature from which a key can be recovered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The x of R modulo n, highest byte first.
    pub r: [u8; 32],
    /// The second half, highest byte first.
    pub s: [u8; 32],
    /// Whether the y of R is odd: bit 0 of the recovery id.
    pub y_is_odd: bool,
    /// Whether the x of R is r + n: bit 1 of the recovery id.
    pub x_is_reduced: bool,
}

/// Why there is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecoverError {
    /// r or s is 0, or n or more.
    #[error("r or s is not of 1..n")]
    Scalar,
    /// The x of R is p or more.
    #[error("x is not below the modulus of the field")]
    X,
    /// No point of the curve has this x.
    #[error("no point of the curve has this x")]
    NoPoint,
    /// The key would be infinity.
    #[error("the key would be the point at infinity")]
    Infinity,
}

/// The host's advice is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WrongAdvice;

/// The key, x and y with the highest byte first, whose signature of the digest this is.
///
/// # Errors
/// The signature has no key.
///
/// The run ends with [`EXIT_ADVICE`] if the host gives wrong advice.
pub fn recover(digest: &[u8; 32], signature: &Signature) -> Result<[u8; 64], RecoverError> {
    let request = request(digest, signature)?;
    let mut buffer = [0; ANSWER_WORDS_MAX];
    let count = hint_words(&request.to_words(), &mut buffer);
    let own;
    let answer = match buffer.get(..count) {
        Some([]) => {
            own = hints::advise(&request);
            &own
        }
        Some(answer) => answer,
        // No host has reason to give more.
        None => &[],
    };
    match check(&request, answer) {
        Ok(Ok(key)) => Ok(to_bytes(&key)),
        Ok(Err(error)) => Err(error),
        Err(WrongAdvice) => {
            minster_guest::debug(b"wrong advice for a recovery\n");
            minster_guest::exit(EXIT_ADVICE)
        }
    }
}

fn to_bytes([x, y]: &Point) -> [u8; 64] {
    let mut bytes = [0; 64];
    let (first, second) = bytes.split_at_mut(32);
    write_bytes(x, first);
    write_bytes(y, second);
    bytes
}

/// What can be said without knowing the curve's points.
pub(crate) fn request(digest: &[u8; 32], signature: &Signature) -> Result<Request, RecoverError> {
    let [r, s] = [&signature.r, &signature.s].map(from_bytes);
    for scalar in [&r, &s] {
        if is_same(scalar, &ZERO) || !is_below(scalar, &ORDER) {
            return Err(RecoverError::Scalar);
        }
    }
    let x = match signature.x_is_reduced {
        false => r,
        true if is_below(&r, &FIELD_MINUS_ORDER) => mod_add(&r, &ORDER, &FIELD),
        true => return Err(RecoverError::X),
    };
    Ok(Request { x, y_is_odd: signature.y_is_odd, z: from_bytes(digest), s })
}

/// The key that a request asks for, if the advice shows it, or that there is none.
///
/// - y counts if y² = x³ + 7, y is below p and it has the parity asked for: then R is that point.
/// - w counts if w² = -(x³ + 7). Then x³ + 7 is no square, as -1 is none modulo p; and x³ + 7 is
///   not 0, because the order of the curve is odd.
/// - u1 counts if u1·r = z mod n, the digits if their u2 has u2·r = s mod n. As r has an inverse,
///   they are z/r and s/r, and the key is u2·R - u1·G.
pub(crate) fn check(
    request: &Request,
    answer: &[u32],
) -> Result<Result<Point, RecoverError>, WrongAdvice> {
    let (kind, rest) = answer.split_first().ok_or(WrongAdvice)?;
    let (root, rest) = rest.split_first_chunk().ok_or(WrongAdvice)?;
    if !is_below(root, &FIELD) {
        return Err(WrongAdvice);
    }
    let right = right_side(&request.x);
    let square = mod_mul(root, root, &FIELD);
    match *kind {
        ROOT if is_same(&square, &right) => {}
        NO_ROOT if is_same(&square, &mod_sub(&ZERO, &right, &FIELD)) => {
            return Ok(Err(RecoverError::NoPoint));
        }
        _ => return Err(WrongAdvice),
    }
    if (root[0] & 1 == 1) != request.y_is_odd {
        return Err(WrongAdvice);
    }
    let (u1, _) = rest.split_first_chunk::<8>().ok_or(WrongAdvice)?;
    let digits = answer.get(DIGITS_START..).ok_or(WrongAdvice)?;
    let r = [request.x, *root];
    let bytes = as_bytes(digits).iter().copied();
    let walked = multiply::walk(&r, as_bytes(u1), bytes).ok_or(WrongAdvice)?;
    let [first, second] = &walked.halves;
    let u2 = glv::compose(first, second).ok_or(WrongAdvice)?;
    let r = reduced(&request.x);
    if !is_same(&mod_mul(&r, u1, &ORDER), &reduced(&request.z))
        || !is_same(&mod_mul(&r, &u2, &ORDER), &request.s)
    {
        return Err(WrongAdvice);
    }
    Ok(walked.point.ok_or(RecoverError::Infinity))
}

/// x³ + 7.
pub(crate) fn right_side(x: &Block) -> Block {
    let square = mod_mul(x, x, &FIELD);
    mod_add(&mod_mul(&square, x, &FIELD), &SEVEN, &FIELD)
}

/// A number modulo n.
pub(crate) fn reduced(number: &Block) -> Block {
    match is_below(number, &ORDER) {
        true => *number,
        false => mod_add(number, &ZERO, &ORDER),
    }
}
