//! The benchmarks whose numbers the documents quote: one file each.

mod batches;
mod beside;
mod dev;
mod load;
mod machine;
mod meter;
mod openvm;
mod precompiles;
mod shapes;
mod zkvm;

use eyre::{Result, bail};

/// What `cargo xtask bench --help` teaches.
pub const USAGE: &str = "
cargo xtask bench dev [--build]
cargo xtask bench zkvm [--short | --precompiles | --beside-openvm]
cargo xtask bench batches [--short | --long]
cargo xtask bench meter [--write | --table | NAME...]
cargo xtask bench shapes [--write]
cargo xtask bench beside [--short]
cargo xtask bench load [--short] [--alone] [--portable]
cargo xtask bench load --steady SECONDS PER_SECOND
cargo xtask bench load --growth [--short]

  dev       a newcomer's first minute: `minster dev` from its start to its first answer, and from
            sending a transfer to its durable receipt. The best and the median of five runs, each
            on an empty --dir.
  --build   also the time of `cargo build --release` into an empty folder. Takes minutes.
  zkvm      `minster prove` and `minster verify` of a mixed program of 1, 6 and 50 million cycles:
            cycles per CPU-second of the whole process, padding, peak memory, size of the proof and
            time to verify it. Takes half an hour; --short only 1 million.
  --precompiles
            instead, what calls of precompiles cost: a table by function, 1,000 permutations of
            Keccak-f, and the recovery of 100 signatures. Takes 2 minutes.
  --beside-openvm
            instead, 1 million and the same program proven by OpenVM 2.0.2 from the registry, which
            zkvm/bench/openvm builds; the ratio of the two. Takes 15 minutes, 9 GiB of memory, and
            Debian's rustc-web, cargo-web, rust-web-src and lld-22 or rustup's nightly with
            rust-src.
  batches   `minster prove` of the batch guest over batches of transfers, ERC-20 transfers, swaps
            and deployments: cycles, cells, CPU-seconds, witness and pubdata of each transaction.
            Takes a quarter of an hour; --short only one transfer; --long also 1,000 transfers, and
            up to a million accounts.
  meter     what each instruction, precompile and part of a transaction costs in the batch guest,
            beside what the meter charges: cells, cycle-equivalents, CPU-µs. Takes 5 minutes; with
            names only the cases whose names start so.
  --write   also writes the meter's table, protocol/evm/src/cost/table.rs, and tests/meter.json;
  --table   writes the table from tests/meter.json as it is.
            Then the guests have to be made again.
  shapes    looks for the heights of tables with which batches have the fewest cells, beside those
            of the general shapes. Takes a quarter of an hour.
  --write   also writes them, zkvm/machine/src/shape/batches.rs. Then the meter has to measure
            again, and proofs have another version (zkvm/verifier/src/proof.rs).
  beside    what users wait for a receipt while their machine proves: 100 transfers a second for a
            minute to a node with --proofs off and to one with --proofs on, and whether the prover
            was at work all along. Takes 4 minutes; --short 10 s of each. Needs Linux.
  load      what a node takes: transfers, ERC-20 transfers and swaps by HTTP, in batches and over
            WebSockets, as many a second as it manages, and its CPU time for each; and how long
            users wait for receipts at 1,000 a second. Beside anvil 1.7.1, from npm. Takes 6
            minutes; --short a tenth of the transactions, --alone without anvil, --portable as on a
            processor without AVX-512 IFMA. Needs Linux.
  --steady  instead, transfers at a steady rate for so long: times to receipts, memory and CPU of
            each minute; and what becomes of three times as many as the node takes.
  --growth  instead, one chain up to ten million transfers and a million accounts: speed, memory,
            disk and the time of restarts as it grows. Takes 20 minutes and 10 GiB of disk; --short
            a twentieth of it.

Prints a table in Markdown with the machine and the commit.
";

/// The command.
pub fn run(arguments: &[String]) -> Result<bool> {
    let Some((name, rest)) = arguments.split_first() else {
        bail!("name a benchmark: dev, zkvm, batches, meter, shapes, beside or load");
    };
    match name.as_str() {
        "dev" => dev::run(rest),
        "zkvm" => zkvm::run(rest),
        "batches" => batches::run(rest),
        "beside" => beside::run(rest),
        "load" => load::run(rest),
        "meter" => meter::run(rest),
        "shapes" => shapes::run(rest),
        _ => bail!(
            "no benchmark `{name}`; there are: dev, zkvm, batches, meter, shapes, beside, \
             load"
        ),
    }
}
