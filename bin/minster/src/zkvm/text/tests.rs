use super::*;

#[test]
fn thousands_are_grouped() {
    for (number, expected) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1 << 20, "1,048,576")] {
        assert_eq!(grouped(number), expected);
    }
}

#[test]
fn only_what_a_terminal_can_show_is_text() {
    assert_eq!(printable("Grüße\n".as_bytes()), Some("Grüße\n"));
    for bytes in [&b""[..], b"\x1b[31m", b"a\0", b"\xff"] {
        assert_eq!(printable(bytes), None);
    }
}

#[test]
fn long_output_is_cut_between_characters() {
    // The limit falls inside a character.
    let text = format!("a{}", "é".repeat(SHOWN_MAX));
    let lines = output_lines(text.as_bytes());
    assert!(lines.contains("public output  513 bytes\n"), "{lines}");
    assert!(lines.contains("éé\" and 257 bytes more: see --output or --json\n"), "{lines}");
    assert!(!lines.contains('\u{fffd}'), "{lines}");
    let exact = output_lines(&[b'a'; SHOWN_MAX]);
    assert!(!exact.contains("more"), "{exact}");
}

#[test]
fn durations_are_rough() {
    for (seconds, expected) in
        [(-1.0, "0 s"), (59.4, "59 s"), (61.0, "1 min 1 s"), (7_300.0, "2 h 1 min")]
    {
        assert_eq!(rough_duration(seconds), expected);
    }
}
