use super::*;

#[test]
fn durations_are_gos() {
    let cases = [
        ("5s", Ok(5_000)),
        ("300ms", Ok(300)),
        ("1.5s", Ok(1_500)),
        ("1m30s", Ok(90_000)),
        ("+2h", Ok(7_200_000)),
        (".5s", Ok(500)),
        ("2000μs", Ok(2)),
        ("0", Ok(0)),
        ("-5s", Ok(0)),
        ("", Err("time: invalid duration \"\"")),
        ("-", Err("time: invalid duration \"-\"")),
        ("s", Err("time: invalid duration \"s\"")),
        (".s", Err("time: invalid duration \".s\"")),
        ("5", Err("time: missing unit in duration \"5\"")),
        ("1m5", Err("time: missing unit in duration \"1m5\"")),
        ("1e400s", Err("time: unknown unit \"e\" in duration \"1e400s\"")),
        ("5 s", Err("time: unknown unit \" s\" in duration \"5 s\"")),
        ("2562048h", Err("time: invalid duration \"2562048h\"")),
    ];
    for (text, expected) in cases {
        let expected = expected.map(Duration::from_millis).map_err(str::to_owned);
        assert_eq!(parse_duration(text), expected, "{text}");
    }
}
