use super::*;

const HASH: &str = "0x0101010101010101010101010101010101010101010101010101010101010101";

fn parse(json: &str) -> Result<BlockParameter, String> {
    BlockParameter::from_json(serde_json::from_str(json).unwrap()).map_err(|it| it.to_string())
}

#[test]
fn tags_numbers_hashes_and_objects() {
    let hash = B256::repeat_byte(1);
    let cases = [
        (r#""latest""#.to_owned(), BlockParameter::Latest),
        (r#""pending""#.to_owned(), BlockParameter::Pending),
        (r#""safe""#.to_owned(), BlockParameter::Safe),
        (r#""finalized""#.to_owned(), BlockParameter::Finalized),
        (r#""earliest""#.to_owned(), BlockParameter::Earliest),
        (r#""0x10""#.to_owned(), BlockParameter::Number(16)),
        (format!("\"{HASH}\""), BlockParameter::Hash(hash)),
        (format!(r#"{{"blockHash":"{HASH}"}}"#), BlockParameter::Hash(hash)),
        (
            format!(r#"{{"blockHash":"{HASH}","requireCanonical":true}}"#),
            BlockParameter::Hash(hash),
        ),
        (r#"{"blockNumber":"0x10"}"#.to_owned(), BlockParameter::Number(16)),
        (r#"{"blockNumber":"latest"}"#.to_owned(), BlockParameter::Latest),
    ];
    for (json, expected) in cases {
        assert_eq!(parse(&json), Ok(expected), "{json}");
    }
}

#[test]
fn what_is_no_block_says_why() {
    let both = format!(r#"{{"blockHash":"{HASH}","blockNumber":"0x1"}}"#);
    let cases = [
        (r#""newest""#, "hex string without 0x prefix"),
        (r#""0x""#, "hex string \"0x\""),
        (r#""0x01""#, "hex number with leading zero digits"),
        (r#""0x10000000000000000""#, "hex number > 64 bits"),
        (r#""0x8000000000000000""#, "blocknumber too high"),
        (
            r#"{"blockNumber":"0x8000000000000000"}"#,
            "cannot unmarshal object into Go value of type",
        ),
        (r#"{"blockNumber":16}"#, "json: cannot unmarshal object into Go value of type string"),
        (r#"{"blockHash":"0x1"}"#, "json: cannot unmarshal object into Go value of type string"),
        ("{}", "must specify either BlockHash or BlockNumber"),
        ("12", "json: cannot unmarshal number into Go value of type string"),
        (r#""LATEST""#, "hex string without 0x prefix"),
        (&format!("\"{}\"", HASH.replace("0x", "00")), "hex string without 0x prefix"),
        (&format!("\"{}\"", HASH.replace("0x0", "0xg")), "invalid hex string"),
        (&both, "cannot specify both BlockHash and BlockNumber"),
    ];
    for (json, expected) in cases {
        let error = parse(json).unwrap_err();
        assert!(error.contains(expected), "{json}: {error}");
    }
}

#[test]
fn where_a_hash_is_none_it_is_a_number() {
    let read = |json: &str| BlockTag::from_json(serde_json::from_str(json).unwrap());
    let long = HASH.replace("0x0", "0x1");
    for (json, expected) in [
        (format!("\"{HASH}\""), "hex number with leading zero digits"),
        (format!("\"{long}\""), "hex number > 64 bits"),
        ("16".to_owned(), "hex string without 0x prefix"),
        ("true".to_owned(), "hex string without 0x prefix"),
        (r#""""#.to_owned(), "empty hex string"),
        (r#""0x8000000000000000""#.to_owned(), "block number larger than int64"),
    ] {
        assert_eq!(read(&json), Err(Misread::words(expected)), "{json}");
    }
    assert_eq!(read(r#""0x10""#), Ok(BlockTag(BlockParameter::Number(16))));
}
