use super::*;

#[test]
fn only_what_can_be_reached_is_a_node() {
    for url in ["example.org:8545", "ftp://example.org", "http://", "https://?", "/path", "", "-"] {
        let error = Remote::new(url).unwrap_err().to_string();
        assert!(error.contains(url) && error.contains("https://HOST"), "{error}");
    }
    assert_eq!(Remote::new("http://localhost:8545/").unwrap().url, "http://localhost:8545");
    assert_eq!(Remote::new("https://a.org/minster/").unwrap().url, "https://a.org/minster");
}

#[test]
fn a_secret_goes_to_others_only_encrypted_or_when_told_so() {
    let check = |url: &str, is_allowed| Remote::new(url).unwrap().check_secret(is_allowed);
    for url in [
        "https://example.org",
        "http://localhost:1",
        "http://127.0.0.1:1",
        "http://127.9.9.9",
        "http://[::1]:1",
        "http://[::ffff:127.0.0.1]:1",
    ] {
        check(url, false).unwrap();
    }
    for url in [
        "http://example.org",
        "http://10.0.0.1:1",
        "http://localhost.example.org",
        "http://127.0.0.1.example.org",
        "http://localhost@example.org",
        "http://127.0.0.1:1@example.org",
        "http://[fe80::1]:1",
        "http://0.0.0.0:1",
    ] {
        let error = check(url, false).unwrap_err().to_string();
        assert!(error.contains("--insecure-http"), "{error}");
        check(url, true).unwrap();
    }
}

#[test]
fn certificates_are_for_https_and_there_are_some() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ca.pem");
    let trust = Trust { ca: Some(path.clone()) };
    let failure = |url: &str| {
        let error = Remote::new(url).unwrap().config(&trust).err().unwrap();
        format!("{error:#}")
    };
    assert!(failure("http://localhost").contains("use https"));
    assert!(failure("https://localhost").contains("ca.pem"));
    std::fs::write(&path, "nothing of the kind").unwrap();
    assert!(failure("https://localhost").contains("no certificate"));
    std::fs::write(&path, "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n").unwrap();
    assert!(failure("https://localhost").contains("ca.pem"));
}
