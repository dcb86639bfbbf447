use eyre::eyre;

use super::report::{Report, Tally};

fn tally(passed: u32, failed: u32, skipped: u32) -> Tally {
    Tally { passed, failed, skipped }
}

#[test]
fn cargo_test_is_counted_by_its_result_lines() {
    let output = "running 2 tests\n\
        test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; in 0.1s\n\
        test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out\n";
    assert_eq!(Tally::of_cargo_test(output, false), tally(15, 2, 1));
    assert_eq!(Tally::of_cargo_test("", true), tally(0, 0, 0));
}

#[test]
fn a_test_program_that_dies_is_one_failure() {
    let output = "test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured\n";
    assert_eq!(Tally::of_cargo_test(output, false), tally(12, 1, 0));
}

#[test]
fn a_script_is_counted_by_its_lines() {
    let output = "ok balance\nnoise\nFAIL send no receipt\nok nonce\n";
    assert_eq!(Tally::of_script(output, false), tally(2, 1, 0));
    assert_eq!(Tally::of_script("ok balance\n", true), tally(1, 0, 0));
    assert_eq!(Tally::of_script("ok balance\n", false), tally(1, 1, 0));
    assert_eq!(Tally::of_script("", true), tally(0, 1, 0));
}

#[test]
fn the_last_line_counts_everything_and_the_lines_above_name_it() {
    let mut report = Report::default();
    report.start_group("core");
    assert!(report.step("tests", || Ok(tally(7, 0, 1))));
    report.skip_part("vectors", "no folder at x");
    assert!(report.is_good(false));
    assert!(!report.is_good(true));
    report.start_group("guest");
    assert!(!report.step("build", || Err(eyre!("no"))));
    assert!(!report.is_good(false));
    let closing = report.closing();
    assert!(closing.ends_with(
        "guest: build: 1 failed\n\
         core: tests: 1 ignored\n\
         vectors: skipped, no folder at x\n\
         7 passed, 1 failed, 2 skipped\n"
    ));
    assert!(closing.contains("| core | all | 7 | 0 | 2 | 0.0 |"));
    assert!(closing.contains("| guest | build | 0 | 1 | 0 | 0.0 |"));
}
