//! Rows of the multiplication chip.

use minster_emulator::Step;
use p3_field::PrimeCharacteristicRing;

use super::{Factor, Mul, MulRow};
use crate::F;
use crate::access::word;
use crate::chips::registers::register_ages;
use crate::lookups::LookupCounts;
use crate::rom::{Line, operation};
use crate::table::InstructionTable;

impl InstructionTable for Mul {
    fn fill(step: &Step, line: &Line<u32>, counts: &mut LookupCounts) -> MulRow<F> {
        let is = |operation| line.operation == operation;
        let (left, right) = (step.rs1.value, step.rs2.value);
        let left_sign = (is(operation::MULH) || is(operation::MULHSU)) && left >> 31 == 1;
        let right_sign = is(operation::MULH) && right >> 31 == 1;
        let (signed_left, signed_right) = (signed(left, left_sign), signed(right, right_sign));
        let product = i128::from(signed_left) * i128::from(signed_right);
        let [low, high, ..] = words(product);
        let other = if is(operation::MUL) { high } else { low };
        let carries = carries(left, right);
        let tops = i128::from(signed_left >> 24) * i128::from(signed_right >> 24);
        let [excess, ..] = words((product >> 48) - tops + 256);
        let [left_age, right_age, old_age] = register_ages(step, counts);
        count(left, right, carries, counts);
        counts.range(excess << 6);
        counts.word(step.rd_value);
        counts.word(other);
        MulRow {
            pc: F::from_u32(line.pc),
            clock: F::from_u32(step.clock),
            is_mul: F::from_bool(is(operation::MUL)),
            is_mulh: F::from_bool(is(operation::MULH)),
            is_mulhsu: F::from_bool(is(operation::MULHSU)),
            is_mulhu: F::from_bool(is(operation::MULHU)),
            rd: F::from_u32(line.rd),
            rs1: F::from_u32(line.rs1),
            rs2: F::from_u32(line.rs2),
            left: factor(left, left_sign),
            right: factor(right, right_sign),
            negative: F::from_bool(product < 0),
            carries: carries.map(|carry| F::from_u32(carry & 0xff)),
            carry_bits: [carries[0] >> 8, carries[1] >> 8 & 1, carries[1] >> 9].map(F::from_u32),
            excess: F::from_u32(excess),
            old: word(step.rd.value),
            result: word(step.rd_value),
            other: word(other),
            left_age,
            right_age,
            old_age,
        }
    }
}

/// A factor's value.
fn signed(value: u32, sign: bool) -> i64 {
    i64::from(value) - (i64::from(sign) << 32)
}

/// The words of a number in two's complement, the lowest first.
fn words(value: i128) -> [u32; 4] {
    let value = value.cast_unsigned();
    [0, 32, 64, 96].map(|shift| (value >> shift & 0xffff_ffff) as u32)
}

/// The carries out of the two lower limbs, as the constraints form them.
fn carries(left: u32, right: u32) -> [u32; 2] {
    let [a, b, c, _] = left.to_le_bytes().map(u32::from);
    let [d, e, f, g] = right.to_le_bytes().map(u32::from);
    let (low, high) = (left & 0xffff, left >> 16);
    let first = (low * d + 256 * a * e) >> 16;
    let second = b * e + low * f + high * d + 256 * (a * g + c * e) + first;
    [first, second >> 16]
}

/// Counts the lookups of the operands' bytes and of the carries.
fn count(left: u32, right: u32, carries: [u32; 2], counts: &mut LookupCounts) {
    let [a, b, c, d] = left.to_le_bytes().map(u32::from);
    let [e, f, g, h] = right.to_le_bytes().map(u32::from);
    counts.bytes(a, b);
    counts.bytes(e, f);
    counts.bytes(c, g);
    counts.septets(d & 0x7f, h & 0x7f);
    counts.bytes(carries[0] & 0xff, carries[1] & 0xff);
}

/// The cells of an operand.
fn factor(value: u32, sign: bool) -> Factor<F> {
    let [a, b, c, top] = value.to_le_bytes();
    Factor {
        bytes: [a, b, c].map(F::from_u8),
        septet: F::from_u8(top & 0x7f),
        top_bit: F::from_u8(top >> 7),
        sign: F::from_bool(sign),
    }
}
