//! u1·(-G) + u2·R by one walk down 128 bits: bytes of u1 by tables that the program brings along,
//! and digits of the halves of u2 by a table that is made of R.
//!
//! The calls that add points are not defined for two points of equal x. Whoever signs can choose
//! that a sum meets such a point, so each addition compares first.

use alloc::vec::Vec;

use minster_guest::precompiles::{
    Block, Point, mod_mul, mod_sub, secp256k1_add, secp256k1_add_assign, secp256k1_double_assign,
};

use crate::glv::{COUNT_MAX, KINDS, Limbs};
use crate::number::{BETA, FIELD, ZERO};

/// The multiples of -G and of -2^128·G by 1 to 255; at 0 there are zeros.
#[rustfmt::skip]
static MULTIPLES: [[Point; 256]; 2] = include!(concat!(env!("OUT_DIR"), "/multiples.rs"));

/// What a digit of each kind adds: to k1 itself, to k2 2^16 times.
const WEIGHTS: [i32; KINDS] = {
    let mut weights = [0; KINDS];
    let mut kind = 0;
    while kind < KINDS {
        let magnitude = 2 * (kind as i32 >> 2) + 1;
        let digit = if kind & 1 == 0 { magnitude } else { -magnitude };
        weights[kind] = if kind & 2 == 0 { digit } else { digit << 16 };
        kind += 1;
    }
    weights
};

/// A point of the curve, or infinity.
struct Sum {
    point: Point,
    is_infinite: bool,
}

impl Sum {
    fn double(&mut self, times: u32) {
        if self.is_infinite {
            return;
        }
        for _ in 0..times {
            // No point of the curve has y = 0, because its order is odd.
            secp256k1_double_assign(&mut self.point);
        }
    }

    fn add(&mut self, point: &Point) {
        if self.is_infinite || self.point[0][0] == point[0][0] {
            return self.add_rare(point);
        }
        secp256k1_add_assign(&mut self.point, point);
    }

    #[cold]
    #[inline(never)]
    fn add_rare(&mut self, point: &Point) {
        if self.is_infinite {
            *self = Self { point: *point, is_infinite: false };
        } else if self.point[0] != point[0] {
            secp256k1_add_assign(&mut self.point, point);
        } else if self.point[1] == point[1] {
            secp256k1_double_assign(&mut self.point);
        } else {
            self.is_infinite = true;
        }
    }
}

/// What the digits of one walk stand for, and the point that it came to.
pub struct Walked {
    /// The limbs of k1 and k2.
    pub halves: [Limbs; 2],
    /// The sum; nothing if it is infinity.
    pub point: Option<Point>,
}

/// Walks. The bytes of `u1` are 32, lowest first. Nothing comes of it if the digits do not have
/// their form.
// Apart from what calls it, so that the loop has all registers for itself.
#[inline(never)]
pub fn walk(r: &Point, u1: &[u8], mut digits: impl Iterator<Item = u8>) -> Option<Walked> {
    let points = digit_points(r);
    let points: &[Point] = points.as_chunks().0;
    let (low, high) = u1.split_at_checked(16)?;
    let mut bytes = low.iter().zip(high).rev();
    let mut halves = [[0; 8]; 2];
    let [first, second] = &mut halves;
    let mut sum = Sum { point: *r, is_infinite: true };
    for (first, second) in first.iter_mut().zip(second) {
        for (low, high) in bytes.by_ref().take(2) {
            let count = digits.next()?;
            if count > COUNT_MAX {
                return None;
            }
            let mut left = 8_u32;
            // Both halves of the byte, k2's 2^16 times: 16 digits of at most 7·2^8 fit 16 bits.
            let mut both = 0;
            for _ in 0..count {
                let digit = digits.next()?;
                let steps = u32::from(digit >> 4);
                left = left.checked_sub(steps)?;
                sum.double(steps);
                let kind = usize::from(digit & 15);
                both = (both << steps) + WEIGHTS[kind];
                sum.add(points.get(kind)?);
            }
            sum.double(left);
            both <<= left;
            let half = both << 16 >> 16;
            *first = (*first << 8) + half;
            *second = (*second << 8) + ((both - half) >> 16);
            for (byte, multiples) in [low, high].into_iter().zip(&MULTIPLES) {
                if *byte != 0 {
                    sum.add(&multiples[usize::from(*byte)]);
                }
            }
        }
    }
    Some(Walked { halves, point: (!sum.is_infinite).then_some(sum.point) })
}

/// What a digit of each kind adds, x and y in turn.
fn digit_points(r: &Point) -> Vec<Block> {
    // Two different multiples of R by less than 8 do not have one x, since R has the order n.
    let mut twice = *r;
    secp256k1_double_assign(&mut twice);
    let thrice = secp256k1_add(r, &twice);
    let fivefold = secp256k1_add(&thrice, &twice);
    let sevenfold = secp256k1_add(&fivefold, &twice);
    // An array would have to hold something before its points are known.
    let mut blocks: Vec<Block> = Vec::with_capacity(2 * KINDS);
    for [x, y] in [r, &thrice, &fivefold, &sevenfold] {
        let minus_y = mod_sub(&ZERO, y, &FIELD);
        let lambda_x = mod_mul(x, &BETA, &FIELD);
        blocks.push(*x);
        blocks.push(*y);
        blocks.push(*x);
        blocks.push(minus_y);
        blocks.push(lambda_x);
        blocks.push(*y);
        blocks.push(lambda_x);
        blocks.push(minus_y);
    }
    blocks
}

#[cfg(test)]
mod tests;
