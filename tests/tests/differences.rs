//! `spec/differences.md` is closed: it says nothing that no test holds, and leaves nothing out
//! that a test excepts.

use std::{fs, path::Path};

use minster_tests::exception::EXCEPTIONS;

fn repository() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// The table's rows, without its head: difference, reason, tests.
fn rows() -> Vec<Vec<String>> {
    let text = fs::read_to_string(repository().join("spec/differences.md")).unwrap();
    let rows = text.lines().filter(|line| line.starts_with('|')).skip(2);
    let cells = |row: &str| -> Vec<String> {
        row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    rows.map(cells).collect()
}

#[test]
fn every_exception_of_the_vectors_has_a_row() {
    for exception in EXCEPTIONS {
        let name = format!("EIP-{}", exception.eip);
        assert!(rows().iter().any(|row| row[0].contains(&name)), "no row names {name}");
    }
}

#[test]
fn every_row_has_a_reason_and_a_test_that_exists() {
    let rows = rows();
    assert!(!rows.is_empty());
    for row in rows {
        assert_eq!(row.len(), 3, "{row:?}");
        assert!(!row[1].is_empty(), "no reason: {row:?}");
        let tests: Vec<_> = row[2].split("<br>").map(str::trim).collect();
        for test in tests {
            let (path, name) = test.trim_matches('`').split_once("::").expect(test);
            let source = fs::read_to_string(repository().join(path))
                .unwrap_or_else(|error| panic!("{path}: {error}"));
            let declared = source.contains(&format!("fn {name}("));
            assert!(declared, "{path} has no test {name}");
        }
    }
}
