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
    }
    let nothing = Arguments::parse("[]", 2).unwrap();
    assert_eq!(message(nothing.required::<bool>(0)), "missing value for required argument 0");
}

#[test]
fn refusals_name_the_argument() {
    assert_eq!(message(Arguments::parse("{}", 1)), "non-array args");
    assert_eq!(message(Arguments::parse("[1,2]", 1)), "too many arguments, want at most 1");
    let arguments = Arguments::parse(r#"[1, "0x12"]"#, 2).unwrap();
    let refusal = message(arguments.required::<Address>(1));
    assert_eq!(refusal, "invalid argument 1: hex string has length 2, want 40 for common.Address");
}

#[test]
fn null_is_what_its_type_makes_of_it() {
    let arguments = Arguments::parse("[null]", 1).unwrap();
    assert!(!arguments.required::<bool>(0).unwrap());
    assert_eq!(arguments.required::<String>(0).unwrap(), "");
    assert!(arguments.required::<Vec<f64>>(0).unwrap().is_empty());
    let refusal = message(arguments.required::<Address>(0));
    let words = "json: cannot unmarshal non-string into Go value of type common.Address";
    assert_eq!(refusal, format!("invalid argument 0: {words}"));
}
