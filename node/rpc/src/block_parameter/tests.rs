use super::*;

const HASH: &str = "0x0101010101010101010101010101010101010101010101010101010101010101";

fn parse(json: &str) -> Result<BlockParameter, String> {
    serde_json::from_str(json).map_err(|error| error.to_string())
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
        (r#"{"blockNumber":"0x8000000000000000"}"#, "block number larger than int64"),
        ("{}", "must specify either BlockHash or BlockNumber"),
        ("12", "invalid type"),
        (&both, "cannot specify both BlockHash and BlockNumber"),
    ];
    for (json, expected) in cases {
        let error = parse(json).unwrap_err();
        assert!(error.contains(expected), "{json}: {error}");
    }
}

#[test]
fn a_hash_is_no_number() {
    let error = serde_json::from_str::<BlockTag>(&format!("\"{HASH}\"")).unwrap_err();
    assert!(error.to_string().contains("hex number > 64 bits"));
    let tag: BlockTag = serde_json::from_str("16").unwrap();
    assert_eq!(tag, BlockTag(BlockParameter::Number(16)));
}
