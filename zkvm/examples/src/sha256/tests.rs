use sha2::{Digest, Sha256};

use super::run;

#[test]
fn every_length_up_to_some_blocks() {
    let bytes: Vec<u8> = (0..=u8::MAX).cycle().take(600).collect();
    for end in 0..=bytes.len() {
        let expected = Sha256::digest(&bytes[..end]);
        assert_eq!(run(&bytes[..end]), expected.as_slice(), "{end} bytes");
    }
}
