//! Rows of the comparison chip.

use minster_emulator::Step;
use p3_field::{Field, PrimeCharacteristicRing};

use super::{Compare, CompareRow};
use crate::F;
use crate::access::word;
use crate::chips::registers::register_ages;
use crate::lookups::LookupCounts;
use crate::rom::{Line, operation};
use crate::table::InstructionTable;

impl InstructionTable for Compare {
    fn fill(step: &Step, line: &Line<u32>, counts: &mut LookupCounts) -> CompareRow<F> {
        let is_slt = line.operation == operation::SLT;
        let (left, right) = (step.rs1.value, step.rs2.value.wrapping_add(line.immediate_value()));
        let sign = |value: u32| u32::from(is_slt) & value >> 31;
        let [left_age, right_age, old_age] = register_ages(step, counts);
        if is_slt {
            counts.range((left >> 16 << 1) & 0xffff);
            counts.range((right >> 16 << 1) & 0xffff);
        }
        // Flipping the sign bits turns a signed comparison into one without signs.
        let bias = u32::from(is_slt) << 31;
        let (left_key, right_key) = (left ^ bias, right ^ bias);
        let same_high = left_key >> 16 == right_key >> 16;
        let limb = |key: u32| if same_high { key & 0xffff } else { key >> 16 };
        counts.range(limb(left_key).wrapping_sub(limb(right_key)) & 0xffff);
        let high = F::from_u32(left_key >> 16) - F::from_u32(right_key >> 16);
        CompareRow {
            pc: F::from_u32(line.pc),
            clock: F::from_u32(step.clock),
            is_slt: F::from_bool(is_slt),
            is_sltu: F::from_bool(!is_slt),
            rd: F::from_u32(line.rd),
            rs1: F::from_u32(line.rs1),
            rs2: F::from_u32(line.rs2),
            immediate: line.immediate_cells(),
            left: word(left),
            right: word(step.rs2.value),
            old: word(step.rd.value),
            left_sign: F::from_u32(sign(left)),
            right_sign: F::from_u32(sign(right)),
            inverse: high.try_inverse().unwrap_or_default(),
            difference: F::from_u32(limb(left_key)) - F::from_u32(limb(right_key)),
            less: F::from_bool(left_key < right_key),
            left_age,
            right_age,
            old_age,
        }
    }
}
