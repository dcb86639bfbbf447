use sha3::{Digest, Keccak256};

use super::{address, ecrecover};

fn hex(text: &str) -> Vec<u8> {
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    text.as_bytes().chunks(2).map(byte).collect()
}

#[test]
fn an_address_is_the_end_of_a_hash() {
    let key = [0x5a; 64];
    assert_eq!(address(&key), Keccak256::digest(key)[12..]);
}

/// The example of go-ethereum's tests of the contract.
#[test]
fn the_contract() {
    let digest = "18c547e4f7b0f325ad1e56f57e26c745b09a3e503d86e00e5255ff7f715d3d1c";
    let v = "000000000000000000000000000000000000000000000000000000000000001c";
    let r = "73b1693892219d736caba55bdb67216e485557ea6b6af75f37096c9aa6a5a75f";
    let s = "eeb940b1d03b21e36b0e47e79769f095fe2ab855bd91e3a38756b7d75a9c4549";
    let input = hex(&[digest, v, r, s].concat());
    let expected = hex("a94f5374fce5edbc8e2a8697c15331677e6ebf0b");
    assert_eq!(ecrecover(&input).unwrap(), *expected);
    assert_eq!(ecrecover(&[&input[..], b"more"].concat()).unwrap(), *expected);
    for (at, wrong) in [(63, 0x1a), (63, 0), (63, 1), (63, 0x1d), (32, 1), (62, 1)] {
        let mut input = input.clone();
        input[at] = wrong;
        assert_eq!(ecrecover(&input), None);
    }
    assert_eq!(ecrecover(&input[..96]), None);
    assert_eq!(ecrecover(b""), None);
}
