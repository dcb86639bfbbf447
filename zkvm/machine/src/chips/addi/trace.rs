//! Rows of the immediate addition chip.

use minster_emulator::Step;
use p3_field::PrimeCharacteristicRing;

use super::{Addi, AddiRow};
use crate::F;
use crate::access::{ages, slot, stamp_at, word};
use crate::lookups::LookupCounts;
use crate::rom::Line;
use crate::table::InstructionTable;

impl InstructionTable for Addi {
    fn fill(step: &Step, line: &Line<u32>, counts: &mut LookupCounts) -> AddiRow<F> {
        let [left_age, old_age] = ages(
            [
                (step.rs1, stamp_at(step.clock, slot::RS1)),
                (step.rd, stamp_at(step.clock, slot::RD)),
            ],
            counts,
        );
        counts.word(step.rd_value);
        AddiRow {
            real: F::ONE,
            pc: F::from_u32(line.pc),
            clock: F::from_u32(step.clock),
            next: F::from_u32(line.next),
            rd: F::from_u32(line.rd),
            rs1: F::from_u32(line.rs1),
            immediate: line.immediate_cells(),
            left: word(step.rs1.value),
            old: word(step.rd.value),
            result: word(step.rd_value),
            left_age,
            old_age,
        }
    }
}
