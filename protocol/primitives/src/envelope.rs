//! The transaction envelope: every type of transaction that this chain executes.

use alloy_consensus::{
    Sealed, Signed, TransactionEnvelope, TxEip1559, TxEip2930, TxEip7702, TxLegacy,
};
use op_alloy_consensus::TxDeposit;

/// An EIP-2718 envelope. Blob transactions (type 3) do not exist on this chain
/// (spec/differences.md), so no variant can hold one.
#[derive(Debug, Clone, TransactionEnvelope)]
#[envelope(tx_type_name = EnvelopeType, serde_cfg(feature = "serde"))]
pub enum Envelope {
    /// Type 0, with or without replay protection (EIP-155).
    #[envelope(ty = 0)]
    Legacy(Signed<TxLegacy>),
    /// Type 1 (EIP-2930): access lists.
    #[envelope(ty = 1)]
    Eip2930(Signed<TxEip2930>),
    /// Type 2 (EIP-1559): fee market.
    #[envelope(ty = 2)]
    Eip1559(Signed<TxEip1559>),
    /// Type 4 (EIP-7702): set code.
    #[envelope(ty = 4)]
    Eip7702(Signed<TxEip7702>),
    /// Type `0x7E`: a deposit, byte-compatible with the OP Stack. Never accepted from a pool.
    #[envelope(ty = 126)]
    Deposit(Sealed<TxDeposit>),
}

impl Envelope {
    /// The hash that names the transaction: keccak256 of its encoding.
    #[must_use]
    pub fn hash(&self) -> alloy_primitives::B256 {
        match self {
            Self::Legacy(tx) => *tx.hash(),
            Self::Eip2930(tx) => *tx.hash(),
            Self::Eip1559(tx) => *tx.hash(),
            Self::Eip7702(tx) => *tx.hash(),
            Self::Deposit(tx) => tx.seal(),
        }
    }
}
