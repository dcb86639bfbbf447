//! Rows of the chip of word loads and stores.

use minster_emulator::Step;
use p3_field::PrimeCharacteristicRing;

use super::{WordAccess, WordRow};
use crate::F;
use crate::access::word;
use crate::chips::address;
use crate::chips::ram::ram_ages;
use crate::lookups::LookupCounts;
use crate::rom::{Line, operation};
use crate::table::InstructionTable;

impl InstructionTable for WordAccess {
    fn fill(step: &Step, line: &Line<u32>, counts: &mut LookupCounts) -> WordRow<F> {
        let is_load = line.operation == operation::LW;
        let (address, sum) = address::fill(step.rs1.value, line.immediate_value());
        counts.align((sum & 0xffff) >> 2, 0);
        counts.range(sum >> 16 << 1);
        let (held, [base_age, register_age, memory_age]) = ram_ages(step, is_load, counts);
        let value = if is_load { step.memory.value } else { held.value };
        WordRow {
            pc: F::from_u32(line.pc),
            clock: F::from_u32(step.clock),
            is_load: F::from_bool(is_load),
            is_store: F::from_bool(!is_load),
            register: F::from_u32(line.rd),
            rs1: F::from_u32(line.rs1),
            address,
            held: word(held.value),
            memory: word(step.memory.value),
            value: word(value),
            base_age,
            register_age,
            memory_age,
        }
    }
}
