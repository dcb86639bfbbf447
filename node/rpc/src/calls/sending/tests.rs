use jsonrpsee::types::Request;
use proptest::prelude::*;
use serde_json::value::RawValue;

use super::*;

/// What the general way reads.
fn general(text: &[u8]) -> Option<Sending> {
    let request: Request<'_> = serde_json::from_slice(text).ok()?;
    if request.method != METHOD {
        return None;
    }
    let params = request.params.as_deref().map(RawValue::get)?;
    let [digits]: [String; 1] = serde_json::from_str(params).ok()?;
    let bytes = alloy_primitives::hex::decode(digits.strip_prefix("0x")?).ok()?;
    Some(Sending { id: request.id.into_owned(), bytes })
}

#[test]
fn requests_as_clients_write_them() {
    let id = |id| Some(Sending { id, bytes: vec![2, 0xab] });
    let number = id(Id::Number(7));
    for (text, expected) in [
        // viem, ethers, web3.py, curl by hand.
        (
            r#"{"jsonrpc":"2.0","id":7,"method":"eth_sendRawTransaction","params":["0x02ab"]}"#,
            &number,
        ),
        (
            r#"{"method":"eth_sendRawTransaction","params":["0x02AB"],"id":7,"jsonrpc":"2.0"}"#,
            &number,
        ),
        (
            r#"{"id": 7, "method": "eth_sendRawTransaction", "params": ["0x02ab"],
                "jsonrpc": "2.0"}"#,
            &number,
        ),
        (
            "{\n \"jsonrpc\":\"2.0\",\"id\":7 ,\"method\":\"eth_sendRawTransaction\",\
                \"params\": [ \"0x02ab\" ] }\n",
            &number,
        ),
        (
            r#"{"jsonrpc":"2.0","id":"x-1","method":"eth_sendRawTransaction","params":["0x02ab"]}"#,
            &id(Id::Str("x-1".into())),
        ),
    ] {
        assert_eq!(parse(text.as_bytes()), *expected, "{text}");
        assert_eq!(general(text.as_bytes()), *expected, "{text}");
    }
}

#[test]
fn whatever_looks_otherwise_goes_the_general_way() {
    let usual = r#"{"jsonrpc":"2.0","id":7,"method":"eth_sendRawTransaction","params":["0x02"]}"#;
    assert!(parse(usual.as_bytes()).is_some());
    for (from, to) in [
        ("2.0", "1.0"),
        ("7", "-7"),
        ("7", "7.5"),
        ("7", "07"),
        ("7", "7e1"),
        ("7", "null"),
        ("7", "1234567890123456"),
        ("7", r#""\u0041""#),
        ("\"id\":7,", ""),
        ("\"id\":7,", "\"id\":7,\"id\":8,"),
        ("\"jsonrpc\":\"2.0\",", "\"jsonrpc\":\"2.0\",\"more\":1,"),
        ("eth_sendRawTransaction", "eth_sendRawTransactionSync"),
        ("[\"0x02\"]", "[\"0x02\",1]"),
        ("[\"0x02\"]", "[]"),
        ("[\"0x02\"]", "\"0x02\""),
        ("0x02", "02"),
        ("0x02", "0X02"),
        ("0x02", "0x2"),
        ("0x02", "0x0x02"),
        ("0x02", "0x0g"),
        ("]}", "]}x"),
        ("]}", "]"),
        ("]}", "}"),
    ] {
        let text = usual.replacen(from, to, 1);
        assert_ne!(text, usual, "{from}");
        assert_eq!(parse(text.as_bytes()), None, "{text}");
    }
}

proptest! {
    /// Where it reads something, the general way reads the same.
    #[test]
    fn it_reads_what_the_general_way_reads(
        edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3), 0..4),
        order in Just([0, 1, 2, 3]).prop_shuffle(),
    ) {
        let members = [
            r#""jsonrpc":"2.0""#, r#""id":12"#, r#""method":"eth_sendRawTransaction""#,
            r#""params":["0x02f8"]"#,
        ];
        let members: Vec<&str> = order.iter().map(|index| members[*index]).collect();
        let mut text = format!("{{{}}}", members.join(",")).into_bytes();
        for (index, byte, kind) in edits {
            let index = index.index(text.len());
            match kind {
                0 => text[index] = byte,
                1 => text.insert(index, b" \",:01x[]{}\\"[usize::from(byte) % 12]),
                _ => drop(text.remove(index)),
            }
        }
        if let Some(sending) = parse(&text) {
            prop_assert_eq!(general(&text), Some(sending));
        }
    }
}
