use sha3::{Digest, Keccak256};

use super::keccak256;

#[test]
fn every_length_up_to_some_blocks_at_every_alignment() {
    let bytes: Vec<u8> = (0..=u8::MAX).cycle().take(600).collect();
    for start in 0..5 {
        for end in start..=bytes.len() {
            let part = &bytes[start..end];
            assert_eq!(keccak256(part), Keccak256::digest(part).as_slice(), "{start}..{end}");
        }
    }
}
