//! Rows of the bitwise chip.

use minster_emulator::Step;
use p3_field::PrimeCharacteristicRing;

use super::{Logic, LogicRow};
use crate::F;
use crate::access::word;
use crate::chips::registers::register_ages;
use crate::lookups::LookupCounts;
use crate::rom::{Line, operation};
use crate::table::InstructionTable;

impl InstructionTable for Logic {
    fn fill(step: &Step, line: &Line<u32>, counts: &mut LookupCounts) -> LogicRow<F> {
        let left = step.rs1.value;
        let right = step.rs2.value.wrapping_add(line.immediate_value());
        let [left_age, right_age, old_age] = register_ages(step, counts);
        for (left, right) in left.to_le_bytes().into_iter().zip(right.to_le_bytes()) {
            counts.xor(u32::from(left), u32::from(right));
        }
        let is = |operation| F::from_bool(line.operation == operation);
        LogicRow {
            pc: F::from_u32(line.pc),
            clock: F::from_u32(step.clock),
            is_and: is(operation::AND),
            is_or: is(operation::OR),
            is_xor: is(operation::XOR),
            rd: F::from_u32(line.rd),
            rs1: F::from_u32(line.rs1),
            rs2: F::from_u32(line.rs2),
            immediate: line.immediate_cells(),
            left: left.to_le_bytes().map(F::from_u8),
            right: right.to_le_bytes().map(F::from_u8),
            xor: (left ^ right).to_le_bytes().map(F::from_u8),
            old: word(step.rd.value),
            result: word(step.rd_value),
            left_age,
            right_age,
            old_age,
        }
    }
}
