//! Rows of the ecall chip.

use minster_emulator::{Step, ecall};
use p3_field::PrimeCharacteristicRing;

use super::{Ecall, EcallRow};
use crate::F;
use crate::access::{RAM_CELLS, ages, slot, stamp_at, word};
use crate::lookups::LookupCounts;
use crate::rom::{HALTED, Line};

/// Where the public output of a segment stands.
#[derive(Clone, Copy, Debug, Default)]
pub struct OutputPlace {
    /// Words committed so far.
    pub words: u32,
    /// Tick of the last commit, 0 if there is none.
    pub clock: u32,
}

impl Ecall {
    /// The row of a call, with its lookups counted; a commit moves the output's place on.
    pub fn fill(
        step: &Step,
        line: &Line<u32>,
        output: &mut OutputPlace,
        counts: &mut LookupCounts,
    ) -> EcallRow<F> {
        let number = step.rs1.value;
        let is = |call: u32| F::from_bool(number == call);
        let [a7_age, a1_age, a2_age, a0_age] = ages(
            [
                (step.rs1, stamp_at(step.clock, slot::RS1)),
                (step.rs2, stamp_at(step.clock, slot::RS2)),
                (step.memory, stamp_at(step.clock, slot::MEMORY)),
                (step.rd, stamp_at(step.clock, slot::RD)),
            ],
            counts,
        );
        counts.word(step.rd_value);
        let next = if number == ecall::HALT { HALTED } else { line.next };
        let mut row = EcallRow {
            is_halt: is(ecall::HALT),
            is_write: is(ecall::WRITE),
            is_input: is(ecall::READ_INPUT),
            is_hint: is(ecall::READ_HINT),
            is_commit: is(ecall::COMMIT),
            pc: F::from_u32(line.pc),
            next: F::from_u32(next),
            clock: F::from_u32(step.clock),
            a0: word(step.rd.value),
            a1: word(step.rs2.value),
            a2: word(step.memory.value),
            result: word(step.rd_value),
            a7_age,
            a1_age,
            a2_age,
            a0_age,
            ..Default::default()
        };
        match number {
            ecall::READ_INPUT | ecall::READ_HINT => {
                transfer(&mut row, step, 1, counts);
            }
            ecall::COMMIT => {
                let words = step.rs2.value.div_ceil(4);
                transfer(&mut row, step, 4, counts);
                commit(&mut row, step.clock, words, output, counts);
            }
            _ => {}
        }
        row
    }
}

/// The part of a transfer that counts in units of `unit` to the word.
fn transfer(row: &mut EcallRow<F>, step: &Step, unit: u32, counts: &mut LookupCounts) {
    let words = step.rs2.value.div_ceil(unit);
    counts.range((unit * ecall::IO_WORDS_MAX).wrapping_sub(step.rs2.value));
    let address = step.rd.value;
    counts.align((address & 0xffff) / 4, address % 4);
    let end = address / 4 + words;
    let room = RAM_CELLS.saturating_sub(end);
    counts.range(room & 0xffff);
    counts.align(room >> 16, 0);
    row.end = F::from_u32(end);
    row.room_low = F::from_u32(room & 0xffff);
    row.room_high = F::from_u32(room >> 16);
}

fn commit(
    row: &mut EcallRow<F>,
    clock: u32,
    words: u32,
    output: &mut OutputPlace,
    counts: &mut LookupCounts,
) {
    let gap = clock - output.clock - 1;
    counts.range(gap & 0xffff);
    counts.septets(gap >> 16, 0);
    row.position = F::from_u32(output.words);
    row.position_end = F::from_u32(output.words + words);
    row.commit_clock = F::from_u32(output.clock);
    row.commit_gap_high = F::from_u32(gap >> 16);
    *output = OutputPlace { words: output.words + words, clock };
}
