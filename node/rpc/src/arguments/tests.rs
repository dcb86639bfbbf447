use alloy_primitives::Address;

use super::*;

fn message<T>(result: Result<T, ApiError>) -> String {
    result.err().map(|error| error.to_string()).unwrap_or_default()
}

#[test]
fn what_is_missing_has_its_default() {
    for text in ["[]", "[null]", " [ null ] "] {
        let arguments = Arguments::parse(text, 2).unwrap();
        assert_eq!(arguments.optional::<bool>(0).unwrap(), None);
        assert!(!arguments.or_default::<bool>(0).unwrap());
        assert_eq!(message(arguments.required::<bool>(0)), "missing value for required argument 0");
    }
}

#[test]
fn refusals_name_the_argument() {
    assert_eq!(message(Arguments::parse("{}", 1)), "non-array args");
    assert_eq!(message(Arguments::parse("[1,2]", 1)), "too many arguments, want at most 1");
    let arguments = Arguments::parse(r#"[1, "0x12"]"#, 2).unwrap();
    arguments.at_least(2).unwrap();
    assert_eq!(message(arguments.at_least(3)), "missing value for required argument 2");
    let refusal = message(arguments.required::<Address>(1));
    assert_eq!(refusal, "invalid argument 1: hex string has length 2, want 40 for common.Address");
}
