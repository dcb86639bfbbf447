use super::*;

const TAG: &str = "\"0x01\"";

fn ask(
    headers: &[(header::HeaderName, &'static str)],
) -> Result<Option<(u64, u64)>, Unsatisfiable> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(name, header::HeaderValue::from_static(value));
    }
    let range = wanted(&map, TAG, 100)?;
    Ok(range.map(|range| (range.start, range.length)))
}

#[test]
fn one_range_of_a_hundred_bytes() {
    let cases = [
        ("bytes=0-0", Ok(Some((0, 1)))),
        ("bytes=0-99", Ok(Some((0, 100)))),
        ("bytes=10-19", Ok(Some((10, 10)))),
        ("bytes=99-", Ok(Some((99, 1)))),
        ("bytes=0-", Ok(Some((0, 100)))),
        ("bytes=90-1000", Ok(Some((90, 10)))),
        ("bytes=90-99999999999999999999999", Ok(Some((90, 10)))),
        ("bytes=-1", Ok(Some((99, 1)))),
        ("bytes=-100", Ok(Some((0, 100)))),
        ("bytes=-1000", Ok(Some((0, 100)))),
        ("Bytes=5-5", Ok(Some((5, 1)))),
        // Beyond the end, and nothing at all.
        ("bytes=100-", Err(Unsatisfiable)),
        ("bytes=100-200", Err(Unsatisfiable)),
        ("bytes=99999999999999999999999-", Err(Unsatisfiable)),
        ("bytes=-0", Err(Unsatisfiable)),
        // Not asked for.
        ("bytes=5-4", Ok(None)),
        ("bytes=-", Ok(None)),
        ("bytes=", Ok(None)),
        ("bytes", Ok(None)),
        ("", Ok(None)),
        ("lines=0-1", Ok(None)),
        ("bytes=a-b", Ok(None)),
        ("bytes=+1-2", Ok(None)),
        ("bytes=1--2", Ok(None)),
        ("bytes=0-1,3-4", Ok(None)),
        ("bytes=0-1, 3-", Ok(None)),
    ];
    for (range, expected) in cases {
        assert_eq!(ask(&[(header::RANGE, range)]), expected, "{range}");
    }
    assert_eq!(ask(&[]), Ok(None));
    let twice = [(header::RANGE, "bytes=0-1"), (header::RANGE, "bytes=0-1")];
    assert_eq!(ask(&twice), Ok(None));
}

#[test]
fn a_range_of_another_version_is_everything() {
    let of = |version| ask(&[(header::RANGE, "bytes=1-1"), (header::IF_RANGE, version)]);
    assert_eq!(of(TAG), Ok(Some((1, 1))));
    assert_eq!(of("\"0x02\""), Ok(None));
    assert_eq!(of("W/\"0x01\""), Ok(None));
    assert_eq!(of("Sat, 29 Oct 1994 19:43:31 GMT"), Ok(None));
}

#[test]
fn what_is_sent_is_named() {
    assert_eq!(Range { start: 0, length: 100 }.content_range(100), "bytes 0-99/100");
    assert_eq!(Range { start: 99, length: 1 }.content_range(100), "bytes 99-99/100");
}
