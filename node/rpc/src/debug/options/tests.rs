use super::*;

#[test]
fn durations_are_gos() {
    let cases = [
        ("5s", Some(5_000)),
        ("300ms", Some(300)),
        ("1.5s", Some(1_500)),
        ("1m30s", Some(90_000)),
        ("2h", Some(7_200_000)),
        ("", None),
        ("5", None),
        ("s", None),
        ("-5s", None),
        ("1e400s", None),
        ("5 s", None),
        ("999999999999999999999h", None),
    ];
    for (text, expected) in cases {
        assert_eq!(parse_duration(text), expected.map(Duration::from_millis), "{text}");
    }
}
