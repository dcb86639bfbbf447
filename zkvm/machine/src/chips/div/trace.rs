//! Rows of the division chip.

use minster_emulator::Step;
use p3_field::PrimeCharacteristicRing;

use super::{Div, DivRow};
use crate::F;
use crate::access::word;
use crate::chips::registers::register_ages;
use crate::lookups::LookupCounts;
use crate::rom::{Line, operation};
use crate::table::InstructionTable;

impl InstructionTable for Div {
    fn fill(step: &Step, line: &Line<u32>, counts: &mut LookupCounts) -> DivRow<F> {
        Division::of(step, line).row(step, line, counts)
    }
}

/// The numbers of a division, with their signs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Division {
    pub(super) left: i64,
    pub(super) right: i64,
    pub(super) quotient: i64,
    pub(super) remainder: i64,
}

impl Division {
    pub(super) fn of(step: &Step, line: &Line<u32>) -> Self {
        let signed = is_signed(line);
        let number = |value: u32| {
            if signed { i64::from(value.cast_signed()) } else { i64::from(value) }
        };
        let (left, right) = (number(step.rs1.value), number(step.rs2.value));
        let quotient = left.checked_div(right).unwrap_or(-1);
        Self { left, right, quotient, remainder: left - quotient * right }
    }

    /// The row that claims these numbers, which are what they should be only if they come from
    /// [`Division::of`].
    pub(super) fn row(self, step: &Step, line: &Line<u32>, counts: &mut LookupCounts) -> DivRow<F> {
        let is = |operation| F::from_bool(line.operation == operation);
        let sign = |value: i64| F::from_bool(value < 0);
        let divisor = fold(self.right);
        let [a, b, c, top] = divisor.to_le_bytes();
        let borrow = self.borrow();
        let [carry_low, carry_high, ..] = self.carry().to_le_bytes();
        let [left_age, right_age, old_age] = register_ages(step, counts);
        self.count(is_signed(line), counts);
        DivRow {
            pc: F::from_u32(line.pc),
            clock: F::from_u32(step.clock),
            is_div: is(operation::DIV),
            is_divu: is(operation::DIVU),
            is_rem: is(operation::REM),
            is_remu: is(operation::REMU),
            rd: F::from_u32(line.rd),
            rs1: F::from_u32(line.rs1),
            rs2: F::from_u32(line.rs2),
            left: word(step.rs1.value),
            right: word(step.rs2.value),
            left_sign: sign(self.left),
            right_sign: sign(self.right),
            quotient_sign: sign(self.quotient),
            remainder_sign: sign(self.remainder),
            product_sign: F::from_bool((self.quotient < 0) != (self.right < 0)),
            by_zero: F::from_bool(self.right == 0),
            quotient: fold(self.quotient).to_le_bytes().map(F::from_u8),
            divisor: [a, b, c, top & 0x7f].map(F::from_u8),
            divisor_bit: F::from_u8(top >> 7),
            remainder: word(fold(self.remainder)),
            borrow: F::from_u32(borrow),
            carry: [carry_low, carry_high].map(F::from_u8),
            old: word(step.rd.value),
            result: word(step.rd_value),
            left_age,
            right_age,
            old_age,
        }
    }

    /// What the divisor's low limb less the remainder's needs to be in range.
    fn borrow(self) -> u32 {
        let low = |value: i64| (fold(value) & 0xffff) + u32::from(value < 0);
        let taken = low(self.remainder) + 1;
        let missing = taken.saturating_sub(low(self.right));
        if self.right == 0 { 0 } else { missing.div_ceil(1 << 16) }
    }

    /// The carry out of the low limb of `quotient · divisor + remainder - dividend`, plus 2^14.
    fn carry(self) -> u32 {
        let low = |value: i64| i64::from(fold(value) & 0xffff);
        let unit = |negative: bool| if negative { -1 } else { 1 };
        let (quotient_sign, right_sign) = (self.quotient < 0, self.right < 0);
        let (q, d) = (low(self.quotient), low(self.right));
        let bytes = (q & 0xff) * (d & 0xff) + 256 * ((q & 0xff) * (d >> 8) + (q >> 8) * (d & 0xff));
        let signs = i64::from(quotient_sign) * (d + i64::from(right_sign));
        let product = bytes + signs + q * i64::from(right_sign);
        let remainder_sign = self.remainder < 0;
        let remainder = low(self.remainder) + i64::from(remainder_sign);
        let dividend = self.left & 0xffff;
        let sum = product * unit(quotient_sign != right_sign) + remainder * unit(remainder_sign);
        let [carry, _] = halves(((sum - dividend) >> 16) + (1 << 14));
        carry
    }

    /// Counts the lookups of a row.
    fn count(self, signed: bool, counts: &mut LookupCounts) {
        let [a, b, c, d] = fold(self.quotient).to_le_bytes().map(u32::from);
        let [e, f, g, h] = fold(self.right).to_le_bytes().map(u32::from);
        let carry = self.carry();
        counts.bytes(a, b);
        counts.bytes(c, d);
        counts.bytes(e, f);
        counts.bytes(g, carry & 0xff);
        counts.septets(h & 0x7f, carry >> 8);
        counts.word(fold(self.remainder));
        if self.right != 0 {
            let [slack, _] = halves(self.right.abs() - self.remainder.abs() - 1);
            counts.word(slack);
        }
        if signed {
            let [left, _] = halves(self.left);
            counts.range(left >> 15 & 0xfffe);
        }
    }
}

fn is_signed(line: &Line<u32>) -> bool {
    line.operation == operation::DIV || line.operation == operation::REM
}

/// The folded number: all bits inverted if it is negative.
fn fold(value: i64) -> u32 {
    let [folded, _] = halves(if value < 0 { !value } else { value });
    folded
}

/// The words of a number in two's complement, the lowest first.
fn halves(value: i64) -> [u32; 2] {
    let [a, b, c, d, e, f, g, h] = value.to_le_bytes();
    [u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h])]
}
