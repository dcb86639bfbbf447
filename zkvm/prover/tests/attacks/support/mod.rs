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
pub use run::{Part, Run, check, prove, record, stamp_anew, whole};
pub use score::{Score, print};

use minster_machine::F;
use p3_field::PrimeCharacteristicRing;

/// Positions of the tables, in the order of a proof.
pub mod table {
    pub const PROGRAM: usize = 0;
    pub const LOOKUP: usize = 1;
    pub const SEGMENT: usize = 2;
    pub const ADDI: usize = 3;
    pub const JALR: usize = 4;
    pub const ADD: usize = 5;
    pub const LOGIC: usize = 7;
    pub const MUL: usize = 9;
    pub const DIV: usize = 10;
    pub const BRANCH: usize = 11;
    pub const WORD: usize = 12;
    pub const SUBWORD: usize = 13;
    pub const ECALL: usize = 14;
    pub const TRANSFER: usize = 15;
    pub const REFRESH: usize = 16;
    pub const LEAF: usize = 17;
    pub const NODE: usize = 18;
    pub const COMPRESSION: usize = 19;
}

/// Names of a table's columns.
pub fn columns(index: usize) -> Vec<String> {
    tour().key().chips()[index].column_names()
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
