use super::*;

fn texts(list: &str, maximum: usize) -> (Vec<&str>, bool) {
    let (list, is_whole) = entries(list.as_bytes(), maximum).unwrap();
    (list.into_iter().map(RawValue::get).collect(), is_whole)
}

#[test]
fn lists_are_taken_apart_up_to_their_limit() {
    assert_eq!(texts("[]", 0), (vec![], true));
    let three = vec!["1", "{\"a\": [2]}", "\"x\""];
    assert_eq!(texts(" [1, {\"a\": [2]} ,\"x\"]\n", 3), (three, true));
    assert_eq!(texts("[1,2,3]", 2), (vec!["1", "2"], false));
    assert_eq!(texts("[1,2] 3]", 2), (vec!["1", "2"], true));
    assert_eq!(texts("[1,2,3]]", 2), (vec!["1", "2"], false));
    for broken in ["[1,2,", "{}", "[1,2,3,}", "", "[1 2]"] {
        assert!(entries(broken.as_bytes(), 1).is_err(), "{broken}");
    }
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    let list = format!("[{deep},1]");
    assert_eq!(texts(&list, 2), (vec![deep.as_str(), "1"], true));
    assert_eq!(texts(&list, 1), (vec![deep.as_str()], false));
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
