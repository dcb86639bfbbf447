//! Rows of the call chip.

use minster_emulator as emulator;
use minster_precompiles::ADDRESS_END;
use p3_field::PrimeCharacteristicRing;

use super::{Call, CallRow};
use crate::F;
use crate::access::{ages, slot, stamp_at, word};
use crate::lookups::LookupCounts;

impl Call {
    /// The row of a call, with its lookups counted.
    pub fn fill(call: &emulator::Call, counts: &mut LookupCounts) -> CallRow<F> {
        let stamp = stamp_at(call.clock, slot::RS1);
        let operands = call.function.operands().len();
        let [a0, a1, a2, a3] = call.addresses;
        let [number_age, a0_age] = ages([(call.number, stamp), (a0, stamp)], counts);
        let mut row = CallRow {
            real: F::ONE,
            more: [2, 3, 4].map(|count| F::from_bool(count <= operands)),
            pc: F::from_u32(call.pc / 4),
            clock: F::from_u32(call.clock),
            number: F::from_u32(call.function.number()),
            a0: word(a0.value),
            a1: word(a1.value),
            a2: word(a2.value),
            a3: word(a3.value),
            number_age,
            a0_age,
            ..Default::default()
        };
        let more = [(a1, &mut row.a1_age), (a2, &mut row.a2_age), (a3, &mut row.a3_age)];
        for (address, age) in more.into_iter().take(operands.saturating_sub(1)) {
            [*age] = ages([(address, stamp)], counts);
        }
        for address in call.addresses.iter().take(operands) {
            counts.align((address.value & 0xffff) / 4, 0);
            counts.range((ADDRESS_END >> 16).wrapping_sub(1 + (address.value >> 16)));
        }
        row
    }
}
