//! From bytes to a transaction whose sender is known.

use alloc::vec::Vec;

use alloy_consensus::{Signed, Transaction as _, transaction::RlpEcdsaDecodableTx};
use alloy_eips::eip2718::{Decodable2718, Eip2718Error, Encodable2718, Typed2718};
use alloy_primitives::{Address, B256, Bytes, Signature, U256, keccak256};
use alloy_rlp::{Encodable, Header};
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
        let sender = sender_of(&envelope, bytes, recovery)?;
        // Only the network form of a transaction is decoded to it.
        Ok(Self { envelope, sender, encoded_size: bytes.len() })
    }

    /// Joins an envelope with its sender, which was recovered just now, or before and stored since,
    /// as in the write-ahead log.
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

/// Who sent what has this network form.
fn sender_of(
    envelope: &Envelope,
    bytes: &[u8],
    recovery: &impl SenderRecovery,
) -> Result<Address, TransactionError> {
    let signature = match envelope {
        Envelope::Deposit(deposit) => return Ok(deposit.inner().from),
        Envelope::Legacy(tx) => tx.signature(),
        Envelope::Eip2930(tx) => tx.signature(),
        Envelope::Eip1559(tx) => tx.signature(),
        Envelope::Eip7702(tx) => tx.signature(),
    };
    if signature.s() > SIGNATURE_S_MAX {
        return Err(TransactionError::HighS);
    }
    let prehash = match envelope {
        // What is signed names the chain elsewhere than the network form does.
        Envelope::Legacy(tx) => Some(tx.signature_hash()),
        _ => typed_signature_hash(bytes, signature),
    };
    let sender = prehash.and_then(|prehash| recovery.recover(prehash, signature));
    sender.ok_or(TransactionError::InvalidSignature)
}

/// What the sender of a typed transaction signed, from its network form: that is the type and the
/// list of the fields, of which the last three, parity, r and s, are not signed (EIP-2718). Nothing
/// is encoded again: that takes the guest longer than the hash does.
fn typed_signature_hash(bytes: &[u8], signature: &Signature) -> Option<B256> {
    let (type_id, mut fields) = bytes.split_first()?;
    let all = Header::decode(&mut fields).ok()?.payload_length;
    let last = [signature.v().length(), signature.r().length(), signature.s().length()];
    let payload_length = last.iter().try_fold(all, |length, field| length.checked_sub(*field))?;
    let mut signed = Vec::with_capacity(bytes.len());
    signed.push(*type_id);
    Header { list: true, payload_length }.encode(&mut signed);
    signed.extend_from_slice(fields.get(..payload_length)?);
    Some(keccak256(&signed))
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
        if let Some(envelope) = Self::decode_unhashed(bytes) {
            return Ok(envelope);
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

    /// An envelope with a type, which is hashed when somebody asks for its hash: the library's own
    /// way hashes at once. `None` where the library is to say what it is, or what is wrong.
    fn decode_unhashed(bytes: &[u8]) -> Option<Self> {
        let (type_id, rest) = bytes.split_first()?;
        Some(match type_id {
            1 => Self::Eip2930(decode_signed(rest)?),
            2 => Self::Eip1559(decode_signed(rest)?),
            4 => Self::Eip7702(decode_signed(rest)?),
            _ => return None,
        })
    }
}

fn decode_signed<T: RlpEcdsaDecodableTx>(mut rest: &[u8]) -> Option<Signed<T>> {
    T::rlp_decode_signed(&mut rest).ok().filter(|_| rest.is_empty())
}

#[cfg(test)]
mod tests;
