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
