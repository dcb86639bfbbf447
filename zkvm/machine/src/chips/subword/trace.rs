//! Rows of the chip of loads and stores of parts of a word.

use minster_emulator::Step;
use p3_field::PrimeCharacteristicRing;

use super::{SubwordAccess, SubwordRow};
use crate::F;
use crate::access::word;
use crate::chips::address;
use crate::chips::ram::ram_ages;
use crate::lookups::LookupCounts;
use crate::rom::{Line, operation};
use crate::table::InstructionTable;

impl InstructionTable for SubwordAccess {
    fn fill(step: &Step, line: &Line<u32>, counts: &mut LookupCounts) -> SubwordRow<F> {
        let is = |operation| F::from_bool(line.operation == operation);
        let is_store = matches!(line.operation, operation::SB | operation::SH);
        let (address, sum) = address::fill(step.rs1.value, line.immediate_value());
        counts.align((sum & 0xffff) >> 2, sum & 3);
        counts.range(sum >> 16 << 1);
        let (held, [base_age, register_age, memory_age]) = ram_ages(step, !is_store, counts);
        let moved = Moved::new(line.operation, sum & 3, step.memory.value, held.value);
        let [low_byte, high_byte] = moved.limb;
        counts.bytes(low_byte, high_byte);
        counts.bytes(moved.tested, moved.rest);
        SubwordRow {
            pc: F::from_u32(line.pc),
            clock: F::from_u32(step.clock),
            is_lb: is(operation::LB),
            is_lbu: is(operation::LBU),
            is_lh: is(operation::LH),
            is_lhu: is(operation::LHU),
            is_sb: is(operation::SB),
            is_sh: is(operation::SH),
            register: F::from_u32(line.rd),
            rs1: F::from_u32(line.rs1),
            address,
            odd: F::from_u32(sum & 1),
            upper: F::from_u32(sum >> 1 & 1),
            held: word(held.value),
            memory: word(step.memory.value),
            value: word(moved.value),
            stored: word(moved.stored),
            low_byte: F::from_u32(low_byte),
            high_byte: F::from_u32(high_byte),
            sign: F::from_u32(moved.sign),
            tested: F::from_u32(moved.tested),
            rest: F::from_u32(moved.rest),
            base_age,
            register_age,
            memory_age,
        }
    }
}

/// What a load or a store does with the part at `offset` of a word.
struct Moved {
    /// The bytes of the addressed limb of RAM.
    limb: [u32; 2],
    value: u32,
    stored: u32,
    sign: u32,
    tested: u32,
    rest: u32,
}

impl Moved {
    fn new(operation: u32, offset: u32, memory: u32, held: u32) -> Self {
        let limb = memory >> (8 * (offset & 2));
        let limb = [limb & 0xff, limb >> 8 & 0xff];
        let is_byte = matches!(operation, operation::LB | operation::LBU | operation::SB);
        let mask = if is_byte { 0xff } else { 0xffff };
        let shift = 8 * offset;
        if matches!(operation, operation::SB | operation::SH) {
            let stored = memory & !(mask << shift) | (held & mask) << shift;
            let (tested, rest) = (held & 0xff, held >> 8 & 0xff);
            return Self { limb, value: held, stored, sign: 0, tested, rest };
        }
        let part = memory >> shift & mask;
        let top_byte = if is_byte { part } else { part >> 8 };
        let sign = top_byte >> 7;
        let extends = matches!(operation, operation::LB | operation::LH) && sign == 1;
        let value = if extends { part | !mask } else { part };
        let tested = top_byte << 1 & 0xff;
        Self { limb, value, stored: memory, sign, tested, rest: 0 }
    }
}
