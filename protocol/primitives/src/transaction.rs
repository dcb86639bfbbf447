//! From bytes to a transaction whose sender is known.

use alloc::vec::Vec;

use alloy_consensus::Transaction as _;
use alloy_eips::eip2718::{Decodable2718, Eip2718Error, Encodable2718, Typed2718};
use alloy_primitives::{Address, B256, Bytes, Signature, U256};
use thiserror::Error;

use crate::Envelope;

/// EIP-2718 type byte of a deposit.
pub const DEPOSIT_TYPE: u8 = 0x7e;

/// Half of the secp256k1 group order: the largest `s` of a valid signature (EIP-2).
const SIGNATURE_S_MAX: U256 = U256::from_limbs([
    0xdfe9_2f46_681b_20a0,
    0x5d57_6e73_57a4_501d,
    0xffff_ffff_ffff_ffff,
    0x7fff_ffff_ffff_ffff,
]);

/// The cryptographic back end for senders: libsecp256k1 on the host, hints and precompiles in the
/// guest.
pub trait SenderRecovery {
    /// The address whose key signed `prehash`, or `None` when there is none. The caller has
    /// already refused a high `s`.
    fn recover(&self, prehash: B256, signature: &Signature) -> Option<Address>;
}

/// Why bytes are not a transaction.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TransactionError {
    /// No bytes at all.
    #[error("transaction is empty")]
    Empty,
    /// The EIP-2718 type is not one this chain executes.
    #[error("transaction type {type_id:#04x} not supported")]
    UnsupportedType {
        /// The type byte.
        type_id: u8,
    },
    /// The RLP inside the envelope is malformed or not canonical.
    #[error("rlp: {source}")]
    Rlp {
        /// What the decoder refused.
        source: alloy_rlp::Error,
    },
    /// Bytes follow the transaction.
    #[error("transaction has {count} trailing bytes")]
    TrailingBytes {
        /// How many.
        count: usize,
    },
    /// The signature's `s` is above half the group order (EIP-2).
    #[error("invalid transaction v, r, s values: s is too high")]
    HighS,
    /// No key produces this signature.
    #[error("invalid transaction v, r, s values")]
    InvalidSignature,
}

impl From<Eip2718Error> for TransactionError {
    fn from(error: Eip2718Error) -> Self {
        match error {
            Eip2718Error::RlpError(source) => Self::Rlp { source },
            Eip2718Error::UnexpectedType(type_id) => Self::UnsupportedType { type_id },
            _ => Self::Rlp { source: alloy_rlp::Error::Custom("unknown envelope") },
        }
    }
}

/// A transaction with its sender. For a signed transaction the sender is the signature's; for a
/// deposit it is the `from` field, whose truth the L1 settles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    envelope: Envelope,
    sender: Address,
    encoded_size: usize,
}

impl Transaction {
    /// Decodes the network form (EIP-2718 bytes; a legacy transaction is its bare RLP list).
    ///
    /// # Errors
    /// Says what is wrong with the bytes or the signature.
    pub fn decode(bytes: &[u8], recovery: &impl SenderRecovery) -> Result<Self, TransactionError> {
        let envelope = Envelope::decode_network(bytes)?;
        let sender = sender_of(&envelope, recovery)?;
        // Only the network form of a transaction is decoded to it.
        Ok(Self { envelope, sender, encoded_size: bytes.len() })
    }

    /// Finds the sender of an envelope.
    ///
    /// # Errors
    /// [`TransactionError::HighS`] or [`TransactionError::InvalidSignature`].
    pub fn recover(
        envelope: Envelope,
        recovery: &impl SenderRecovery,
    ) -> Result<Self, TransactionError> {
        let sender = sender_of(&envelope, recovery)?;
        Ok(Self::from_trusted_parts(envelope, sender))
    }

    /// Joins an envelope with its sender: recovered from its [`SenderClaim`], or before and stored
    /// since, as in the write-ahead log.
    #[must_use]
    pub fn from_trusted_parts(envelope: Envelope, sender: Address) -> Self {
        let encoded_size = envelope.encode_2718_len();
        Self { envelope, sender, encoded_size }
    }

    /// Decodes without recovering: the sender comes from a store of ours.
    ///
    /// # Errors
    /// Says what is wrong with the bytes.
    pub fn decode_trusted(bytes: &[u8], sender: Address) -> Result<Self, TransactionError> {
        let envelope = Envelope::decode_network(bytes)?;
        Ok(Self { envelope, sender, encoded_size: bytes.len() })
    }

    /// The envelope.
    #[must_use]
    pub const fn envelope(&self) -> &Envelope {
        &self.envelope
    }

    /// The sender.
    #[must_use]
    pub const fn sender(&self) -> Address {
        self.sender
    }

    /// The transaction hash.
    #[must_use]
    pub fn hash(&self) -> B256 {
        self.envelope.hash()
    }

    /// Whether this is a deposit (`0x7E`).
    #[must_use]
    pub fn is_deposit(&self) -> bool {
        self.envelope.ty() == DEPOSIT_TYPE
    }

    /// Bytes of the network form.
    #[must_use]
    pub const fn encoded_size(&self) -> usize {
        self.encoded_size
    }

    /// The network form.
    #[must_use]
    pub fn encoded(&self) -> Bytes {
        let mut out = Vec::with_capacity(self.encoded_size);
        self.envelope.encode_2718(&mut out);
        out.into()
    }

    /// What the sender pays per gas at this base fee, in wei. A deposit pays nothing.
    #[must_use]
    pub fn effective_gas_price(&self, base_fee: u64) -> u128 {
        if self.is_deposit() { 0 } else { self.envelope.effective_gas_price(Some(base_fee)) }
    }
}

fn sender_of(
    envelope: &Envelope,
    recovery: &impl SenderRecovery,
) -> Result<Address, TransactionError> {
    match SenderClaim::of(envelope)? {
        SenderClaim::Stated(sender) => Ok(sender),
        SenderClaim::Signed(prehash, signature) => {
            recovery.recover(prehash, &signature).ok_or(TransactionError::InvalidSignature)
        }
    }
}

/// What a transaction says of its sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SenderClaim {
    /// A deposit's `from` field.
    Stated(Address),
    /// The hash that was signed and the signature, whose `s` is low.
    Signed(B256, Signature),
}

impl SenderClaim {
    /// The claim of an envelope.
    ///
    /// # Errors
    /// [`TransactionError::HighS`].
    pub fn of(envelope: &Envelope) -> Result<Self, TransactionError> {
        let (prehash, signature) = match envelope {
            Envelope::Deposit(deposit) => return Ok(Self::Stated(deposit.inner().from)),
            Envelope::Legacy(tx) => (tx.signature_hash(), *tx.signature()),
            Envelope::Eip2930(tx) => (tx.signature_hash(), *tx.signature()),
            Envelope::Eip1559(tx) => (tx.signature_hash(), *tx.signature()),
            Envelope::Eip7702(tx) => (tx.signature_hash(), *tx.signature()),
        };
        if signature.s() > SIGNATURE_S_MAX {
            return Err(TransactionError::HighS);
        }
        Ok(Self::Signed(prehash, signature))
    }
}

impl Envelope {
    /// Decodes the network form (EIP-2718 bytes; a legacy transaction is its bare RLP list).
    ///
    /// # Errors
    /// Says what is wrong with the bytes.
    pub fn decode_network(bytes: &[u8]) -> Result<Self, TransactionError> {
        let Some(first) = bytes.first() else { return Err(TransactionError::Empty) };
        // A list header starts a legacy transaction; anything below 0x80 is a type byte.
        if *first < 0xc0 && !matches!(first, 1 | 2 | 4 | 0x7e) {
            return Err(TransactionError::UnsupportedType { type_id: *first });
        }
        let (mut rest, is_list) = (bytes, *first >= 0xc0);
        let decoded = Self::decode_2718(&mut rest);
        match &decoded {
            // A list is a legacy transaction or nothing: its type is not what is wrong with it. The
            // library tries every type on a list, and takes a deposit without its type byte.
            Ok(Self::Eip2930(_) | Self::Eip1559(_) | Self::Eip7702(_) | Self::Deposit(_))
            | Err(Eip2718Error::UnexpectedType(_))
                if is_list =>
            {
                let source = alloy_rlp::Error::Custom("malformed legacy transaction");
                Err(TransactionError::Rlp { source })
            }
            Ok(_) if !rest.is_empty() => Err(TransactionError::TrailingBytes { count: rest.len() }),
            _ => Ok(decoded?),
        }
    }
}

#[cfg(test)]
mod tests;
