//! Points of secp256k1 (SEC 2) in affine coordinates, by the `ruint` crate.

use ruint::aliases::U256;

use crate::modular::{number, words};
use crate::{Block, Refusal};

#[cfg(test)]
mod tests;

/// The modulus of the field: `2^256 - 2^32 - 977`.
pub const MODULUS: U256 = U256::from_limbs([0xffff_fffe_ffff_fc2f, !0, !0, !0]);

fn coordinate(words: &Block) -> Result<U256, Refusal> {
    let value = number(words);
    if value < MODULUS { Ok(value) } else { Err(Refusal::Coordinate) }
}

fn minus(a: U256, b: U256) -> U256 {
    a.add_mod(MODULUS - b, MODULUS)
}

/// The sum of two points with different x.
pub fn add(p: [&Block; 2], q: [&Block; 2]) -> Result<[Block; 2], Refusal> {
    let slope = chord(p, q)?;
    Ok(third(p, q[0], &slope))
}

/// Twice a point with y other than 0.
pub fn double(p: [&Block; 2]) -> Result<[Block; 2], Refusal> {
    let slope = tangent(p)?;
    Ok(third(p, p[0], &slope))
}

/// The slope of the line through two points with different x.
pub fn chord(p: [&Block; 2], q: [&Block; 2]) -> Result<Block, Refusal> {
    let [px, py, qx, qy] =
        [coordinate(p[0])?, coordinate(p[1])?, coordinate(q[0])?, coordinate(q[1])?];
    let run = minus(qx, px).inv_mod(MODULUS).ok_or(Refusal::SameX)?;
    Ok(words(minus(qy, py).mul_mod(run, MODULUS)))
}

/// The slope of the tangent at a point with y other than 0.
pub fn tangent(p: [&Block; 2]) -> Result<Block, Refusal> {
    let [x, y] = [coordinate(p[0])?, coordinate(p[1])?];
    let run = y.add_mod(y, MODULUS).inv_mod(MODULUS).ok_or(Refusal::ZeroY)?;
    let rise = x.mul_mod(x, MODULUS).mul_mod(U256::from(3), MODULUS);
    Ok(words(rise.mul_mod(run, MODULUS)))
}

/// The mirrored third point of the line through a point with this slope.
fn third(p: [&Block; 2], qx: &Block, slope: &Block) -> [Block; 2] {
    let [px, py, qx, slope] = [p[0], p[1], qx, slope].map(number);
    let x = minus(minus(slope.mul_mod(slope, MODULUS), px), qx);
    let y = minus(slope.mul_mod(minus(px, x), MODULUS), py);
    [words(x), words(y)]
}
