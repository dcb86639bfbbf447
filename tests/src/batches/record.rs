//! How many cycles the guest took: `tests/cycles.json`.
//!
//! A run that takes more than a tenth more than what is recorded fails. `MINSTER_RECORD=1` writes
//! down what was measured, in either direction.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::{env, fs};

use super::triangle::FOLDER_VARIABLE;

/// With the value 1, measurements are written down instead of compared.
pub const RECORD_VARIABLE: &str = "MINSTER_RECORD";

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/cycles.json");
/// A run may take one part in this more than recorded.
const TOLERANCE: u64 = 10;

/// Tests of one program run side by side.
static LOCK: Mutex<()> = Mutex::new(());

type Record = BTreeMap<String, u64>;

fn read() -> Record {
    let text = if Path::new(FILE).exists() { fs::read(FILE).expect(FILE) } else { b"{}".to_vec() };
    serde_json::from_slice(&text).expect(FILE)
}

/// Compares cycles with the record, or writes them down. Those of a guest that another compiler
/// made are not compared.
///
/// # Panics
/// When they are too many, or not recorded.
pub fn hold(name: &str, cycles: u64) {
    let lock = LOCK.lock();
    let mut record = read();
    if env::var_os(RECORD_VARIABLE).is_some_and(|value| value == "1") {
        record.insert(name.to_owned(), cycles);
        let text = serde_json::to_string_pretty(&record).expect("numbers by name");
        fs::write(FILE, text + "\n").expect(FILE);
        return;
    }
    drop(lock);
    if env::var_os(FOLDER_VARIABLE).is_some() {
        return;
    }
    let known = record.get(name).unwrap_or_else(|| panic!("{name} is not in {FILE}"));
    let limit = known + known / TOLERANCE;
    assert!(cycles <= limit, "{name}: {cycles} cycles, recorded are {known}");
}
