use alloy_primitives::U256;
use minster_batch::BlobOpening;

use super::*;

fn commitment() -> Commitment {
    let blob = |byte| BlobOpening {
        versioned_hash: B256::repeat_byte(byte),
        point: U256::from(7),
        value: U256::MAX,
    };
    Commitment {
        version: 1,
        parent: B256::repeat_byte(2),
        chain_id: 1_337,
        number: 12,
        first_block: 5,
        last_block: u64::MAX,
        new_state_root: B256::repeat_byte(3),
        blobs: vec![blob(4), blob(5)],
        fee_recipient: alloy_primitives::Address::repeat_byte(6),
        ..Commitment::default()
    }
}

#[test]
fn a_proof_of_another_batch_is_refused() {
    let claim = Claim { before: B256::repeat_byte(2), after: commitment().hash() };
    let described = Described { number: 12, claim, commitment: commitment() };
    described.compare(claim).unwrap();
    let other = Claim { before: claim.after, after: claim.before };
    let error = described.compare(other).unwrap_err().to_string();
    assert!(error.contains("its proof is of another batch"), "{error}");
    let lines = described.lines();
    assert!(lines.contains("12 of chain 1337: blocks 5 to 18446744073709551615"), "{lines}");
}

#[test]
fn sixty_four_bytes_are_a_claim() {
    let output = [[1; 32], [2; 32]].concat();
    let claim = Claim::of(&output).unwrap();
    assert_eq!((claim.before, claim.after), (B256::repeat_byte(1), B256::repeat_byte(2)));
    for length in [0, 32, 63, 65, 96] {
        assert!(Claim::of(&vec![0; length]).is_err());
    }
}
