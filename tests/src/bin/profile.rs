//! Prints where the batch guest spends its instructions: `profile KIND TRANSACTIONS`. For
//! `cargo xtask guests --profile`.
#![expect(clippy::print_stdout, reason = "the answer of a program")]

use std::error::Error;

use minster_emulator::{CYCLES_MAX_DEFAULT, calls};
use minster_tests::batches::scenarios::workloads::workload;
use minster_tests::batches::triangle::{SALT, guest, io, range_of};

/// Accounts in the state, as in `cargo xtask bench batches`.
const ACCOUNTS: u64 = 1_000;
/// What takes a smaller part of all cycles than one in so many, by itself and with all that it
/// calls, is not shown.
const PART_MIN: u64 = 1_000;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [kind, count] = arguments.as_slice() else {
        return Err("usage: profile KIND TRANSACTIONS".into());
    };
    let count: u64 = count.parse()?;
    let chain = workload(kind.parse()?, count, ACCOUNTS);
    let last = chain.ended() - 1;
    let input = range_of(chain, last).input.salted(&SALT);
    let (outcome, uses) = calls(guest(), io(input), CYCLES_MAX_DEFAULT)?;
    if outcome.exit_code != 0 {
        return Err(format!("the guest ends with {}", outcome.exit_code).into());
    }
    println!("{} cycles, {} for each transaction", outcome.cycles, outcome.cycles / count);
    println!("    own %    all %   own each   all each    calls  keccak  blake3  function");
    for function in &uses {
        if function.cycles_with_callees < outcome.cycles / PART_MIN {
            continue;
        }
        let part = |cycles: u64| 100.0 * cycles as f64 / outcome.cycles as f64;
        let [keccak, _, blake3, ..] = function.units;
        println!(
            "{:>9.2}{:>9.2}{:>11}{:>11}{:>9}{:>8}{:>8}  {:#}",
            part(function.cycles),
            part(function.cycles_with_callees),
            function.cycles / count,
            function.cycles_with_callees / count,
            function.calls,
            keccak,
            blake3,
            rustc_demangle::demangle(&function.name),
        );
    }
    Ok(())
}
