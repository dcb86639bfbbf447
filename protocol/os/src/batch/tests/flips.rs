//! Any byte of an input by another: an error, or the same claim, or what the operator may choose.

use proptest::prelude::*;

use super::*;

/// The input with what decides nothing, or is chosen and in the commitment, as in `honest`.
fn without_choices(input: &RangeInput, honest: &RangeInput) -> RangeInput {
    let mut input = input.clone();
    for (batch, other) in input.batches.iter_mut().zip(&honest.batches) {
        batch.fee_recipient = other.fee_recipient;
        batch.versioned_hashes.clone_from(&other.versioned_hashes);
        for (block, other) in batch.blocks.iter_mut().zip(&other.blocks) {
            block.timestamp = other.timestamp;
        }
    }
    input
}

/// What became of edited bytes: whether they have a claim from the same commitment.
fn check(honest: &RangeInput, claim: &RangeClaim, bytes: &[u8]) -> bool {
    let Ok(input) = alloy_rlp::decode_exact::<RangeInput>(bytes) else { return false };
    assert_ne!(input, *honest, "two encodings of one input");
    let Ok(found) = run(&input) else { return false };
    if found.before != claim.before {
        assert_ne!(found.after, claim.after);
        assert_ne!(input.parent, honest.parent);
        return false;
    }
    let plain = without_choices(&input, honest);
    if found.after == claim.after {
        // Only of the witness there are two forms for one truth.
        assert_eq!(plain.parent_header, honest.parent_header);
        let witness = &honest.batches[0].witness;
        let mut same = plain;
        same.batches[0].witness.clone_from(witness);
        assert_eq!(same, *honest);
    } else {
        assert_eq!(plain, *honest, "another claim");
    }
    true
}

#[test]
fn no_flip_of_a_byte_changes_what_is_claimed() {
    let chain = Chain::new();
    let (input, _) = chain.range(story(&chain));
    let claim = run(&input).unwrap();
    let bytes = alloy_rlp::encode(&input);
    let mut accepted = 0;
    for at in 0..bytes.len() {
        for mask in [0x01, 0x80, 0xff] {
            let mut edited = bytes.clone();
            edited[at] ^= mask;
            accepted += u32::from(check(&input, &claim, &edited));
        }
    }
    println!("{accepted} of {} flips have a claim from the same commitment", 3 * bytes.len());
    // A hash, an address and three timestamps.
    let choices = 32 + 20 + 3 * 2;
    assert!((100..=3 * choices).contains(&accepted), "{accepted}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_edit_changes_what_is_claimed(
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0_u8..3), 1..4)
    ) {
        let chain = Chain::new();
        let (input, _) = chain.range(story(&chain));
        let claim = run(&input).unwrap();
        let bytes = alloy_rlp::encode(&input);
        let mut edited = bytes.clone();
        for (index, byte, kind) in edits {
            let at = index.index(edited.len());
            match kind {
                0 => edited.insert(at, byte),
                1 => drop(edited.remove(at)),
                _ => edited[at] = byte,
            }
        }
        if edited != bytes {
            check(&input, &claim, &edited);
        }
    }
}
