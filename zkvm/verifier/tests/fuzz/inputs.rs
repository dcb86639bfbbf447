//! Edited proofs, by the thousand.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use minster_verifier::{DecodeError, VerifyError};

use crate::blocks::File;
use crate::engine::{Budget, Cost, Random, checked, edit_blindly, measured, report, splice};
use crate::honest::{Honest, honest};

/// The longest that one input may take, on a machine that does other things too.
const TIME_MAX: Duration = Duration::from_secs(20);
/// The most memory that an input may take for each of its bytes: a byte makes an empty list, which
/// takes 24; a list of them that just did not fit its room moves to one of twice that.
pub const MEMORY_FACTOR: usize = 3 * 24;
/// The most memory beside that: what is set aside for a list before its elements are read, and
/// what a verification takes.
pub const MEMORY_BASE: usize = 16 << 20;

/// An edit of one of the proofs, and how it was made.
fn edited(random: &mut Random, honest: &Honest) -> (&'static str, Vec<u8>) {
    let index = random.below(honest.proofs.len());
    let (proof, other) = (&honest.proofs[index], &honest.proofs[(index + 1) % honest.proofs.len()]);
    let mut file = File::new(proof);
    let count = if random.one_in(2) { 1 } else { 1 + random.below(4) };
    match random.below(16) {
        0..=8 => {
            let at = random.below(proof.trees.len());
            let mut tree = proof.trees[at].clone();
            let donor = &other.trees[random.below(other.trees.len())];
            (0..count).for_each(|_| tree.edit(random, donor));
            file.blocks[at].set(tree.to_bytes());
            ("tree", file.to_bytes())
        }
        9..=12 => {
            for _ in 0..count {
                if !file.blocks.is_empty() {
                    file.edit(random, honest);
                }
            }
            ("blocks", file.to_bytes())
        }
        13 => ("splice", splice(random, &proof.bytes, &other.bytes)),
        _ => {
            let mut bytes = proof.bytes.clone();
            (0..count).for_each(|_| edit_blindly(random, &mut bytes));
            ("bytes", bytes)
        }
    }
}

/// Which check refused a proof.
fn refusal(error: &VerifyError) -> &'static str {
    match error {
        VerifyError::Decode(DecodeError::Malformed) => "malformed",
        VerifyError::Decode(DecodeError::NotCanonical) => "not canonical",
        VerifyError::Decode(DecodeError::PublicValues) => "public values",
        VerifyError::Decode(_) => "file",
        VerifyError::Shape { .. } => "shape",
        VerifyError::Stark { .. } => "stark",
        VerifyError::Seam { .. } => "seam",
        VerifyError::Output => "output",
        VerifyError::Empty
        | VerifyError::HaltedEarly { .. }
        | VerifyError::NotHalted
        | VerifyError::Failed { .. } => "run",
    }
}

/// Why the bytes were refused; nothing if they are an honest proof, and accepted.
fn check(honest: &Honest, bytes: &[u8]) -> (Option<&'static str>, Cost) {
    let (result, cost) = measured(|| honest.key().verify(bytes).map(|_| ()));
    let memory_max = MEMORY_FACTOR * bytes.len() + MEMORY_BASE;
    assert!(cost.peak <= memory_max, "{cost:?} for {} bytes", bytes.len());
    assert!(cost.elapsed <= TIME_MAX, "{cost:?}");
    let accepted = result.is_ok();
    assert_eq!(accepted, honest.contains(bytes), "ACCEPTED: {accepted}");
    (result.as_ref().err().map(refusal), cost)
}

fn fuzz(seed: u64, budget: Budget) {
    let honest = honest();
    let mut random = Random(seed);
    let started = Instant::now();
    let (mut inputs, mut same, mut worst) = (0_u64, 0_u64, Cost::default());
    let mut refusals: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    while inputs < budget.inputs || started.elapsed() < budget.time {
        let (how, bytes) = edited(&mut random, honest);
        let (refusal, cost) = checked(seed, inputs, &bytes, || check(honest, &bytes));
        match refusal {
            Some(refusal) => *refusals.entry((how, refusal)).or_default() += 1,
            None => same += 1,
        }
        worst.peak = worst.peak.max(cost.peak);
        worst.elapsed = worst.elapsed.max(cost.elapsed);
        inputs += 1;
    }
    let of_stark: u64 =
        refusals.iter().filter(|((_, why), _)| *why == "stark").map(|(_, n)| n).sum();
    assert!(of_stark > inputs / 10, "only {of_stark} of {inputs} edits reach the proof system");
    report(&format!(
        "proofs: {inputs} edits, {same} of them no change, {} refused, 0 accepted, 0 panics; at \
         most {} KiB and {:?} for one; {refusals:?}",
        inputs - same,
        worst.peak >> 10,
        worst.elapsed,
    ));
}

#[test]
fn edited_proofs_are_refused() {
    fuzz(0x6d69_6e73_7465_7214, Budget { inputs: 60, time: Duration::from_secs(2) });
}

#[test]
#[ignore = "minutes"]
fn long_run_edited_proofs() {
    fuzz(0x6d69_6e73_7465_7215, Budget { inputs: 50_000, time: Duration::ZERO });
}
