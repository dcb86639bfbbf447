use sha2::Digest;

use super::*;

/// Against another implementation, around the ends of blocks.
#[test]
fn sha256_is_the_standards() {
    for length in (0..200).chain([1000]) {
        let input: Vec<u8> = (0..length).map(|byte| byte as u8).collect();
        assert_eq!(sha256(&input), <[u8; 32]>::from(sha2::Sha256::digest(&input)), "{length}");
    }
}
