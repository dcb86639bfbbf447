//! What the tables of a run's segments cost.

use std::fmt::Write;

use minster_machine::{chip::TABLES, shape::SHAPES};
use minster_prover::cost::{EXTENSION_DEGREE, bus_columns};
use minster_verifier::VerifyingKey;
use p3_air::BaseAir;
use serde_json::{Value, json};

use crate::zkvm::text::grouped;

/// A table, over all segments.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableCost {
    pub name: &'static str,
    /// Columns that a run fills.
    pub columns: u64,
    /// Columns that the key fixes.
    pub fixed_columns: u64,
    /// Messages of a row, to all buses.
    pub interactions: u64,
    /// Columns of the extension field that balance the buses.
    pub bus_columns: u64,
    /// Rows in use, over all segments.
    pub rows_used: u64,
    /// Rows, over all segments.
    pub rows: u64,
}

impl TableCost {
    /// Elements of the field that the prover commits to for this table, the quotient left out.
    pub fn cells(&self) -> u64 {
        self.rows * (self.columns + EXTENSION_DEGREE * self.bus_columns)
    }

    /// Rows that are not in use, in percent.
    pub fn padding_percent(&self) -> f64 {
        percent(self.rows - self.rows_used.min(self.rows), self.rows)
    }
}

fn percent(part: u64, whole: u64) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}

fn count(size: usize) -> u64 {
    u64::try_from(size).unwrap_or(u64::MAX)
}

/// The tables of a key, before any segment.
pub fn tables(key: &VerifyingKey) -> Vec<TableCost> {
    let buses = key.shared().lookups.iter().zip(bus_columns(key));
    let costs = key.chips().iter().zip(buses).map(|(chip, (lookups, bus_columns))| {
        let interactions = lookups.iter().map(|lookup| lookup.elements.len()).sum();
        TableCost {
            name: chip.name(),
            columns: count(chip.width()),
            fixed_columns: count(chip.preprocessed_width()),
            interactions: count(interactions),
            bus_columns,
            ..TableCost::default()
        }
    });
    costs.collect()
}

/// Adds a segment of the shape with this name.
pub fn add_segment(costs: &mut [TableCost], key: &VerifyingKey, shape: &str, used: &[usize]) {
    let shape = SHAPES.iter().find(|known| known.name == shape);
    let heights = shape.map_or([None; TABLES], |shape| key.log_heights(shape));
    for ((cost, used), log_height) in costs.iter_mut().zip(used).zip(heights) {
        cost.rows_used += count(*used);
        cost.rows += log_height.map_or(0, |log_height| 1 << log_height);
    }
}

/// The sum, as a table of its own.
pub fn total(costs: &[TableCost]) -> TableCost {
    let sum = |of: fn(&TableCost) -> u64| costs.iter().map(of).sum();
    TableCost {
        name: "all",
        columns: sum(|cost| cost.columns),
        fixed_columns: sum(|cost| cost.fixed_columns),
        interactions: sum(|cost| cost.interactions),
        bus_columns: sum(|cost| cost.bus_columns),
        rows_used: sum(|cost| cost.rows_used),
        rows: sum(|cost| cost.rows),
    }
}

/// The tables in JSON.
pub fn as_json(costs: &[TableCost]) -> Value {
    let table = |cost: &TableCost| {
        json!({
            "table": cost.name,
            "columns": cost.columns,
            "fixedColumns": cost.fixed_columns,
            "interactions": cost.interactions,
            "busColumns": cost.bus_columns,
            "rowsUsed": cost.rows_used,
            "rows": cost.rows,
            "paddingPercent": cost.padding_percent(),
            "cells": cost.cells(),
        })
    };
    costs.iter().map(table).collect()
}

/// The tables for a person.
pub fn as_text(costs: &[TableCost]) -> String {
    let total = total(costs);
    let all_cells = total.cells_of(costs);
    let mut lines = String::from(
        "Tables, rows and cells summed over all segments. Bus columns are of the extension field;\n\
         cells are columns and 5 for each bus column, times rows.\n\
         table        columns fixed  messages  bus col.    rows used         rows padding \
         \u{20}         cells     %\n",
    );
    for cost in costs {
        lines.push_str(&line(cost, cost.cells(), all_cells));
    }
    lines.push_str(&line(&total, all_cells, all_cells));
    lines
}

impl TableCost {
    /// The cells of all tables: those of a sum of tables are not the product of its sums.
    fn cells_of(&self, costs: &[TableCost]) -> u64 {
        costs.iter().map(TableCost::cells).sum()
    }
}

fn line(cost: &TableCost, cells: u64, all_cells: u64) -> String {
    let mut line = String::new();
    // Writing to a string does not fail.
    let _ = writeln!(
        line,
        "{:<12} {:>7} {:>5} {:>9} {:>9} {:>12} {:>12} {:>6.1}% {:>15} {:>5.1}",
        cost.name,
        cost.columns,
        cost.fixed_columns,
        cost.interactions,
        cost.bus_columns,
        grouped(cost.rows_used),
        grouped(cost.rows),
        cost.padding_percent(),
        grouped(cells),
        percent(cells, all_cells),
    );
    line
}
