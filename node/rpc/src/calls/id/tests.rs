use jsonrpsee::{MethodResponse, ResponsePayload, types::ErrorObject};

use super::*;

fn answers(id: &str) -> Option<[String; 2]> {
    let raw = RawValue::from_string(id.to_owned()).unwrap();
    let id = read(&raw)?;
    let result = MethodResponse::response(id.clone(), ResponsePayload::success("0x1"), 1_000);
    let error = MethodResponse::error(id, ErrorObject::borrowed(-1, "no", None));
    Some([result, error].map(|answer| repeat(answer.as_json().get()).into_owned()))
}

#[test]
fn every_scalar_is_repeated_as_it_is_written() {
    for id in [
        "0",
        "7",
        "-7",
        "-0",
        "1.5",
        "1e3",
        "18446744073709551615",
        "18446744073709551616",
        "null",
        "true",
        "\"\"",
        "\"seven\"",
        "\"\\\"-7\"",
        // A text that looks as if it stood for something.
        "\"\\u0000-7\"",
        "\"\\u0000\"",
    ] {
        let [result, error] = answers(id).unwrap();
        assert_eq!(result, format!(r#"{{"jsonrpc":"2.0","id":{id},"result":"0x1"}}"#));
        let expected =
            format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":-1,"message":"no"}}}}"#);
        assert_eq!(error, expected);
    }
}

#[test]
fn what_is_no_scalar_or_too_long_is_no_id() {
    for id in ["{}", "[]", "[1]", &format!("\"{}\"", "a".repeat(1_023)), &"1".repeat(1_025)] {
        assert_eq!(answers(id), None, "{id}");
    }
    for id in [format!("\"{}\"", "a".repeat(1_022)), "1".repeat(1_024)] {
        assert!(answers(&id).is_some(), "{id}");
    }
}
