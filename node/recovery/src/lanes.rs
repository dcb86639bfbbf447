//! Eight recoveries at a time, one in each lane of AVX-512's registers.

mod field;
mod generator;
mod multiples;
mod point;
mod powers;
mod registers;
mod total;
mod words;

use k256::Scalar;
use minster_primitives::{B256, Signature};

use self::{
    field::Fe,
    multiples::Multiples,
    point::{Affine, Jacobian},
    powers::{inverse, square_root},
    registers::__mmask8,
};
use crate::scalar::{
    BASE_WINDOWS, Base, HALF_WINDOWS, Half, invert_all, parse, reduced, split, write_base,
    write_half,
};

/// How many lanes there are.
const LANES: usize = 8;

/// A public key: both coordinates, big-endian.
pub type PublicKey = [u8; 64];

/// Whether this processor has what the lanes need, or they are emulated.
pub fn are_there() -> bool {
    cfg!(feature = "emulated")
        || is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512ifma")
}

/// The keys that signed, and `None` where something else must find out: no key there is, or a sum
/// that only an attacker brings about.
pub fn recover(requests: &[(B256, Signature)]) -> Vec<Option<PublicKey>> {
    assert!(are_there(), "the caller has asked");
    #[cfg(feature = "emulated")]
    return recover_in_lanes(requests);
    // SAFETY: the processor has the features.
    #[cfg(not(feature = "emulated"))]
    unsafe {
        recover_in_lanes(requests)
    }
}

/// What eight signatures say.
struct Group {
    /// `x` of the signatures' points.
    x: Fe,
    /// Whether their `y` are odd.
    odd: __mmask8,
    /// The lanes whose numbers are in their ranges.
    valid: __mmask8,
    /// What the generator is multiplied by.
    base: Base,
    /// What the signatures' points are multiplied by.
    halves: [Half; 2],
}

#[cfg_attr(not(feature = "emulated"), target_feature(enable = "avx512f,avx512ifma"))]
fn recover_in_lanes(requests: &[(B256, Signature)]) -> Vec<Option<PublicKey>> {
    let mut points = Vec::with_capacity(requests.len().div_ceil(LANES));
    for group in prepare(requests) {
        points.push(group.keys());
    }
    let mut keys = Vec::with_capacity(points.len() * LANES);
    for (inverse, (point, valid)) in invert_z(&points).iter().zip(&points) {
        let square = inverse.square();
        let x = point.x.mul(&square).to_words();
        let y = point.y.mul(&square.mul(inverse)).to_words();
        for lane in 0..LANES {
            let words = x.iter().rev().chain(y.iter().rev()).map(|words| words[lane]);
            let mut key = [0; 64];
            for (bytes, word) in key.as_chunks_mut().0.iter_mut().zip(words) {
                *bytes = word.to_be_bytes();
            }
            keys.push((valid & (1 << lane) != 0).then_some(key));
        }
    }
    keys.truncate(requests.len());
    keys
}

/// The numbers of signatures, in groups. The scalars of all are inverted together.
#[cfg_attr(not(feature = "emulated"), target_feature(enable = "avx512f,avx512ifma"))]
fn prepare(requests: &[(B256, Signature)]) -> Vec<Group> {
    let parsed = |(_, signature): &(B256, Signature)| {
        let r = parse(signature.r().to_be_bytes())?;
        Some((r, parse(signature.s().to_be_bytes())?))
    };
    let parsed: Vec<Option<(Scalar, Scalar)>> = requests.iter().map(parsed).collect();
    let mut inverses: Vec<Scalar> =
        parsed.iter().map(|pair| pair.map_or(Scalar::ONE, |(r, _)| r)).collect();
    invert_all(&mut inverses);
    let mut groups = Vec::with_capacity(requests.len().div_ceil(LANES));
    let numbers = parsed.chunks(LANES).zip(inverses.chunks(LANES));
    for (requests, (parsed, inverses)) in requests.chunks(LANES).zip(numbers) {
        let (mut odd, mut valid) = (0, 0);
        let mut base = [[0; LANES]; BASE_WINDOWS];
        let mut halves = [[[0; LANES]; HALF_WINDOWS]; 2];
        let mut x = [[0; LANES]; 4];
        let lanes = requests.iter().zip(parsed.iter().zip(inverses));
        for (lane, ((prehash, signature), (parsed, inverse))) in lanes.enumerate() {
            let Some((_, s)) = parsed else { continue };
            valid |= 1 << lane;
            odd |= u8::from(signature.v()) << lane;
            for (words, word) in x.iter_mut().zip(signature.r().as_limbs()) {
                words[lane] = *word;
            }
            write_base(&mut base, lane, &-(reduced(prehash.0) * inverse));
            for (half, number) in halves.iter_mut().zip(split(&(s * inverse))) {
                write_half(half, lane, number);
            }
        }
        groups.push(Group { x: Fe::from_words(&x), odd, valid, base, halves });
    }
    groups
}

impl Group {
    /// The keys, and the lanes whose key is one: a point of the curve is named, and no sum on the
    /// way had to be done otherwise.
    #[cfg_attr(not(feature = "emulated"), target_feature(enable = "avx512f,avx512ifma"))]
    fn keys(&self) -> (Jacobian, __mmask8) {
        let square = self.x.square().mul(&self.x).sum().plus(Fe::small(7).sum()).fe();
        let y = square_root(&square);
        let on_curve = y.square().sum().minus(square.sum()).fe().is_zero();
        let point = Affine { x: self.x, y }.negated(y.is_odd() ^ self.odd);
        let mut total = Multiples::of(point).times(&self.halves);
        generator::add_multiples(&mut total, &self.base);
        let sum = *total.sum();
        let valid = self.valid & on_curve & !sum.z.is_zero();
        (sum, valid)
    }
}

/// The inverse of each point's `z`, with one inversion for all groups.
#[cfg_attr(not(feature = "emulated"), target_feature(enable = "avx512f,avx512ifma"))]
fn invert_z(points: &[(Jacobian, __mmask8)]) -> Vec<Fe> {
    let one = Fe::small(1);
    let mut product = one;
    let mut products = Vec::with_capacity(points.len());
    for (point, valid) in points {
        products.push(product);
        product = product.mul(&one.blend(*valid, point.z));
    }
    let mut inverse = inverse(&product);
    for ((point, valid), product) in points.iter().zip(&mut products).rev() {
        *product = product.mul(&inverse);
        inverse = inverse.mul(&one.blend(*valid, point.z));
    }
    products
}
