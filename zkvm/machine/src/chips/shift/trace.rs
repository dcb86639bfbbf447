//! Rows of the shift chip.

use minster_emulator::Step;
use p3_field::PrimeCharacteristicRing;

use super::{Shift, ShiftRow};
use crate::F;
use crate::access::word;
use crate::chips::registers::register_ages;
use crate::lookups::LookupCounts;
use crate::rom::{Line, operation};
use crate::table::InstructionTable;

impl InstructionTable for Shift {
    fn fill(step: &Step, line: &Line<u32>, counts: &mut LookupCounts) -> ShiftRow<F> {
        let (left, right) = (step.rs1.value, step.rs2.value);
        let amount = (right & 0xffff) + line.immediate.low;
        let (distance, whole, rest) = (amount & 7, amount >> 3 & 3, amount >> 5);
        let to_right = line.operation != operation::SLL;
        let factor = if to_right { 1 << (8 - distance) } else { 1 << distance };
        let [a, b, c, _] = ((left & 0xffff) * factor).to_le_bytes();
        let [d, e, f, _] = ((left >> 16) * factor).to_le_bytes();
        let [rest_low, rest_high, _, _] = rest.to_le_bytes();
        let is_sra = line.operation == operation::SRA;
        let sign = if is_sra { left >> 31 } else { 0 };
        let [left_age, right_age, old_age] = register_ages(step, counts);
        for (first, second) in [(a, b), (c, d), (e, f), (rest_low, rest_high)] {
            counts.bytes(u32::from(first), u32::from(second));
        }
        counts.factor(to_right, distance);
        if is_sra {
            counts.range((left >> 15) & 0xfffe);
        }
        ShiftRow {
            pc: F::from_u32(line.pc),
            clock: F::from_u32(step.clock),
            is_sll: F::from_bool(!to_right),
            is_srl: F::from_bool(line.operation == operation::SRL),
            is_sra: F::from_bool(is_sra),
            rd: F::from_u32(line.rd),
            rs1: F::from_u32(line.rs1),
            rs2: F::from_u32(line.rs2),
            immediate: F::from_u32(line.immediate.low),
            left: word(left),
            distance: F::from_u32(distance),
            whole: [1, 2, 3].map(|bytes| F::from_bool(whole == bytes)),
            rest: [rest_low, rest_high].map(F::from_u8),
            right_high: F::from_u32(right >> 16),
            factor: F::from_u32(factor),
            low: [a, b, c].map(F::from_u8),
            high: [d, e, f].map(F::from_u8),
            sign: F::from_u32(sign),
            fill: F::from_u32(sign * (256 - factor)),
            old: word(step.rd.value),
            result: word(step.rd_value),
            left_age,
            right_age,
            old_age,
        }
    }
}
