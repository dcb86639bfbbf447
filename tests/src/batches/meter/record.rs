//! What was measured when the meter's table was written: `tests/meter.json`.

use std::collections::BTreeMap;
use std::fs;

use super::Cost;
use super::figures::Costs;

/// Where the table is.
pub const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../protocol/evm/src/cost/table.rs");
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/meter.json");

/// Cells, and the gas of the work inside.
type Record = BTreeMap<String, (u64, u64)>;

/// Writes the record.
///
/// # Panics
/// When it cannot be written.
pub fn write(costs: &Costs) {
    let entry = |cost: &Cost| (cost.cells.round().max(0.0) as u64, cost.work as u64);
    let record: Record = costs.iter().map(|(name, cost)| (name.clone(), entry(cost))).collect();
    let lines: Vec<String> = record
        .iter()
        .map(|(name, (cells, work))| format!("  \"{name}\": [{cells}, {work}]"))
        .collect();
    fs::write(FILE, format!("{{\n{}\n}}\n", lines.join(",\n"))).expect(FILE);
}

/// Reads the record. What it does not keep is zero.
///
/// # Panics
/// When it is missing.
#[must_use]
pub fn read() -> Costs {
    let record: Record = serde_json::from_slice(&fs::read(FILE).expect(FILE)).expect(FILE);
    let cost = |(cells, work)| Cost { cells: cells as f64, work: work as f64, ..Cost::default() };
    record.into_iter().map(|(name, entry)| (name, cost(entry))).collect()
}
