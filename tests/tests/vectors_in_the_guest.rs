//! Ethereum's own state tests for Osaka through the guest: a sample, or with `MINSTER_LONG=1` all.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs, thread};

use alloy_primitives::{B256, keccak256};
use minster_params::{ChainConfig, Genesis, GenesisAccount, constants, precontracts};
use minster_tests::batches::chain::Chain;
use minster_tests::batches::triangle;
use minster_tests::exception::EXCEPTIONS;
use minster_tests::fixture::{File, Fixture, Post};
use minster_tests::vectors;

const THREADS: usize = 2;
/// Tests of a sample.
const SAMPLE: usize = 400;
/// Decides what is in the sample.
const SEED: &[u8] = b"minster";
/// With the value 1, there is no sample.
const LONG_VARIABLE: &str = "MINSTER_LONG";

/// The block of a test as the first one after a genesis.
///
/// # Panics
/// When the test is about a block that cannot be that one.
fn chain(fixture: &Fixture) -> Chain {
    let env = &fixture.env;
    assert_eq!(env.current_number.to::<u64>(), 1, "the first block");
    let config = ChainConfig {
        block_gas_limit: env.current_gas_limit.to(),
        base_fee_initial: env.current_base_fee.to(),
        base_fee_min: 1,
        fee_vault: env.current_coinbase,
        transaction_cycles_max: u64::MAX,
        block_cycles_max: u64::MAX,
        ..ChainConfig::new(fixture.config.chainid.map_or(1, |id| id.to()))
    };
    let account = |account: &minster_tests::fixture::Account| GenesisAccount {
        nonce: account.nonce.to(),
        balance: account.balance,
        code: account.code.clone(),
        storage: account.storage.clone(),
    };
    let accounts = fixture.pre.iter().map(|(address, given)| (*address, account(given)));
    let mut accounts: BTreeMap<_, _> = accounts.collect();
    // Every chain of ours has it, and hashes of blocks are read from it.
    let history = constants::HISTORY_STORAGE_ADDRESS;
    let known = precontracts::PRECONTRACTS.iter().find(|known| known.address == history);
    if let Some(precontracts::PrecontractCode::Runtime(code)) = known.map(|known| known.code) {
        let code = code.into();
        let contract = GenesisAccount { nonce: 1, code, ..GenesisAccount::default() };
        accounts.entry(history).or_insert(contract);
    }
    Chain::new(Genesis { config, timestamp: env.current_timestamp.to::<u64>() - 1, accounts })
}

/// Runs a post natively and in the guest. `false` if its transaction is in no block of ours.
fn check(fixture: &Fixture, post: &Post) -> bool {
    // What is refused is held against the fixture by the run without the guest.
    let is_excepted = EXCEPTIONS.iter().any(|exception| (exception.applies)(fixture, post));
    if is_excepted || post.expect_exception.is_some() {
        return false;
    }
    let mut chain = chain(fixture);
    chain.send(&post.txbytes);
    triangle::check(chain);
    true
}

/// The tests that run, each with its name.
fn chosen() -> Vec<(String, Fixture)> {
    let files = vectors::files(&vectors::folder("evm/state_tests"));
    let read = |path| -> File { serde_json::from_slice(&fs::read(path).unwrap()).unwrap() };
    let mut all: Vec<_> = files.iter().flat_map(read).collect();
    if env::var_os(LONG_VARIABLE).is_none_or(|value| value != "1") {
        let rank = |name: &str| -> B256 { keccak256([SEED, name.as_bytes()].concat()) };
        all.sort_by_cached_key(|(name, _)| rank(name));
        all.truncate(SAMPLE);
    }
    all
}

/// A line that the test harness does not capture.
fn say(line: &str) {
    let mut out = std::io::stdout();
    writeln!(out, "{line}").unwrap();
}

#[test]
fn vectors_are_the_same_in_the_guest() {
    let folder = vectors::folder("evm/state_tests");
    if !folder.is_dir() {
        assert!(!vectors::are_required(), "vectors: no folder at {}", folder.display());
        return say(&format!("vectors: skipped, no folder at {}", folder.display()));
    }
    let chosen = chosen();
    let (next, ran) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some((name, fixture)) = chosen.get(next.fetch_add(1, Ordering::Relaxed)) {
                    for post in fixture.post.values().flatten() {
                        let result = std::panic::catch_unwind(|| check(fixture, post));
                        let did = result.unwrap_or_else(|_| panic!("{name}"));
                        ran.fetch_add(did.into(), Ordering::Relaxed);
                    }
                }
            });
        }
    });
    let ran = ran.into_inner();
    say(&format!("vectors in the guest: {ran} of {} tests", chosen.len()));
    assert!(ran > chosen.len() / 2);
}
