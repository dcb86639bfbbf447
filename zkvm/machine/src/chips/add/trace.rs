//! Rows of the addition chip.

use minster_emulator::Step;
use p3_field::PrimeCharacteristicRing;

use super::{Add, AddRow};
use crate::F;
use crate::access::word;
use crate::chips::registers::register_ages;
use crate::lookups::LookupCounts;
use crate::rom::{Line, operation};
use crate::table::InstructionTable;

impl InstructionTable for Add {
    fn fill(step: &Step, line: &Line<u32>, counts: &mut LookupCounts) -> AddRow<F> {
        let is_sub = line.operation == operation::SUB;
        let (left, right, result) = (step.rs1.value, step.rs2.value, step.rd_value);
        let term = if is_sub { result } else { left };
        let low = (term & 0xffff) + (right & 0xffff);
        let high = (term >> 16) + (right >> 16) + (low >> 16);
        let [left_age, right_age, old_age] = register_ages(step, counts);
        counts.word(result);
        AddRow {
            pc: F::from_u32(line.pc),
            clock: F::from_u32(step.clock),
            is_add: F::from_bool(!is_sub),
            is_sub: F::from_bool(is_sub),
            rd: F::from_u32(line.rd),
            rs1: F::from_u32(line.rs1),
            rs2: F::from_u32(line.rs2),
            left: word(left),
            right: word(right),
            old: word(step.rd.value),
            result: word(result),
            carry_low: F::from_u32(low >> 16),
            carry_high: F::from_u32(high >> 16),
            left_age,
            right_age,
            old_age,
        }
    }
}
