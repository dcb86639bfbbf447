//! The chips, one folder each: `columns`, `constraints`, `trace`, and a README that is their
//! documentation.

pub mod add;
pub mod branch;
pub mod compare;
