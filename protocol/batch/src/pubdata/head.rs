//! The first byte of a leaf in the state diff. The common cases say everything but the numbers
//! themselves in it: the leaf is the last of its group, and its magnitude is short (PD-4).

use super::magnitude::SHORT_SIZES;

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// What is added to the old value.
    Add,
    /// What is subtracted from the old value.
    Subtract,
    /// The new value.
    Full,
    /// The place in the pubdata of the code with this hash.
    Code,
}

impl Form {
    pub(super) const fn code(self) -> u8 {
        match self {
            Self::Add => 0,
            Self::Subtract => 1,
            Self::Full => 2,
            Self::Code => 3,
        }
    }

    pub(super) const fn of(code: u8) -> Self {
        match code {
            0 => Self::Add,
            1 => Self::Subtract,
            2 => Self::Full,
            _ => Self::Code,
        }
    }
}

/// Which leaf of its group a general head speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    CodeHash,
    /// The sub-index follows.
    Given,
    /// One after the leaf before.
    Next,
}

/// What becomes of a nonce.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NonceStep {
    Same,
    One,
    /// What to add follows; it wraps.
    Given,
}

impl NonceStep {
    pub(super) const fn of(step: u64) -> Self {
        match step {
            0 => Self::Same,
            1 => Self::One,
            _ => Self::Given,
        }
    }
}

/// What the first byte of a leaf says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Head {
    /// Basic data, last of its group: the code size stays, the nonce rises by this.
    ShortBasic { nonce_rise: u8, form: Form, size: u8 },
    /// A leaf whose sub-index follows, last of its group.
    ShortValue { form: Form, size: u8 },
    /// Any leaf but basic data.
    Value { is_last: bool, place: Place },
    /// Basic data.
    Basic { is_last: bool, has_code_size: bool, nonce: NonceStep },
}

/// Size codes of the short heads of one form.
const ROW: u8 = SHORT_SIZES;
/// First of the short heads of values.
const SHORT_VALUE: u8 = 6 * ROW;
/// First of the general heads of values, and so the end of the short ones.
const VALUE: u8 = 9 * ROW;
/// First of the general heads of basic data.
const BASIC: u8 = VALUE + 6;
/// The first byte that is no head.
const HEAD_END: u8 = BASIC + 12;

impl Head {
    pub(super) const fn byte(self) -> u8 {
        match self {
            Self::ShortBasic { nonce_rise, form, size } => nonce_rise
                .wrapping_mul(3)
                .wrapping_add(form.code())
                .wrapping_mul(ROW)
                .wrapping_add(size),
            Self::ShortValue { form, size } => {
                form.code().wrapping_mul(ROW).wrapping_add(SHORT_VALUE).wrapping_add(size)
            }
            Self::Value { is_last, place } => {
                let place = match place {
                    Place::CodeHash => 0,
                    Place::Given => 1,
                    Place::Next => 2,
                };
                let last = if is_last { 3 } else { 0 };
                VALUE.wrapping_add(place).wrapping_add(last)
            }
            Self::Basic { is_last, has_code_size, nonce } => {
                let nonce = match nonce {
                    NonceStep::Same => 0,
                    NonceStep::One => 1,
                    NonceStep::Given => 2,
                };
                let code_size = if has_code_size { 3 } else { 0 };
                let last = if is_last { 6 } else { 0 };
                BASIC.wrapping_add(nonce).wrapping_add(code_size).wrapping_add(last)
            }
        }
    }

    /// The head that has this byte.
    pub(super) const fn of(byte: u8) -> Option<Self> {
        let (row, size) = (byte / ROW, byte % ROW);
        Some(match byte {
            0..SHORT_VALUE => {
                Self::ShortBasic { nonce_rise: row / 3, form: Form::of(row % 3), size }
            }
            SHORT_VALUE..VALUE => Self::ShortValue { form: Form::of(row % 3), size },
            VALUE..BASIC => {
                let rest = byte.wrapping_sub(VALUE);
                let place = match rest % 3 {
                    0 => Place::CodeHash,
                    1 => Place::Given,
                    _ => Place::Next,
                };
                Self::Value { is_last: rest / 3 == 1, place }
            }
            BASIC..HEAD_END => {
                let rest = byte.wrapping_sub(BASIC);
                let nonce = match rest % 3 {
                    0 => NonceStep::Same,
                    1 => NonceStep::One,
                    _ => NonceStep::Given,
                };
                Self::Basic { is_last: rest / 6 == 1, has_code_size: rest / 3 % 2 == 1, nonce }
            }
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests;
