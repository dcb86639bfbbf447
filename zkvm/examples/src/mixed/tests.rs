use super::*;

#[test]
fn no_round_changes_nothing() {
    assert_eq!(run(&[]), [0; 32]);
}

#[test]
fn every_round_changes_the_digest() {
    let outputs: Vec<Vec<u8>> = (0u32..4).map(|rounds| run(&rounds.to_le_bytes())).collect();
    for (index, output) in outputs.iter().enumerate() {
        assert_eq!(output.len(), 32);
        assert!(!outputs[..index].contains(output));
    }
}

#[test]
fn the_document_is_valid() {
    assert!(json::summarize(document(7).as_bytes()).is_ok());
}
