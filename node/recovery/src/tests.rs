use k256::{
    ProjectivePoint, Scalar,
    elliptic_curve::{PrimeField, bigint, ops::Reduce, sec1::ToEncodedPoint},
};
use minster_primitives::{U256, keccak256};
use proptest::prelude::*;

use super::*;

type Request = (B256, Signature);

fn scalar(bytes: B256) -> Scalar {
    <Scalar as Reduce<bigint::U256>>::reduce_bytes(&bytes.0.into())
}

fn number(scalar: &Scalar) -> U256 {
    U256::from_be_bytes::<32>(scalar.to_repr().into())
}

/// A request whose key is `u1 G + u2 R` for `R = k G`, and that key's address.
fn request(k: Scalar, u1: Scalar, u2: Scalar) -> (Request, Option<Address>) {
    let point = (ProjectivePoint::GENERATOR * k).to_affine().to_encoded_point(false);
    let x = B256::from_slice(point.x().unwrap());
    let odd = point.y().unwrap()[31] & 1 == 1;
    let r = scalar(x);
    let signature = Signature::new(number(&r), number(&(u2 * r)), odd);
    let key = ProjectivePoint::GENERATOR * (u1 + u2 * k);
    let key = key.to_affine().to_encoded_point(false);
    let address = key.as_bytes().get(1..).filter(|key| key.len() == 64);
    let address = address.map(|key| Address::from_slice(&keccak256(key)[12..]));
    ((B256::from(number(&-(u1 * r))), signature), address)
}

fn random(seed: u64) -> (Request, Option<Address>) {
    let part = |name: u8| scalar(keccak256([&[name][..], &seed.to_be_bytes()].concat()));
    request(part(0), part(1), part(2))
}

fn one_by_one(requests: &[Request]) -> Vec<Option<Address>> {
    requests.iter().map(|(prehash, signature)| Libsecp.recover(*prehash, signature)).collect()
}

/// How many of the requests the lanes leave to libsecp256k1, where there are lanes.
fn left_over(requests: &[Request]) -> Option<usize> {
    #[cfg(target_arch = "x86_64")]
    if lanes::are_there() {
        return Some(lanes::recover(requests).iter().filter(|key| key.is_none()).count());
    }
    None
}

#[test]
fn keys_are_what_they_were_made_of() {
    for count in 0..40 {
        let (requests, keys): (Vec<_>, Vec<_>) = (0..count).map(random).unzip();
        assert_eq!(recover_all(&requests), keys);
        assert_eq!(one_by_one(&requests), keys);
        assert_eq!(left_over(&requests).unwrap_or_default(), 0);
    }
}

/// Scalars with digits that are zero, the largest there are, or carry on and on.
#[test]
fn extreme_scalars_agree() {
    let powers = (0..256).map(|bit| scalar(B256::from(U256::from(1) << bit)));
    let edges = powers.flat_map(|power| [power, -power, power - Scalar::ONE]);
    let edges: Vec<Scalar> = edges.filter(|edge| *edge != Scalar::ZERO).collect();
    let made = edges.iter().enumerate().flat_map(|(index, edge)| {
        let other = edges[index * 7 % edges.len()];
        [request(Scalar::from(3_u32), *edge, other), request(*edge, other, *edge)]
    });
    let (requests, keys): (Vec<_>, Vec<_>) =
        made.filter(|((_, signature), _)| !signature.s().is_zero()).unzip();
    assert_eq!(recover_all(&requests), keys);
    assert_eq!(one_by_one(&requests), keys);
}

/// Whoever chooses `k` can make any two points of the sum meet: the lanes notice.
#[test]
fn sums_of_equal_and_of_opposite_points_are_left_to_libsecp() {
    let k = scalar(keccak256("k"));
    let inverse = k.invert().unwrap();
    let mut crafted = Vec::new();
    for window in 0..32 {
        for digit in [1_u32, 2, 77, 127] {
            let base = Scalar::from(digit) * scalar(B256::from(U256::from(1) << (8 * window)));
            // The sum before this window's multiple of the generator is that multiple, or its
            // opposite; then the key is twice it, or at infinity.
            for sum in [base, -base] {
                crafted.push(request(k, base, sum * inverse));
            }
        }
    }
    let (requests, keys): (Vec<_>, Vec<_>) = crafted.into_iter().unzip();
    assert_eq!(recover_all(&requests), keys);
    assert_eq!(keys.iter().filter(|key| key.is_none()).count(), keys.len() / 2);
    assert_eq!(left_over(&requests).unwrap_or(keys.len()), keys.len());
}

/// Any `s` and any message go with a point: they need not be signed to be many.
#[test]
#[ignore = "takes minutes: cargo xtask long recovery"]
fn long_run_millions_of_signatures_agree() {
    const POINTS: u64 = 1_000;
    const AT_ONCE: usize = 4_096;
    let points: Vec<Signature> = (0..POINTS).map(|seed| random(seed).0.1).collect();
    let made = |number: u64| {
        let point = &points[(number % POINTS) as usize];
        let prehash = keccak256(number.to_be_bytes());
        let s = U256::from_be_bytes(keccak256(prehash).0);
        (prehash, Signature::new(point.r(), s, point.v() ^ (prehash[0] & 1 == 1)))
    };
    let share = |worker: usize, workers: usize| {
        for first in (0..3_000_000).step_by(AT_ONCE).skip(worker).step_by(workers) {
            let requests: Vec<Request> = (first..first + AT_ONCE as u64).map(made).collect();
            assert_eq!(recover_all(&requests), one_by_one(&requests), "from {first} on");
        }
    };
    assert!(has_lanes(), "this processor has no lanes: --features emulated");
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for worker in 0..workers {
            scope.spawn(move || share(worker, workers));
        }
    });
}

proptest! {
    /// Honest, edited and arbitrary signatures side by side.
    #[test]
    fn any_numbers_agree_with_libsecp(
        seeds in proptest::collection::vec((any::<u64>(), 0_u8..6, any::<[u8; 32]>()), 1..24),
    ) {
        let requests: Vec<Request> = seeds
            .into_iter()
            .map(|(seed, edit, bytes)| {
                let ((prehash, signature), _) = random(seed);
                let (r, s, odd) = (signature.r(), signature.s(), signature.v());
                let other = U256::from_be_bytes(bytes);
                match edit {
                    0 => (prehash, Signature::new(other, s, odd)),
                    1 => (prehash, Signature::new(r, other, odd)),
                    2 => (prehash, Signature::new(r, s, !odd)),
                    3 => (B256::from(bytes), signature),
                    4 => (prehash, Signature::new(r, U256::ZERO, odd)),
                    _ => (prehash, signature),
                }
            })
            .collect();
        prop_assert_eq!(recover_all(&requests), one_by_one(&requests));
    }
}
