use super::{RECORD_BYTES, run};

#[test]
fn records_without_a_signer() {
    assert_eq!(run(b""), b"");
    assert_eq!(run(&[1; RECORD_BYTES - 1]), b"");
    // r = 0; an id that there is not.
    assert_eq!(run(&[0; RECORD_BYTES]), [0; 20]);
    assert_eq!(run(&[4; 2 * RECORD_BYTES + 1]), [0; 40]);
}
