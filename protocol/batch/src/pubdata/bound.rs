//! How much pubdata one transaction can make (`spec/pubdata.md`, "Any transaction fits").

/// The least gas for a change of a leaf: a slot that is not zero, in the transaction's access list
/// (EIP-2930: 1,900), set to another value (EIP-2200 with EIP-2929: 2,900).
const LEAF_GAS_MIN: u64 = 1_900 + 2_900;

/// Most bytes that name a stem: a new one's own, or a path, which takes no more than one bit for
/// each of the stem's (ST-14).
const STEM_SIZE_MAX: u64 = 31;

/// Most bytes of a leaf beside its stem: head, sub-index, value byte and 32 bytes. Basic data is
/// shorter: head, nonce (10), code size (4), value byte and 16 bytes.
const LEAF_SIZE_MAX: u64 = 1 + 1 + 1 + 32;

/// Most bytes of what no gas pays for: version, lengths and counts (32), the header of a block
/// (1,024), the slot of the parent's hash that each block sets (EIP-2935), and the leaves of the
/// sender, the recipient and the fee vault.
const FIXED_SIZE_MAX: u64 = 32 + 1_024 + 4 * (STEM_SIZE_MAX + LEAF_SIZE_MAX);

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
