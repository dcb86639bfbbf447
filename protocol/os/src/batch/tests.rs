//! Batches over witnesses that tell the truth, and over those that do not.

mod chain;
mod flips;
mod parents;
mod runs;
mod seams;
mod witnesses;

use super::*;
use chain::{Chain, Names, Written, rich};

/// Runs the range; the claim.
fn run(input: &RangeInput) -> Result<RangeClaim, BatchError> {
    execute_range(input.clone(), &Names)
}

/// The error of a range that must not have a claim.
fn refused(input: &RangeInput) -> BatchError {
    run(input).unwrap_err()
}

/// A transfer, a call, a new contract, a block without anything, and a call of the new contract.
fn story(chain: &Chain) -> Vec<BlockInput> {
    let deployed = rich(2).create(0);
    let blocks = [
        vec![
            Written::pay(0, 0, rich(30)).signed(),
            Written::call(1, 0, chain::COUNTER).signed(),
            Written::deploy(2, 0, [0x30, 0xff]).signed(),
        ],
        vec![],
        vec![Written::call(3, 0, deployed).signed(), Written::pay(0, 1, rich(1)).signed()],
    ];
    (0..).zip(blocks).map(|(later, transactions)| chain.block(later, transactions)).collect()
}
