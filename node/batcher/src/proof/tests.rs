use super::*;

#[test]
fn a_record_survives_its_label() {
    let guest_key = B256::repeat_byte(0xab);
    let record = ProofRecord { verified_at_ms: 1_700_000_000_123, proving_ms: 15_000, guest_key };
    assert_eq!(ProofRecord::of_label(&record.label()), record);
    assert_eq!(ProofRecord::of_label(&[0; LABEL_BYTES]), ProofRecord::default());
}

#[test]
fn a_proof_has_room_by_its_work() {
    assert_eq!(proof_bytes_max(0), PROOF_BYTES_BASE);
    assert_eq!(proof_bytes_max(1_000), PROOF_BYTES_BASE + 64_000);
    assert_eq!(proof_bytes_max(8_000_000_000), PROOF_BYTES_MAX);
    assert_eq!(proof_bytes_max(u64::MAX), PROOF_BYTES_MAX);
}
