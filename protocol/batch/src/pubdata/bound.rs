//! How much pubdata a transaction can make, and a block (`spec/pubdata.md`, "Any transaction fits"
//! and PD-10).

use alloy_primitives::U256;
use minster_primitives::Account;

/// The least gas for a change of a leaf: a slot that is not zero, in the transaction's access list
/// (EIP-2930: 1,900), set to another value (EIP-2200 with EIP-2929: 2,900).
const LEAF_GAS_MIN: u64 = 1_900 + 2_900;

/// Most bytes that name a stem: a new one's own, or a path, which takes no more than one bit for
/// each of the stem's (ST-14).
const STEM_SIZE_MAX: u64 = 31;

/// Most bytes that name a stem of the old tree, whose path costs a bit where it branches: nobody
/// finds stems that make it branch more often (PD-10).
const OLD_STEM_SIZE_MAX: u64 = 12;

/// Most bytes of a leaf beside its stem: head, sub-index, value byte and 32 bytes. Basic data is
/// shorter: head, nonce (10), code size (4), value byte and 16 bytes.
const LEAF_SIZE_MAX: u64 = 1 + 1 + 1 + 32;

/// Most bytes of what no gas pays for: version, lengths and counts (32), the header of a block
/// (1,024), the slot of the parent's hash that each block sets (EIP-2935), and the leaves of the
/// sender, the recipient and the fee vault.
const FIXED_SIZE_MAX: u64 = 32 + 1_024 + 4 * (STEM_SIZE_MAX + LEAF_SIZE_MAX);

/// Most bytes of a leaf at sub-index 1 whose value becomes any hash: head, value byte, the hash.
const CODE_HASH_SIZE_MAX: u64 = 1 + 1 + 32;

/// Most bytes of the length of a code (EIP-170).
const CODE_LENGTH_SIZE_MAX: u64 = 3;

/// Most bytes of a code size in basic data (ST-4).
const CODE_SIZE_SIZE_MAX: u64 = 4;

/// The least that a byte of a message to L1 must cost in gas, so that
/// [`transaction_size_max`] holds for transactions that send messages.
pub const MESSAGE_GAS_PER_BYTE_MIN: u64 = LEAF_GAS_MIN.div_ceil(STEM_SIZE_MAX + LEAF_SIZE_MAX);

/// An upper bound on the bytes of pubdata of a batch that holds one transaction with this gas
/// limit, alone in its block, whatever it does.
///
/// Changed slots are what makes the most bytes for gas; everything else is below their rate.
#[must_use]
pub const fn transaction_size_max(gas_limit: u64) -> u64 {
    let leaves = gas_limit.div_ceil(LEAF_GAS_MIN);
    leaves.saturating_mul(STEM_SIZE_MAX + LEAF_SIZE_MAX).saturating_add(FIXED_SIZE_MAX)
}

/// An upper bound on the bytes that name a stem, which is known to be in the old tree, or not.
#[must_use]
pub const fn stem_size_max(is_old: bool) -> u64 {
    if is_old { OLD_STEM_SIZE_MAX } else { STEM_SIZE_MAX }
}

/// An upper bound on the bytes of a code that is published.
#[must_use]
pub fn code_size_max(size: usize) -> u64 {
    u64::try_from(size).unwrap_or(u64::MAX).saturating_add(CODE_LENGTH_SIZE_MAX)
}

/// An upper bound on the bytes of a slot's leaf at this sub-index; none while it has its old value.
#[must_use]
pub fn slot_size_max(sub_index: u8, old: U256, new: U256) -> u64 {
    match sub_index {
        _ if old == new => 0,
        // A value that passes for basic data is written as such, and one that is the hash of a code
        // may be written as its place: as long as they can be, whatever the numbers.
        0 | 1 => LEAF_SIZE_MAX,
        // Head, sub-index, value byte.
        _ => magnitude_size_max(old, new).saturating_add(3),
    }
}

/// An upper bound on the bytes of both leaves of an account; none while they have their old values.
#[must_use]
pub fn account_size_max(old: &Account, new: &Account) -> u64 {
    if old == new {
        return 0;
    }
    // Head and value byte. That the nonce rises by 0 or 1 is in the head.
    let nonce_size = match new.nonce.wrapping_sub(old.nonce) {
        0 | 1 => 0,
        rise => u64::from(u64::BITS.saturating_sub(rise.leading_zeros()).div_ceil(7)),
    };
    let basic = magnitude_size_max(old.balance, new.balance).saturating_add(nonce_size);
    let code = if old.code_hash == new.code_hash {
        0
    } else {
        CODE_SIZE_SIZE_MAX.saturating_add(CODE_HASH_SIZE_MAX)
    };
    basic.saturating_add(code).saturating_add(2)
}

/// The shorter of what is added or taken and the new value; a number or a power of ten in it only
/// makes it shorter (PD-5 to PD-7).
fn magnitude_size_max(old: U256, new: U256) -> u64 {
    let size = old.abs_diff(new).min(new).byte_len();
    u64::try_from(size).unwrap_or(u64::MAX)
}
