use super::*;

fn texts(list: &str, maximum: usize) -> Option<Vec<&str>> {
    let list = entries(list.as_bytes(), maximum).unwrap()?;
    Some(list.into_iter().map(RawValue::get).collect())
}

#[test]
fn lists_are_taken_apart_up_to_their_limit() {
    assert_eq!(texts("[]", 0), Some(vec![]));
    assert_eq!(texts(" [1, {\"a\": [2]} ,\"x\"]\n", 3), Some(vec!["1", "{\"a\": [2]}", "\"x\""]));
    assert_eq!(texts("[1,2,3]", 2), None);
    for broken in ["[1,2,", "[1,2] 3", "{}", "[1,2,3,}", "", "[1 2]"] {
        assert!(entries(broken.as_bytes(), 1).is_err(), "{broken}");
    }
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    assert_eq!(texts(&format!("[{deep},1]"), 2).unwrap().len(), 2);
    assert_eq!(texts(&format!("[{deep},1]"), 1), None);
}

#[test]
fn values_are_counted_outside_of_strings() {
    let cases = [
        ("", 0),
        ("1", 0),
        ("[]", 1),
        ("[1,2,3]", 3),
        (r#"{"a":1,"b":[{},{}]}"#, 6),
        (r#"["[,{", "\",[\\", "\\"]"#, 3),
        (r#"["unending, "#, 1),
        (r#"["\"#, 1),
    ];
    for (text, count) in cases {
        assert_eq!(count_values(text), count, "{text}");
    }
}
