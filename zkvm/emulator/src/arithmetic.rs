//! What the instructions compute, as functions of words.

pub fn slt(a: u32, b: u32) -> u32 {
    u32::from(a.cast_signed() < b.cast_signed())
}

pub fn sltu(a: u32, b: u32) -> u32 {
    u32::from(a < b)
}

/// Shifts use the low five bits of the amount, as do the wrapping shifts of the language.
pub fn sll(a: u32, b: u32) -> u32 {
    a.wrapping_shl(b)
}

pub fn srl(a: u32, b: u32) -> u32 {
    a.wrapping_shr(b)
}

pub fn sra(a: u32, b: u32) -> u32 {
    a.cast_signed().wrapping_shr(b).cast_unsigned()
}

pub fn mulh(a: u32, b: u32) -> u32 {
    high(i64::from(a.cast_signed()) * i64::from(b.cast_signed()))
}

pub fn mulhsu(a: u32, b: u32) -> u32 {
    high(i64::from(a.cast_signed()) * i64::from(b))
}

pub fn mulhu(a: u32, b: u32) -> u32 {
    high((u64::from(a) * u64::from(b)).cast_signed())
}

fn high(product: i64) -> u32 {
    (product.cast_unsigned() >> 32) as u32
}

/// By zero: -1. The one overflow, `i32::MIN / -1`, wraps.
pub fn div(a: u32, b: u32) -> u32 {
    if b == 0 { u32::MAX } else { a.cast_signed().wrapping_div(b.cast_signed()).cast_unsigned() }
}

/// By zero: all ones.
pub fn divu(a: u32, b: u32) -> u32 {
    a.checked_div(b).unwrap_or(u32::MAX)
}

/// By zero: the dividend.
pub fn rem(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { a.cast_signed().wrapping_rem(b.cast_signed()).cast_unsigned() }
}

/// By zero: the dividend.
pub fn remu(a: u32, b: u32) -> u32 {
    a.checked_rem(b).unwrap_or(a)
}

/// The byte of `word` at `address`, sign-extended.
pub fn lb(word: u32, address: u32) -> u32 {
    i32::from((byte(word, address) as u8).cast_signed()).cast_unsigned()
}

pub fn lbu(word: u32, address: u32) -> u32 {
    byte(word, address)
}

/// The half of `word` at `address`, sign-extended.
pub fn lh(word: u32, address: u32) -> u32 {
    i32::from((half(word, address) as u16).cast_signed()).cast_unsigned()
}

pub fn lhu(word: u32, address: u32) -> u32 {
    half(word, address)
}

fn byte(word: u32, address: u32) -> u32 {
    (word >> (8 * (address & 3))) & 0xff
}

fn half(word: u32, address: u32) -> u32 {
    (word >> (8 * (address & 2))) & 0xffff
}

/// `word` with its byte at `address` replaced by the low byte of `value`.
pub fn sb(word: u32, address: u32, value: u32) -> u32 {
    let shift = 8 * (address & 3);
    (word & !(0xff << shift)) | ((value & 0xff) << shift)
}

/// `word` with its half at `address` replaced by the low half of `value`.
pub fn sh(word: u32, address: u32, value: u32) -> u32 {
    let shift = 8 * (address & 2);
    (word & !(0xffff << shift)) | ((value & 0xffff) << shift)
}
