use super::{HEAD_END, Head};

/// Bytes and heads correspond, and each byte below the end is one.
#[test]
fn every_byte_is_one_head_or_none() {
    for byte in 0..=u8::MAX {
        match Head::of(byte) {
            Some(head) => assert_eq!(head.byte(), byte),
            None => assert!(byte >= HEAD_END, "{byte}"),
        }
        assert_eq!(Head::of(byte).is_some(), byte < HEAD_END);
    }
}
