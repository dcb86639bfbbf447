use super::*;

#[test]
fn a_refusal_is_told_by_its_words() {
    let answer = br#"{"jsonrpc":"2.0","id":3,"error":{"code":-32000,"message":"txpool is full"}}"#;
    assert_eq!(refusal(answer).as_deref(), Some("txpool is full"));
    assert_eq!(refusal(br#"{"error":7}"#).as_deref(), Some("{"));
    assert_eq!(refusal(br#"{"jsonrpc":"2.0","id":3,"result":"0x12"}"#), None);
}
