//! Against libsecp256k1, and off the curve against the equations that fix the result.

use ::secp256k1::{Keypair, PublicKey};
use proptest::prelude::*;

use super::{add, double};
use crate::modular;
use crate::{Block, Refusal};

const MODULUS: Block = [0xffff_fc2f, 0xffff_fffe, !0, !0, !0, !0, !0, !0];
const ZERO: Block = [0; 8];
const ONE: Block = [1, 0, 0, 0, 0, 0, 0, 0];

/// The point of a secret key.
fn key(secret: [u8; 32]) -> PublicKey {
    Keypair::from_secret_bytes(secret).unwrap().public_key()
}

/// A small multiple of the generator.
fn multiple(number: u32) -> PublicKey {
    let mut secret = [0; 32];
    secret[28..].copy_from_slice(&number.to_be_bytes());
    key(secret)
}

/// A number from its bytes, highest first.
fn block(bytes: &[u8]) -> Block {
    core::array::from_fn(|index| {
        let end = 32 - 4 * index;
        u32::from_be_bytes(bytes[end - 4..end].try_into().unwrap())
    })
}

fn point(key: &PublicKey) -> [Block; 2] {
    let bytes = key.serialize_uncompressed();
    [block(&bytes[1..33]), block(&bytes[33..])]
}

fn sum(p: &[Block; 2], q: &[Block; 2]) -> Result<[Block; 2], Refusal> {
    add([&p[0], &p[1]], [&q[0], &q[1]])
}

fn twice(p: &[Block; 2]) -> Result<[Block; 2], Refusal> {
    double([&p[0], &p[1]])
}

#[test]
fn small_multiples_of_the_generator() {
    let generator = point(&multiple(1));
    let mut last = twice(&generator).unwrap();
    for number in 2..300 {
        assert_eq!(last, point(&multiple(number)));
        assert_eq!(twice(&last).unwrap(), point(&multiple(2 * number)));
        last = sum(&last, &generator).unwrap();
    }
}

#[test]
fn what_is_refused() {
    let [x, y] = point(&multiple(7));
    let minus = point(&multiple(7).negate());
    assert_eq!(sum(&[x, y], &[x, y]), Err(Refusal::SameX));
    assert_eq!(sum(&[x, y], &minus), Err(Refusal::SameX));
    assert_eq!(twice(&[x, ZERO]), Err(Refusal::ZeroY));
    assert_eq!(twice(&[ZERO, ZERO]), Err(Refusal::ZeroY));
    let least = |mut block: Block| {
        block[0] -= 1;
        block
    };
    for beyond in [MODULUS, [!0; 8]] {
        for index in 0..4 {
            let mut coordinates = [x, y, ONE, ONE];
            coordinates[index] = beyond;
            let [px, py, qx, qy] = coordinates;
            assert_eq!(sum(&[px, py], &[qx, qy]), Err(Refusal::Coordinate));
            if index < 2 {
                assert_eq!(twice(&[px, py]), Err(Refusal::Coordinate));
            }
            coordinates[index] = least(MODULUS);
            let [px, py, qx, qy] = coordinates;
            assert!(sum(&[px, py], &[qx, qy]).is_ok());
        }
    }
}

fn modulo(
    operation: fn(&Block, &Block, &Block) -> Result<modular::Division, Refusal>,
    a: &Block,
    b: &Block,
) -> Block {
    operation(a, b, &MODULUS).unwrap().result
}

/// Three points of which the last, mirrored, lies on the line with this rise and run through the
/// first one: `(y1 + y3)·run = rise·(x1 - x3)`, and `(x1 + x2 + x3)·run² = rise²`.
fn is_third(p: &[Block; 2], qx: &Block, r: &[Block; 2], rise: &Block, run: &Block) -> bool {
    let times = |a: &Block, b: &Block| modulo(modular::mul, a, b);
    let plus = |a: &Block, b: &Block| modulo(modular::add, a, b);
    let across = modulo(modular::sub, &p[0], &r[0]);
    let sum = plus(&plus(&p[0], qx), &r[0]);
    times(&plus(&p[1], &r[1]), run) == times(rise, &across)
        && times(&sum, &times(run, run)) == times(rise, rise)
}

fn coordinate() -> impl Strategy<Value = Block> {
    let edges = [ZERO, ONE, [0xffff_fc2e, 0xffff_fffe, !0, !0, !0, !0, !0, !0], [0x8080_8080; 8]];
    let number = prop_oneof![3 => any::<Block>(), 1 => proptest::sample::select(edges.to_vec())];
    number.prop_filter("below the modulus", |block| block.iter().rev().lt(MODULUS.iter().rev()))
}

proptest! {
    #[test]
    fn points_of_the_curve(first: [u8; 16], second: [u8; 16]) {
        let secret = |half: [u8; 16]| {
            let mut secret = [1; 32];
            secret[16..].copy_from_slice(&half);
            secret
        };
        let [p, q] = [first, second].map(|half| key(secret(half)));
        prop_assert_eq!(twice(&point(&p)).unwrap(), point(&p.combine(&p).unwrap()));
        if p != q {
            let expected = point(&p.combine(&q).unwrap());
            prop_assert_eq!(sum(&point(&p), &point(&q)).unwrap(), expected);
        }
    }

    #[test]
    fn points_off_the_curve(p in [coordinate(), coordinate()], q in [coordinate(), coordinate()]) {
        let minus = |a: &Block, b: &Block| modulo(modular::sub, a, b);
        let plus = |a: &Block, b: &Block| modulo(modular::add, a, b);
        if p[0] != q[0] {
            let r = sum(&p, &q).unwrap();
            prop_assert!(is_third(&p, &q[0], &r, &minus(&q[1], &p[1]), &minus(&q[0], &p[0])));
        }
        if p[1] != ZERO {
            let square = modulo(modular::mul, &p[0], &p[0]);
            let rise = plus(&plus(&square, &square), &square);
            let r = twice(&p).unwrap();
            prop_assert!(is_third(&p, &p[0], &r, &rise, &plus(&p[1], &p[1])));
        }
    }
}
