use super::*;

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

#[test]
fn tokens_are_lines_and_never_shown() {
    let text = format!("# provers\n\n  {TOKEN}\nanother-{TOKEN}\r\n");
    let tokens = ProverTokens::parse(&text).unwrap();
    assert!(tokens.has(TOKEN) && tokens.has(&format!("another-{TOKEN}")));
    assert!(!tokens.has("") && !tokens.has("# provers") && !tokens.has(&TOKEN[1..]));
    assert_eq!(format!("{tokens:?}"), "2 tokens");
    assert!(ProverTokens::parse("# none").unwrap().is_empty());
    assert!(ProverTokens::default().is_empty());
}

#[test]
fn what_is_no_token_is_named_by_its_line() {
    let short = format!("{TOKEN}\n{}", &TOKEN[1..]);
    assert_eq!(ProverTokens::parse(&short), Err(TokenError { line: 2 }));
    let spaced = format!("{TOKEN} {TOKEN}");
    assert_eq!(ProverTokens::parse(&spaced), Err(TokenError { line: 1 }));
}
