//! Microseconds per leaf: building a tree of a million leaves, then batches of 20,000 into it.
#![expect(clippy::print_stdout, reason = "a benchmark prints")]

use std::time::Instant;

use alloy_primitives::{Address, B256, U256};
use minster_state::{SoftwareBlake3, Tree, TreeKey, keys};

const LEAVES: u64 = 1_000_000;
const BATCH: u64 = 20_000;

/// The `number`th word of a fixed pseudo-random sequence.
fn word(number: u64) -> B256 {
    alloy_primitives::keccak256(number.to_be_bytes())
}

fn address(number: u64) -> Address {
    Address::from_word(word(number))
}

/// One leaf per account: plain accounts.
fn accounts(numbers: impl Iterator<Item = u64>, salt: u64) -> Vec<(TreeKey, B256)> {
    numbers.map(|n| (keys::account_key::<SoftwareBlake3>(address(n)), word(n ^ salt))).collect()
}

/// Two leaves per account: contracts.
fn contracts(numbers: impl Iterator<Item = u64>, salt: u64) -> Vec<(TreeKey, B256)> {
    numbers
        .flat_map(|n| {
            let header = keys::header_stem::<SoftwareBlake3>(address(n));
            [keys::account_key_of(&header), keys::code_hash_key_of(&header)]
                .map(|key| (key, word(n ^ salt)))
        })
        .collect()
}

/// Consecutive slots of one contract: full groups.
fn slots(numbers: impl Iterator<Item = u64>, salt: u64) -> Vec<(TreeKey, B256)> {
    let token = address(0);
    numbers
        .map(|n| (keys::storage_key::<SoftwareBlake3>(token, U256::from(n)), word(n ^ salt)))
        .collect()
}

/// Applies a batch and returns microseconds per leaf.
fn time(tree: &mut Tree, batch: &[(TreeKey, B256)]) -> f64 {
    let start = Instant::now();
    tree.update(batch).expect("a whole tree shows everything");
    start.elapsed().as_secs_f64() * 1e6 / batch.len() as f64
}

fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    status.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or(0) * 4096
}

type Leaves = fn(std::vec::IntoIter<u64>, u64) -> Vec<(TreeKey, B256)>;

fn run(name: &str, leaves_per_number: u64, leaves: Leaves) {
    let range = |from: u64, count: u64, step: u64| {
        (0..count / leaves_per_number).map(|n| from + n * step).collect::<Vec<_>>().into_iter()
    };
    let all = leaves(range(0, LEAVES, 1), 0);
    let before = resident_bytes();
    let mut tree = Tree::new();
    let build = time(&mut tree, &all);
    let bytes = resident_bytes().saturating_sub(before) * leaves_per_number / LEAVES;
    let known = leaves(range(3, BATCH, 37), 1 << 40);
    let overwrite = time(&mut tree, &known);
    let insert = time(&mut tree, &leaves(range(1 << 32, BATCH, 1), 0));
    let deletions: Vec<_> = known.iter().map(|update| (update.0, B256::ZERO)).collect();
    let start = Instant::now();
    let witness = tree.witness(&[], &deletions).expect("a whole tree shows everything");
    let prove = start.elapsed().as_secs_f64() * 1e6 / deletions.len() as f64;
    let (size, root) = (witness.as_bytes().len() / deletions.len(), tree.root());
    let start = Instant::now();
    witness.into_tree::<SoftwareBlake3>(root).expect("an honest witness");
    let check = start.elapsed().as_secs_f64() * 1e6 / deletions.len() as f64;
    let delete = time(&mut tree, &deletions);
    let kept = tree.clone();
    let beside_clone = time(&mut tree, &leaves(range(5, BATCH, 37), 1 << 40));
    drop(kept);
    println!(
        "{name:<22} build {build:.2}  overwrite {overwrite:.2}  insert {insert:.2}  \
         delete {delete:.2}  overwrite beside a clone {beside_clone:.2}  witness {prove:.2}  \
         check {check:.2} us per leaf; {size} witness bytes per leaf"
    );
    // Later trees reuse the memory of the first, and would show less.
    if leaves_per_number == 2 {
        println!("{name:<22} {bytes} bytes of memory per account");
    }
}

fn main() {
    println!("{LEAVES} leaves, batches of {BATCH}");
    run("contracts, two leaves", 2, contracts);
    run("accounts, one leaf", 1, accounts);
    run("slots in sequence", 1, slots);
}
