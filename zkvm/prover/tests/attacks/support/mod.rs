//! Honest runs, and the tools to forge them.

mod assembler;
mod ledger;
mod programs;
mod proven;
mod random;
mod run;
mod score;

pub use assembler::{Assembler, BASE, DATA};
pub use ledger::{Change, Ledger, tour_ledger};
pub use programs::{chain, doubling, tour};
pub use proven::{Proven, proven_chains, proven_doubling};
pub use random::Random;
pub use run::{Run, check, prove, record, whole};
pub use score::Score;

use minster_machine::F;
use minster_machine::chips::{
    add, addi, branch, compare, compression, div, ecall, jalr, leaf, logic, lookup, mul, node,
    program, segment, shift, subword, transfer, word,
};
use minster_machine::table::Table;
use p3_field::PrimeCharacteristicRing;

/// Positions of the tables, in the order of a proof.
pub mod table {
    pub const PROGRAM: usize = 0;
    pub const LOOKUP: usize = 1;
    pub const SEGMENT: usize = 2;
    pub const ADDI: usize = 3;
    pub const JALR: usize = 4;
    pub const ADD: usize = 5;
    pub const COMPARE: usize = 6;
    pub const LOGIC: usize = 7;
    pub const SHIFT: usize = 8;
    pub const MUL: usize = 9;
    pub const DIV: usize = 10;
    pub const BRANCH: usize = 11;
    pub const WORD: usize = 12;
    pub const SUBWORD: usize = 13;
    pub const ECALL: usize = 14;
    pub const TRANSFER: usize = 15;
    pub const LEAF: usize = 16;
    pub const NODE: usize = 17;
    pub const COMPRESSION: usize = 18;
}

/// Names of a table's columns.
pub fn columns(index: usize) -> Vec<String> {
    match index {
        table::PROGRAM => program::Program::column_names(),
        table::LOOKUP => lookup::Lookup::column_names(),
        table::SEGMENT => segment::Segment::column_names(),
        table::ADDI => addi::Addi::column_names(),
        table::JALR => jalr::Jalr::column_names(),
        table::ADD => add::Add::column_names(),
        table::COMPARE => compare::Compare::column_names(),
        table::LOGIC => logic::Logic::column_names(),
        table::SHIFT => shift::Shift::column_names(),
        table::MUL => mul::Mul::column_names(),
        table::DIV => div::Div::column_names(),
        table::BRANCH => branch::Branch::column_names(),
        table::WORD => word::WordAccess::column_names(),
        table::SUBWORD => subword::SubwordAccess::column_names(),
        table::ECALL => ecall::Ecall::column_names(),
        table::TRANSFER => transfer::Transfer::column_names(),
        table::LEAF => leaf::Leaf::column_names(),
        table::NODE => node::Node::column_names(),
        table::COMPRESSION => compression::Compression::column_names(),
        _ => panic!("no table {index}"),
    }
}

/// The column of a name.
pub fn column(index: usize, name: &str) -> usize {
    let place = columns(index).iter().position(|column| column == name);
    place.unwrap_or_else(|| panic!("table {index} has no column {name}"))
}

/// A number as a cell.
pub fn cell(value: u32) -> F {
    F::from_u32(value)
}

/// A list without its last element.
pub fn shorten<T>(list: &mut Vec<T>) {
    list.truncate(list.len() - 1);
}
