//! The EIPs that this chain leaves out on purpose.

use crate::fixture::{Account, Fixture, Post};

/// An EIP that a vector may be excepted under.
#[derive(Debug, Clone, Copy)]
pub struct Exception {
    /// The EIP; `spec/differences.md` has a row that names it.
    pub eip: u16,
    /// Whether a vector depends on that EIP. Only a vector that also fails is excepted.
    pub applies: fn(&Fixture, &Post) -> bool,
}

/// All of them.
pub const EXCEPTIONS: &[Exception] = &[
    // No blob transactions.
    Exception { eip: 4844, applies: |_, post| post.txbytes.first() == Some(&3) },
    // No check of storage when an account is created.
    Exception { eip: 7610, applies: |fixture, _| fixture.pre.values().any(has_only_storage) },
];

/// An account that no chain of ours can have: storage without nonce or code.
fn has_only_storage(account: &Account) -> bool {
    account.nonce.is_zero() && account.code.is_empty() && !account.storage.is_empty()
}
