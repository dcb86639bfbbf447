use serde_json::json;

use super::*;

/// Reads a value, or says what is wrong with it.
fn read<T: for<'a> FromJson<'a>>(value: &serde_json::Value) -> Result<T, String> {
    let json = serde_json::value::to_raw_value(value).unwrap();
    T::from_json(&json).map_err(|error| error.to_string())
}

/// What is said of a value that is of another type.
fn mismatch(found: &str, wanted: &str) -> String {
    format!("json: cannot unmarshal {found} into Go value of type {wanted}")
}

#[test]
fn quantities_as_geth_reads_them() {
    let large = |bits| Err(HexError::TooLarge { bits });
    let cases = [
        ("0x0", Ok(0)),
        ("0x1f", Ok(31)),
        ("0XfF", Ok(255)),
        ("0xffffffffffffffff", Ok(u64::MAX)),
        ("0x10000000000000000", large(64)),
        ("", Err(HexError::Empty)),
        ("12", Err(HexError::Prefix)),
        ("0x", Err(HexError::NoDigits)),
        ("0x01", Err(HexError::LeadingZero)),
        ("0x00", Err(HexError::LeadingZero)),
        ("0x+1", Err(HexError::Syntax)),
        ("0x1_0", Err(HexError::Syntax)),
        ("0b1", Err(HexError::Prefix)),
        ("0xg", Err(HexError::Syntax)),
    ];
    for (text, expected) in cases {
        assert_eq!(parse_number(text), expected, "{text}");
    }
    let most = format!("0x{}", "f".repeat(64));
    assert_eq!(parse_number(&most), Ok(U256::MAX));
    assert_eq!(parse_number::<U256>(&format!("{most}f")), Err(HexError::TooLarge { bits: 256 }));
    assert_eq!(parse_number::<u128>(&most), Err(HexError::TooLarge { bits: 128 }));
    assert_eq!(parse_number::<u128>(&most[..34]), Ok(u128::MAX));
}

#[test]
fn quantities_are_strings() {
    assert_eq!(read(&json!("0xfa")), Ok(Quantity(250)));
    // geth takes it, and so does what was written for geth.
    assert_eq!(read(&json!("")), Ok(Quantity(0)));
    assert_eq!(read(&json!("0xfa")), Ok(Big(250_u128)));
    for (value, found) in [
        (json!(250), "non-string"),
        (json!(true), "non-string"),
        (json!(["0x1"]), "non-string"),
        (json!("250"), "hex string without 0x prefix"),
        (json!("0x0fa"), "hex number with leading zero digits"),
        (json!("0x"), "hex string \"0x\""),
    ] {
        assert_eq!(read::<Quantity>(&value), Err(mismatch(found, "hexutil.Uint64")));
        assert_eq!(read::<Index>(&value), Err(mismatch(found, "hexutil.Uint")));
        assert_eq!(read::<Big<U256>>(&value), Err(mismatch(found, "*hexutil.Big")));
        assert_eq!(read::<Word>(&value), Err(mismatch(found, "*uint256.Int")));
    }
}

#[test]
fn counts_may_be_plain_numbers() {
    for value in [json!(250), json!("250"), json!("0250"), json!("0xfa"), json!("0x00fa")] {
        assert_eq!(read(&value), Ok(Count(250)), "{value}");
    }
    let words = Err("invalid hex or decimal integer \"fa\"".to_owned());
    assert_eq!(read::<Count>(&json!("fa")), words);
    for value in
        [json!(-1), json!(1.5), json!(true), json!("+1"), json!("0x+1"), json!("0x"), json!("")]
    {
        read::<Count>(&value).unwrap_err();
    }
}

#[test]
fn bytes_have_a_prefix_and_whole_bytes() {
    for (text, expected) in [("", vec![]), ("0x", vec![]), ("0X0aFf", vec![0x0a, 0xff])] {
        assert_eq!(read(&json!(text)), Ok(Bytes::from(expected)), "{text}");
    }
    for (value, found) in [
        (json!("12"), "hex string without 0x prefix"),
        (json!("0x1"), "hex string of odd length"),
        (json!("0x1g"), "invalid hex string"),
        (json!("0x0x"), "invalid hex string"),
        (json!("0xé"), "invalid hex string"),
        (json!(12), "non-string"),
        (json!([1, 2]), "non-string"),
    ] {
        assert_eq!(read::<Bytes>(&value), Err(mismatch(found, "hexutil.Bytes")), "{value}");
    }
}

#[test]
fn addresses_and_hashes_have_their_length() {
    let address = Address::repeat_byte(0xab);
    assert_eq!(read(&json!(address)), Ok(address));
    // No checksum is looked at.
    assert_eq!(read(&json!(address.to_string().replace('B', "b"))), Ok(address));
    let hash = B256::repeat_byte(0xab);
    assert_eq!(read(&json!(hash)), Ok(hash));
    let digits = "ab".repeat(20);
    for (value, found) in [
        (json!(digits), "hex string without 0x prefix"),
        (json!(format!("0x{digits}a")), "hex string of odd length"),
        (json!(format!("0xzz{}", &digits[2..])), "invalid hex string"),
        (json!(format!("0x0x{}", &digits[2..])), "invalid hex string"),
        (json!(12), "non-string"),
        (json!(vec![0xab; 20]), "non-string"),
    ] {
        assert_eq!(read::<Address>(&value), Err(mismatch(found, "common.Address")), "{value}");
    }
    for (text, words) in [
        ("0x12", "hex string has length 2, want 40 for common.Address"),
        ("", "hex string has length 0, want 40 for common.Address"),
    ] {
        assert_eq!(read::<Address>(&json!(text)).unwrap_err(), words);
    }
    let words = "hex string has length 40, want 64 for common.Hash";
    assert_eq!(read::<B256>(&json!(address)).unwrap_err(), words);
}

#[test]
fn storage_keys_may_be_short_and_bare() {
    let key = |slot: u64, is_whole| Ok(SlotKey { slot: U256::from(slot), is_whole });
    let whole = format!("0x{:064x}", 0x1f);
    for (text, expected) in [
        ("0x", key(0, false)),
        ("", key(0, false)),
        ("0x1", key(1, false)),
        ("1", key(1, false)),
        ("0x001f", key(0x1f, false)),
        (&whole, key(0x1f, true)),
        (&whole[2..], key(0x1f, true)),
        (&whole.replace("0x0", "0x"), key(0x1f, true)),
    ] {
        assert_eq!(SlotKey::parse(text), expected, "{text}");
    }
    for text in ["0x1_0", "0x+1", "0xzz", "1 ", "é"] {
        let words = Err(format!("invalid hex in storage key: {text:?}"));
        assert_eq!(SlotKey::parse(text), words, "{text}");
    }
    let long = format!("{whole}0");
    let words = Err(format!("storage key too long (want at most 32 bytes): {long:?}"));
    assert_eq!(SlotKey::parse(&long), words);
}
