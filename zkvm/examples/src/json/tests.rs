use super::*;

fn check(text: &str, values: u32, depth: u32, sum: i64) {
    assert_eq!(summarize(text.as_bytes()), Ok(Summary { values, depth, sum }), "{text}");
}

fn check_fault(text: &[u8], fault: Fault, place: usize) {
    assert_eq!(summarize(text), Err((fault, place)), "{}", String::from_utf8_lossy(text));
}

#[test]
fn scalars() {
    check("0", 1, 0, 0);
    check(" -12 ", 1, 0, -12);
    check("true", 1, 0, 0);
    check("null", 1, 0, 0);
    check(r#""a\u00e9\n\"ü""#, 1, 0, 0);
    check("1.5e-3", 1, 0, 0);
    check("12E2", 1, 0, 0);
    check("18446744073709551617", 1, 0, 1);
}

#[test]
fn nested_values() {
    check("[]", 1, 1, 0);
    check("{ }", 1, 1, 0);
    check("[1, [2, [3]], []]", 7, 3, 6);
    check(r#"{"a": 1, "b": {"c": [-5, false]}}"#, 6, 3, -4);
    check("[[],[],{}]", 4, 2, 0);
}

#[test]
fn faults_and_their_places() {
    check_fault(b"", Fault::End, 0);
    check_fault(b"[1,", Fault::End, 3);
    check_fault(b"[1,]", Fault::Character, 3);
    check_fault(b"[1 2]", Fault::Character, 3);
    check_fault(b"{\"a\" 1}", Fault::Character, 5);
    check_fault(b"{1: 1}", Fault::Character, 1);
    check_fault(b"[1}", Fault::Character, 2);
    check_fault(b"01", Fault::Character, 1);
    check_fault(b"1.", Fault::End, 2);
    check_fault(b"-", Fault::End, 1);
    check_fault(b"tru", Fault::End, 3);
    check_fault(b"nul!", Fault::Character, 3);
    check_fault(b"1 1", Fault::Character, 2);
    check_fault(b"\"\\x\"", Fault::Escape, 2);
    check_fault(b"\"\\u12g4\"", Fault::Escape, 5);
    check_fault(b"\"\n\"", Fault::Character, 1);
    check_fault(b"\"\xff\"", Fault::Encoding, 1);
}

#[test]
fn the_deepest_document_and_one_deeper() {
    let nested = |depth| "[".repeat(depth) + &"]".repeat(depth);
    check(&nested(DEPTH_MAX), DEPTH_MAX as u32, DEPTH_MAX as u32, 0);
    check_fault(nested(DEPTH_MAX + 1).as_bytes(), Fault::Depth, DEPTH_MAX);
}

#[test]
fn output_tells_documents_from_faults() {
    let words =
        |words: &[u32]| words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<_>>();
    assert_eq!(run(b"[1, -3]"), words(&[0, 3, 1, -2i32 as u32, u32::MAX]));
    assert_eq!(run(b"[1, 2"), words(&[Fault::End as u32, 5]));
}

/// The other reader of the workspace takes and refuses the same documents.
#[test]
fn agrees_with_serde_json_on_damaged_documents() {
    let text = r#"{"a":[1,-2.5e1,{"b":"x\u0041\\"},true,null,[]],"c":{"d":false,"e":[0]}}"#;
    let mut documents: Vec<Vec<u8>> =
        (0..text.len()).map(|end| text.as_bytes()[..end].to_vec()).collect();
    for place in 0..text.len() {
        for byte in b" \"\\,:[]{}019-+.eEu\x00\x7f\xff" {
            let mut document = text.as_bytes().to_vec();
            document[place] = *byte;
            documents.push(document.clone());
            document.insert(place, *byte);
            documents.push(document);
        }
    }
    for document in documents {
        let valid = serde_json::from_slice::<serde_json::Value>(&document).is_ok();
        let text = String::from_utf8_lossy(&document);
        assert_eq!(summarize(&document).is_ok(), valid, "{text}");
    }
}
