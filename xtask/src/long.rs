//! Property tests on a budget that CI does not have.

mod fuzz;

use eyre::{Result, bail};

use crate::process;
use crate::test::clients;
use crate::test::core::{EMULATED_LANES, cargo, needs_emulated_lanes};

/// What `cargo xtask long --help` teaches.
pub const USAGE: &str = "
cargo xtask long GROUP

Runs the tests of one package with MINSTER_LONG=1, under which they take a hundred times their
usual number of cases (PROPTEST_CASES is 25600). Groups:
  vectors   minster-tests, the tests with `vectors` in their name: all state tests, in the guest too
  storage   minster-storage
  crash     the sequencer, with a fault at every operation of its disk; a node killed fifty times
            under load. Takes most of an hour.
  fuzz      libFuzzer for every decoder, five minutes each: an hour;
            MINSTER_FUZZ_SECONDS asks for another time
  batcher   minster-batcher: batches on a disk that fails
  proving   a node that proves, killed a hundred times, with its prover and provers elsewhere, some
            of which lie. Takes most of an hour.
  mempool   minster-mempool
  recovery  minster-recovery, and three million signatures by lanes and by libsecp256k1; without
            AVX-512 IFMA the lanes are emulated
  guest     random transactions natively and in the batch guest
  evm       random transactions against another EVM, which `cargo xtask test clients` installs
  meter     the worst transactions, as large as a chain allows by default
  zkvm      the tests named `long_run_` of the zkVM: a million mutated ELF files, all 2^32
            instruction words, 50,000 edited proofs, 200,000 changed cells of random programs
";

const GROUPS: &[(&str, &[&str])] = &[
    ("vectors", &["--package", "minster-tests", "vectors"]),
    ("storage", &["--package", "minster-storage"]),
    ("crash", CRASH),
    ("batcher", &["--package", "minster-batcher"]),
    ("proving", &["--package", "minster", "--test", "dev", "proving", "--", "--nocapture"]),
    ("mempool", &["--package", "minster-mempool"]),
    ("recovery", &["--package", "minster-recovery", "--", "--include-ignored"]),
    ("guest", &["--package", "minster-tests", "--test", "batches", "random"]),
    ("evm", &["--package", "minster-tests", "--test", "differential"]),
    ("meter", &["--package", "minster-tests", "--test", "meter", "long_run_", "--", "--ignored"]),
    ("zkvm", ZKVM),
];

const CRASH: &[&str] = &[
    "--package",
    "minster-sequencer",
    "--package",
    "minster",
    "--test",
    "crash",
    "--test",
    "dev",
    "--no-fail-fast",
    "--",
    "--nocapture",
    "simulation::",
    "crash::",
];

const ZKVM: &[&str] = &[
    "--package",
    "minster-riscv",
    "--package",
    "minster-verifier",
    "--package",
    "minster-prover",
    "--test",
    "fuzz",
    "--test",
    "attacks",
    "--no-fail-fast",
    "long_run_",
    "--",
    "--ignored",
];

/// The command.
pub fn run(arguments: &[String]) -> Result<bool> {
    let mut names: Vec<&str> = GROUPS.iter().map(|(name, _)| *name).collect();
    names.push("fuzz");
    let [name] = arguments else { bail!("name one group: {}", names.join(", ")) };
    if name == "fuzz" {
        return fuzz::run();
    }
    let Some((_, filter)) = GROUPS.iter().find(|(group, _)| group == name) else {
        bail!("no group `{name}`; there are: {}", names.join(", "));
    };
    let mut command = cargo(&["test", "--profile", "ci"]);
    if name == "recovery" && needs_emulated_lanes() {
        command.args(&EMULATED_LANES[2..]);
    }
    command.args(*filter).env("MINSTER_LONG", "1").env("PROPTEST_CASES", "25600");
    command.envs([clients::oracle()?]);
    Ok(process::stream(&mut command)?.success)
}
