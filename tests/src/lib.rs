#![doc = include_str!("../README.md")]

pub mod batches;
pub mod differential;
pub mod exception;
pub mod fixture;
pub mod state_test;
pub mod vectors;
