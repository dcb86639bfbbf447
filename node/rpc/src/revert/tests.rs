use alloy_primitives::hex;

use super::*;

fn words(selector: [u8; 4], words: &[U256], tail: &[u8]) -> Vec<u8> {
    let mut data = selector.to_vec();
    for word in words {
        data.extend(word.to_be_bytes::<32>());
    }
    data.extend(tail);
    data
}

#[test]
fn errors_and_panics() {
    let n = |value: u64| U256::from(value);
    let cases = [
        (words(ERROR, &[n(32), n(2)], b"no"), Some("no")),
        (words(ERROR, &[n(32), n(0)], b""), Some("")),
        (words(PANIC, &[n(0x11)], b""), Some("arithmetic underflow or overflow")),
        (words(PANIC, &[n(0x99)], b""), Some("unknown panic code: 0x99")),
        (words(PANIC, &[U256::MAX], b""), None),
        (hex!("12345678").to_vec(), None),
        (Vec::new(), None),
    ];
    for (data, expected) in cases {
        let reason = revert_reason(&data);
        if data.len() == 36 && data.ends_with(&[0xff]) {
            assert!(reason.unwrap().starts_with("unknown panic code: 0xffff"));
            continue;
        }
        assert_eq!(reason.as_deref(), expected);
    }
}

#[test]
fn malformed_data_has_no_reason() {
    let n = |value: u64| U256::from(value);
    let cases = [
        words(ERROR, &[n(32)], b""),
        words(ERROR, &[n(32), n(3)], b"no"),
        words(ERROR, &[U256::MAX, n(2)], b"no"),
        words(ERROR, &[n(32), U256::MAX], b"no"),
        words(ERROR, &[U256::from(u64::MAX - 16), n(2)], b"no"),
        words(PANIC, &[], b"short"),
    ];
    for data in cases {
        assert_eq!(revert_reason(&data), None, "{}", hex::encode(data));
    }
}
