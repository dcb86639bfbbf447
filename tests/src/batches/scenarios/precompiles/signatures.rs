//! Recovery on secp256k1 and verification on P-256.

use alloy_primitives::{B256, U256, hex, uint};
use alloy_signer::SignerSync;

use super::super::super::signer;
use super::{Case, word};

const ORDER: U256 = uint!(0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141_U256);
const ORDER_P256: U256 =
    uint!(0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551_U256);

pub fn cases() -> Vec<Case> {
    [recovery(), p256()].concat()
}

fn recovery() -> Vec<Case> {
    let hash = B256::repeat_byte(0x5a);
    let signature = signer(0).sign_hash_sync(&hash).expect("a key signs");
    let address = signer(0).address().into_word().0;
    let (r, s) = (signature.r(), signature.s());
    let v = U256::from(27 + u8::from(signature.v()));
    let other_v = U256::from(55) - v;
    let input = |v: U256, r: U256, s: U256| {
        let words = [v, r, s].map(|word| word.to_be_bytes::<32>());
        [&hash[..], &words.concat()].concat()
    };
    let good = input(v, r, s);
    let nothing = |input: Vec<u8>| Case::is(1, input, []);
    let (zero, one) = (U256::ZERO, U256::from(1));
    vec![
        Case::is(1, good.clone(), address),
        // The other half of the range of s is no matter here, and is the other point's.
        Case::is(1, input(other_v, r, ORDER - s), address),
        Case::is(1, [&good[..], &[1; 40]].concat(), address),
        // Another parity is another key.
        Case::some(1, input(other_v, r, s)),
        nothing(input(U256::from(29), r, s)),
        nothing(input(U256::from(26), r, s)),
        nothing(input(v - U256::from(27), r, s)),
        nothing(input(v | one << 8, r, s)),
        nothing(input(v, zero, s)),
        nothing(input(v, r, zero)),
        nothing(input(v, ORDER, s)),
        nothing(input(v, r, ORDER)),
        nothing(input(v, U256::MAX, U256::MAX)),
        // 5 is the x of no point.
        nothing(input(v, U256::from(5), s)),
        nothing(good[..127].iter().map(|_| 0).collect()),
        nothing(good[..96].to_vec()),
        nothing(Vec::new()),
        Case::some(1, input(v, ORDER - one, ORDER - one)),
        Case::some(1, input(v, one, one)),
    ]
}

/// RFC 6979, A.2.5: "sample" under SHA-256.
fn p256() -> Vec<Case> {
    let hash = hex!("af2bdbe1aa9b6ec1e2ade1d694f41fc71a831d0268e9891562113d8a62add1bf");
    let r = hex!("efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716");
    let s = hex!("f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8");
    let x = hex!("60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6");
    let y = hex!("7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299");
    let input = |words: [[u8; 32]; 5]| words.concat();
    let good = input([hash, r, s, x, y]);
    let nothing = |words| Case::is(0x100, input(words), []);
    let order: [u8; 32] = ORDER_P256.to_be_bytes();
    let low_s = (ORDER_P256 - U256::from_be_bytes(s)).to_be_bytes();
    vec![
        Case::is(0x100, good.clone(), word(1)),
        Case::is(0x100, input([hash, r, low_s, x, y]), word(1)),
        nothing([word(1), r, s, x, y]),
        nothing([hash, s, r, x, y]),
        nothing([hash, word(0), s, x, y]),
        nothing([hash, r, word(0), x, y]),
        nothing([hash, order, s, x, y]),
        nothing([hash, r, order, x, y]),
        nothing([hash, r, s, word(0), word(0)]),
        nothing([hash, r, s, x, x]),
        nothing([hash, r, s, [0xff; 32], y]),
        Case::is(0x100, good[..159].to_vec(), []),
        Case::is(0x100, [&good[..], &[0]].concat(), []),
        Case::is(0x100, [], []),
    ]
}
