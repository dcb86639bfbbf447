//! The OS against an EVM that shares no code with it, on random code and transactions:
//! `MINSTER_EVM_ORACLE` names the script of tests/clients/evm beside its packages. What differs is
//! shrunk.
//!
//! `cargo xtask test clients` runs a fixed set of cases, `cargo xtask long evm` other ones each
//! time, and more of them.

use std::cell::RefCell;
use std::env;
use std::path::Path;

use minster_tests::differential::oracle::{ORACLE_VARIABLE, Oracle};
use minster_tests::differential::{generate, native};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

/// With any value, the cases are new ones.
const LONG_VARIABLE: &str = "MINSTER_LONG";

#[test]
fn random_transactions_end_as_elsewhere() {
    let script = env::var_os(ORACLE_VARIABLE).expect(ORACLE_VARIABLE);
    let oracle = RefCell::new(Oracle::start(Path::new(&script)));
    let config = Config { failure_persistence: None, ..Config::default() };
    let mut runner = match env::var_os(LONG_VARIABLE) {
        Some(_) => TestRunner::new(config),
        None => {
            let random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
            TestRunner::new_with_rng(config, random)
        }
    };
    let result = runner.run(&generate::case(), |case| {
        let theirs = oracle.borrow_mut().answer(&case);
        match native::answer(&case).difference(&theirs) {
            None => Ok(()),
            Some(difference) => Err(TestCaseError::fail(difference)),
        }
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}
