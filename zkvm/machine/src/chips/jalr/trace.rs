//! Rows of the chip of indirect jumps.

use minster_emulator::Step;
use p3_field::PrimeCharacteristicRing;

use super::{Jalr, JalrRow};
use crate::F;
use crate::access::{Word, ages, slot, stamp_at, word};
use crate::chips::address;
use crate::lookups::LookupCounts;
use crate::rom::Line;
use crate::table::InstructionTable;

impl InstructionTable for Jalr {
    fn fill(step: &Step, line: &Line<u32>, counts: &mut LookupCounts) -> JalrRow<F> {
        let (target, sum) = address::fill(step.rs1.value, line.immediate_value());
        counts.align((sum & 0xffff) >> 2, sum & 1);
        counts.align(sum >> 16 & 0x3fff, 0);
        let [base_age, old_age] = ages(
            [
                (step.rs1, stamp_at(step.clock, slot::RS1)),
                (step.rd, stamp_at(step.clock, slot::RD)),
            ],
            counts,
        );
        JalrRow {
            pc: F::from_u32(line.pc),
            clock: F::from_u32(step.clock),
            is_real: F::ONE,
            rd: F::from_u32(line.rd),
            rs1: F::from_u32(line.rs1),
            link: Word { low: F::from_u32(line.rs2), high: F::from_u32(line.next) },
            target,
            odd: F::from_u32(sum & 1),
            high_bit: F::from_u32(sum >> 30 & 1),
            old: word(step.rd.value),
            base_age,
            old_age,
        }
    }
}
