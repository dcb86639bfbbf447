use secp256k1::{Keypair, PublicKey};

use super::MULTIPLES;
use crate::number::from_bytes;

fn multiple(number: u8, byte: usize) -> PublicKey {
    let mut secret = [0; 32];
    secret[byte] = number;
    Keypair::from_secret_bytes(secret).unwrap().public_key().negate()
}

#[test]
fn the_table_is_of_multiples_of_the_opposite_generator() {
    // The bytes of 2^0 and 2^128.
    for (byte, table) in [31, 15].into_iter().zip(&MULTIPLES) {
        for (number, point) in (0..=u8::MAX).zip(table).skip(1) {
            let bytes = multiple(number, byte).serialize_uncompressed();
            let (x, y) = (bytes[1..33].try_into().unwrap(), bytes[33..].try_into().unwrap());
            assert_eq!(*point, [from_bytes(x), from_bytes(y)], "{number}");
        }
    }
}
