//! Rows of the branch chip.

use minster_emulator::Step;
use p3_field::{Field, PrimeCharacteristicRing};

use super::{Branch, BranchRow};
use crate::F;
use crate::access::{ages, slot, stamp_at, word};
use crate::lookups::LookupCounts;
use crate::rom::{Line, operation};
use crate::table::InstructionTable;

impl InstructionTable for Branch {
    fn fill(step: &Step, line: &Line<u32>, counts: &mut LookupCounts) -> BranchRow<F> {
        let operation = line.operation;
        let is_equality = matches!(operation, operation::BEQ | operation::BNE);
        let is_signed = matches!(operation, operation::BLT | operation::BGE);
        let negated = matches!(operation, operation::BNE | operation::BGE | operation::BGEU);
        let (left, right) = (step.rs1.value, step.rs2.value);
        let [left_age, right_age] = ages(
            [
                (step.rs1, stamp_at(step.clock, slot::RS1)),
                (step.rs2, stamp_at(step.clock, slot::RS2)),
            ],
            counts,
        );
        if is_signed {
            counts.range((left >> 16 << 1) & 0xffff);
            counts.range((right >> 16 << 1) & 0xffff);
        }
        // Flipping the sign bits turns a signed comparison into one without signs.
        let sign = |value: u32| u32::from(is_signed) & value >> 31;
        let bias = u32::from(is_signed) << 31;
        let (left_key, right_key) = (left ^ bias, right ^ bias);
        let high_differs = left_key >> 16 != right_key >> 16;
        let limb = |key: u32| if high_differs { key >> 16 } else { key & 0xffff };
        if !is_equality {
            counts.range(limb(left_key).wrapping_sub(limb(right_key)) & 0xffff);
        }
        let difference = F::from_u32(limb(left_key)) - F::from_u32(limb(right_key));
        let needs_inverse = is_equality || high_differs;
        let inverse = if needs_inverse { difference.try_inverse() } else { None };
        let holds = if is_equality { left == right } else { left_key < right_key };
        let next_pc = if holds != negated { line.next } else { line.pc + 1 };
        BranchRow {
            pc: F::from_u32(line.pc),
            clock: F::from_u32(step.clock),
            is_equality: F::from_bool(is_equality),
            is_signed: F::from_bool(is_signed),
            is_unsigned: F::from_bool(!is_equality && !is_signed),
            negated: F::from_bool(negated),
            rs1: F::from_u32(line.rs1),
            rs2: F::from_u32(line.rs2),
            target: F::from_u32(line.next),
            next_pc: F::from_u32(next_pc),
            left: word(left),
            right: word(right),
            left_sign: F::from_u32(sign(left)),
            right_sign: F::from_u32(sign(right)),
            high_differs: F::from_bool(high_differs),
            difference,
            inverse: inverse.unwrap_or_default(),
            holds: F::from_bool(holds),
            left_age,
            right_age,
        }
    }
}
