use http::HeaderValue;

use super::*;

fn allowed(host: &'static str, origin: &'static str) -> [bool; 2] {
    let mut headers = HeaderMap::new();
    headers.insert(HOST, HeaderValue::from_static(host));
    headers.insert(ORIGIN, HeaderValue::from_static(origin));
    [false, true].map(|is_upgrade| is_allowed(&headers, is_upgrade))
}

#[test]
fn only_pages_of_this_host_open_a_web_socket() {
    for host in ["127.0.0.1:8545", "localhost:8545", "LocalHost", "[::1]:8545", "10.1.2.3"] {
        let origin: &'static str = format!("http://{host}").leak();
        assert_eq!(allowed(host, origin), [true, true], "{host}");
        assert_eq!(allowed(host, "http://example.org"), [true, false], "{host}");
        assert_eq!(allowed(host, "null"), [true, false], "{host}");
        assert_eq!(allowed(host, ""), [true, false], "{host}");
    }
    assert_eq!(allowed("127.0.0.1:8545", "http://127.0.0.1:3000"), [true, false]);
}

#[test]
fn pages_that_name_this_host_after_themselves_are_refused() {
    for host in
        ["example.org:8545", "example.org", "localhost.example.org", "127.0.0.1.example.org"]
    {
        for scheme in ["http", "https"] {
            let origin: &'static str = format!("{scheme}://{host}").leak();
            assert_eq!(allowed(host, origin), [false, false], "{origin}");
        }
    }
}

#[test]
fn who_is_no_page_may_ask() {
    let mut headers = HeaderMap::new();
    headers.insert(HOST, HeaderValue::from_static("rpc.example.org"));
    assert!([false, true].into_iter().all(|is_upgrade| is_allowed(&headers, is_upgrade)));
    assert!(is_allowed(&HeaderMap::new(), true));
}
