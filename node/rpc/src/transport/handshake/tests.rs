use http::{HeaderName, HeaderValue};

use super::*;

fn answer(method: &Method, key: &'static str, version: &'static str) -> Option<String> {
    let header = |name: HeaderName, value| (name, HeaderValue::from_static(value));
    let headers = HeaderMap::from_iter([
        header(header::SEC_WEBSOCKET_KEY, key),
        header(header::SEC_WEBSOCKET_VERSION, version),
    ]);
    accept(method, &headers)
}

#[test]
fn the_answer_is_that_of_the_specification() {
    let expected = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
    let key = "dGhlIHNhbXBsZSBub25jZQ==";
    assert_eq!(answer(&Method::GET, key, "13").as_deref(), Some(expected));
    assert_eq!(answer(&Method::POST, key, "13"), None);
    assert_eq!(answer(&Method::GET, key, "8"), None);
    for key in ["", "dGhlIHNhbXBsZSBub25j", "dGhlIHNhbXBsZSBub25jZQ", "no base64!!!!!!!!!!!!!!!"] {
        assert_eq!(answer(&Method::GET, key, "13"), None, "{key}");
    }
    assert_eq!(accept(&Method::GET, &HeaderMap::new()), None);
}
