use super::*;

#[test]
fn quantities_as_geth_reads_them() {
    let cases = [
        ("0x0", Ok(0)),
        ("0x1f", Ok(31)),
        ("0XfF", Ok(255)),
        ("0xffffffffffffffff", Ok(u64::MAX)),
        ("0x10000000000000000", Err(QuantityError::TooLarge)),
        ("", Err(QuantityError::Empty)),
        ("12", Err(QuantityError::Prefix)),
        ("0x", Err(QuantityError::NoDigits)),
        ("0x01", Err(QuantityError::LeadingZero)),
        ("0x00", Err(QuantityError::LeadingZero)),
        ("0x+1", Err(QuantityError::Syntax)),
        ("0xg", Err(QuantityError::Syntax)),
    ];
    for (text, expected) in cases {
        assert_eq!(parse_quantity(text), expected, "{text}");
    }
}

#[test]
fn quantities_may_be_plain_numbers() {
    assert_eq!(serde_json::from_str::<Quantity>("250").unwrap(), Quantity(250));
    assert_eq!(serde_json::from_str::<Quantity>("\"0xfa\"").unwrap(), Quantity(250));
    for text in ["-1", "1.5", "true", "\"x\""] {
        serde_json::from_str::<Quantity>(text).unwrap_err();
    }
}

#[test]
fn bytes_have_a_prefix_and_whole_bytes() {
    let parse = |text: &str| serde_json::from_value::<HexBytes>(text.into());
    for (text, expected) in [("", vec![]), ("0x", vec![]), ("0X0aFf", vec![0x0a, 0xff])] {
        assert_eq!(parse(text).unwrap(), HexBytes(expected), "{text}");
    }
    for (text, words) in [
        ("12", "hex string without 0x prefix"),
        ("0x1", "hex string of odd length"),
        ("0x1g", "invalid hex string"),
        ("0x0x", "invalid hex string"),
        ("0xé", "invalid hex string"),
    ] {
        assert_eq!(parse(text).unwrap_err().to_string(), words, "{text}");
    }
    assert!(serde_json::from_str::<HexBytes>("12").is_err());
}
