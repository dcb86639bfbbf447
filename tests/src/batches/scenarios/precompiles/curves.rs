//! alt_bn128, BLS12-381 and openings of blobs.

use alloy_primitives::{U256, Uint, hex, uint};
use minster_batch::pack;
use minster_blobs::{Blob, commit, open};

use super::{Case, word};

type Coordinate = Uint<384, 6>;

/// The field of alt_bn128 (EIP-196).
const BN_PRIME: U256 =
    uint!(0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47_U256);
/// The generator of the second group (EIP-197), imaginary parts first.
const BN_G2: [u8; 128] = hex!(
    "198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2"
    "1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed"
    "090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b"
    "12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa"
);
/// The y of a point of that curve whose x is 1, which is in no group of prime order.
const BN_OUTSIDE_Y: [u8; 64] = hex!(
    "0d1271953ed9ea0836846e70a1934187998c7f790cb4d7511b7f8da82de048a4"
    "2869111d5381f072f8e2728fdb825a51aadd70e52c9830e9ab4b871c0531f1bb"
);
/// The field of BLS12-381 (EIP-2537).
const BLS_PRIME: Coordinate = Coordinate::from_be_bytes(hex!(
    "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f624"
    "1eabfffeb153ffffb9feffffffffaaab"
));
/// The generators.
const BLS_G1: [[u8; 48]; 2] = [
    hex!(
        "17f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac58"
        "6c55e83ff97a1aeffb3af00adb22c6bb"
    ),
    hex!(
        "08b3f481e3aaa0f1a09e30ed741d8ae4fcf5e095d5d00af600db18cb2c04b3ed"
        "d03cc744a2888ae40caa232946c5e7e1"
    ),
];
const BLS_G2: [[u8; 48]; 4] = [
    hex!(
        "024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d177"
        "0bac0326a805bbefd48056c8c121bdb8"
    ),
    hex!(
        "13e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049"
        "334cf11213945d57e5ac7d055d042b7e"
    ),
    hex!(
        "0ce5d527727d6e118cc9cdc6da2e351aadfd9baa8cbdd3a76d429a695160d12c"
        "923ac9cc3baca289e193548608b82801"
    ),
    hex!(
        "0606c4a02ea734cc32acd2b02bc28b99cb3e287e85a763af267492ab572e99ab"
        "3f370d275cec1da1aaa9075ff05f79be"
    ),
];
/// Points of each group that are some large multiple of its generator.
const BN_POINT: [u8; 64] = hex!(
    "151248eb1ca2e404b258c598c28cc61585faa41030cf38d102d0cde827a1c4fc"
    "1dcc0833ce3e6a063f81a150e850489195906a9187fbf24d445e38f6ad449c74"
);
const BLS_G1_POINT: [[u8; 48]; 2] = [
    hex!(
        "0a2e1232d443ca9e82f0611756a9723c92a2dedc43c6f23df71b045288dbe8d7"
        "24a14ef53c08316ba7ceba7f267b2eb3"
    ),
    hex!(
        "126eefdf1e67a63c88f0b082efda09a058490da9bdd35eecea899bc2ecb59c00"
        "46428848c2435e3642b82f28e9a7d736"
    ),
];
const BLS_G2_POINT: [[u8; 48]; 4] = [
    hex!(
        "18ffa0b29d73ade6555aa467e3e43295b1f76039aa9ab14ee6d556629284d295"
        "3cb8d14285e4a85cb2f790af8ff6b80d"
    ),
    hex!(
        "0802203539288feab3492dede16064a2563314e3d35a54faa358cbc775dfa213"
        "dcd18f71f8a7687a38539a522cd93120"
    ),
    hex!(
        "19fcb22ad62ccd36ff2331544d43185efc1b94091d1c450106179c316ec70c71"
        "8436f84d28b669e19587482d147cc12f"
    ),
    hex!(
        "0ea7e852bfe2b167b9312fbf7ce720b3dfff88f7cad745f691e3aedef5658227"
        "16ecd2c78cbb1a6af91e39936f8f9b11"
    ),
];
/// The y of a point of the second curve whose x is 2, which is in no group of prime order.
const BLS_OUTSIDE_Y: [[u8; 48]; 2] = [
    hex!(
        "18c6b864ae17dc9da64203ffefb966306425a7bc6aeb7c75247438372716284a"
        "4173830420cd476ba1a365b95bfcec38"
    ),
    hex!(
        "172e93db764a8400a7d5071b6b6f5de0da2f0f4a063119abca014006b7c40a2c"
        "fe291a1924e65db0d6d0fcfbf3bf3d5c"
    ),
];

pub fn cases() -> Vec<Case> {
    [bn(), openings(), bls_points(), bls_pairings(), bls_maps()].concat()
}

fn bn() -> Vec<Case> {
    let minus_two: [u8; 32] = (BN_PRIME - U256::from(2)).to_be_bytes();
    let prime: [u8; 32] = BN_PRIME.to_be_bytes();
    let point = [word(1), word(2)].concat();
    let minus = [word(1), minus_two].concat();
    let infinity = [0; 64];
    let off = [word(1), word(3)].concat();
    let large = [prime, word(0)].concat();
    let both = |a: &[u8], b: &[u8]| [a, b].concat();
    let mut x_one = [0; 64];
    x_one[63] = 1;
    let outside = both(&x_one, &BN_OUTSIDE_Y);
    vec![
        // The meter measures the first that is taken: nothing about this one is easy.
        Case::some(6, both(&BN_POINT, &point)),
        Case::is(6, both(&point, &infinity), point.clone()),
        Case::is(6, both(&point, &minus), infinity),
        Case::is(6, point.clone(), point.clone()),
        Case::is(6, [], infinity),
        Case::some(6, both(&point, &point)),
        Case::some(6, both(&both(&point, &point), &[7; 9])),
        Case::none(6, both(&point, &off)),
        Case::none(6, large.clone()),
        Case::is(7, both(&point, &word(1)), point.clone()),
        Case::is(7, both(&point, &word(0)), infinity),
        Case::is(7, point.clone(), infinity),
        Case::some(7, both(&point, &[0xff; 32])),
        Case::some(7, both(&point, &word(9))),
        Case::none(7, both(&off, &word(1))),
        Case::none(7, both(&large, &word(0))),
        Case::is(8, [], word(1)),
        Case::is(8, [&point[..], &BN_G2, &minus, &BN_G2].concat(), word(1)),
        Case::is(8, both(&point, &BN_G2), word(0)),
        Case::is(8, both(&infinity, &BN_G2), word(1)),
        Case::is(8, both(&point, &[0; 128]), word(1)),
        Case::none(8, both(&point, &outside)),
        Case::none(8, both(&off, &BN_G2)),
        Case::none(8, both(&point, &BN_G2[..127])),
    ]
}

/// Openings of a blob with data, of the zero polynomial, and of one that is 1 everywhere.
fn openings() -> Vec<Case> {
    let mut blob = vec![0; minster_batch::BLOB_BYTES];
    let blobs = [
        Blob::from(&pack(&[0xab; 1_000]).next().expect("a blob")),
        Blob::from_bytes(&blob).expect("as long as a blob"),
        {
            blob.chunks_mut(32).for_each(|word| word[31] = 1);
            Blob::from_bytes(&blob).expect("as long as a blob")
        },
    ];
    let modulus = hex!("73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001");
    let output = [&word(4_096)[..], &modulus].concat();
    let mut cases = Vec::new();
    let large = U256::from_be_bytes(modulus) - U256::from(0x1234_5678_u64);
    for (blob, point) in blobs.into_iter().zip([large, U256::from(9), U256::from(0x1234_5678)]) {
        let (commitment, opening) = (commit(&blob), open(&blob, &point));
        let (commitment, opening) = (commitment.expect("a blob"), opening.expect("a blob"));
        let hash = commitment.versioned_hash();
        let input = |point: &[u8], value: U256| {
            let value = value.to_be_bytes::<32>();
            [&hash[..], point, &value, &commitment.0[..], &opening.proof.0[..]].concat()
        };
        let point = point.to_be_bytes::<32>();
        let good = input(&point, opening.value);
        cases.push(Case::none(10, input(&point, opening.value + U256::from(1))));
        cases.push(Case::none(10, input(&modulus, opening.value)));
        cases.push(Case::none(10, good[..191].to_vec()));
        cases.push(Case::none(10, [&[2], &good[1..]].concat()));
        cases.push(Case::is(10, good, output.clone()));
    }
    cases.push(Case::none(10, []));
    cases
}

/// A coordinate as the precompiles read it: 16 zeros before it.
fn padded(coordinates: &[[u8; 48]]) -> Vec<u8> {
    coordinates.iter().flat_map(|bytes| [&[0; 16][..], bytes].concat()).collect()
}

fn small(number: u8) -> [u8; 48] {
    let mut bytes = [0; 48];
    bytes[47] = number;
    bytes
}

fn negated(y: &[u8; 48]) -> [u8; 48] {
    (BLS_PRIME - Coordinate::from_be_bytes(*y)).to_be_bytes()
}

fn minus_g1() -> Vec<u8> {
    padded(&[BLS_G1[0], negated(&BLS_G1[1])])
}

/// Points of order 3, and outside of the second group.
fn outside() -> [Vec<u8>; 2] {
    let second = [small(2), small(0), BLS_OUTSIDE_Y[0], BLS_OUTSIDE_Y[1]];
    [padded(&[small(0), small(2)]), padded(&second)]
}

fn bls_points() -> Vec<Case> {
    let (g1, g2) = (padded(&BLS_G1), padded(&BLS_G2));
    let minus_g2 = padded(&[BLS_G2[0], BLS_G2[1], negated(&BLS_G2[2]), negated(&BLS_G2[3])]);
    let [outside1, outside2] = outside();
    let mut cases = Vec::new();
    // The sum and the multiple of each group; only multiples ask for the subgroup.
    let (other1, other2) = (padded(&BLS_G1_POINT), padded(&BLS_G2_POINT));
    for (add, many, point, other, minus, outside) in
        [(11, 12, g1, other1, minus_g1(), outside1), (13, 14, g2, other2, minus_g2, outside2)]
    {
        let zero = vec![0; point.len()];
        let both = |a: &[u8], b: &[u8]| [a, b].concat();
        let mut off = point.clone();
        off[point.len() - 1] ^= 1;
        let mut padding = point.clone();
        padding[15] = 1;
        let mut large = zero.clone();
        large[16..64].copy_from_slice(&BLS_PRIME.to_be_bytes::<48>());
        let scalars = [word(0), word(1), word(2), [0xff; 32]];
        cases.extend([
            Case::some(add, both(&other, &point)),
            Case::is(add, both(&point, &zero), point.clone()),
            Case::is(add, both(&point, &minus), zero.clone()),
            Case::some(add, both(&point, &point)),
            Case::some(add, both(&outside, &point)),
            Case::none(add, both(&point, &off)),
            Case::none(add, both(&point, &padding)),
            Case::none(add, both(&point, &large)),
            Case::none(add, point.clone()),
            Case::none(add, []),
            Case::is(many, both(&point, &word(1)), point.clone()),
            Case::is(many, both(&zero, &word(7)), zero.clone()),
            Case::some(many, scalars.map(|scalar| both(&point, &scalar)).concat()),
            Case::none(many, both(&outside, &word(1))),
            Case::none(many, both(&off, &word(1))),
            Case::none(many, both(&padding, &word(1))),
            Case::none(many, both(&point, &word(1)[1..])),
            Case::none(many, []),
        ]);
    }
    cases
}

fn bls_pairings() -> Vec<Case> {
    let (g1, g2) = (padded(&BLS_G1), padded(&BLS_G2));
    let [outside1, outside2] = outside();
    let (zero1, zero2) = ([0; 128], [0; 256]);
    vec![
        Case::is(15, [&g1[..], &g2, &minus_g1(), &g2].concat(), word(1)),
        Case::is(15, [&g1[..], &g2].concat(), word(0)),
        Case::is(15, [&zero1[..], &g2].concat(), word(1)),
        Case::is(15, [&g1[..], &zero2].concat(), word(1)),
        Case::none(15, [&outside1[..], &g2].concat()),
        Case::none(15, [&g1[..], &outside2].concat()),
        Case::none(15, [&g1[..], &g2[1..]].concat()),
        Case::none(15, []),
    ]
}

fn bls_maps() -> Vec<Case> {
    let large = padded(&[BLS_PRIME.to_be_bytes()]);
    let mut padding = padded(&[small(1)]);
    padding[0] = 1;
    let mut cases = Vec::new();
    for (number, count) in [(16, 1), (17, 2)] {
        for element in [0, 1, 255] {
            cases.push(Case::some(number, padded(&[small(element)]).repeat(count)));
        }
        cases.push(Case::none(number, large.repeat(count)));
        cases.push(Case::none(number, padding.repeat(count)));
        cases.push(Case::none(number, padded(&[small(1)]).repeat(3)));
        cases.push(Case::none(number, []));
    }
    cases
}
