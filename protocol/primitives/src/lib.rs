#![doc = include_str!("../README.md")]
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::as_conversions,
        clippy::arithmetic_side_effects
    )
)]

extern crate alloc;

mod envelope;
mod receipt;
mod slice;
mod state;
mod transaction;
mod trie;

pub use alloy_consensus::{self, BlockHeader, Header, Transaction as TransactionFields};
pub use alloy_eips::{
    self,
    eip2718::{Decodable2718, Encodable2718, Typed2718},
};
pub use alloy_primitives::{
    self, Address, B64, B256, Bloom, Bytes, KECCAK256_EMPTY, Log, Signature, TxKind, U256,
    keccak256,
};
pub use alloy_rlp;
pub use envelope::{Envelope, EnvelopeType};
pub use op_alloy_consensus::TxDeposit;
pub use receipt::{
    DEPOSIT_RECEIPT_VERSION, Receipt, encoded_transactions_root, receipts_root, transactions_root,
};
pub use slice::SliceHeader;
pub use state::{Account, AddressWords, Change, StateDiff};
pub use transaction::{DEPOSIT_TYPE, SenderRecovery, Transaction, TransactionError};
