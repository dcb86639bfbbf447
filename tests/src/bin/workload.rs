//! Writes what the batch guest reads for a batch of alike transactions: `workload KIND
//! TRANSACTIONS ACCOUNTS FILE`. Prints its sizes as JSON. For `cargo xtask bench batches`.
#![expect(clippy::print_stdout, reason = "the answer of a program")]

use std::error::Error;

use minster_tests::batches::scenarios::workloads::workload;
use minster_tests::batches::triangle::{SALT, range_of};
use serde_json::json;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [kind, transactions, accounts, file] = arguments.as_slice() else {
        return Err("usage: workload KIND TRANSACTIONS ACCOUNTS FILE".into());
    };
    let transactions: u64 = transactions.parse()?;
    let chain = workload(kind.parse()?, transactions, accounts.parse()?);
    let last = chain.ended() - 1;
    let range = range_of(chain, last);
    let input = range.input.salted(&SALT);
    std::fs::write(file, &input)?;
    let witness: usize = range.input.batches.iter().map(|batch| batch.witness.len()).sum();
    println!(
        "{}",
        json!({"inputBytes": input.len(), "witnessBytes": witness, "pubdataBytes": range.pubdata})
    );
    Ok(())
}
