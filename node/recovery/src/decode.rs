//! From bytes to transactions with their senders, a group at a time.
//!
//! Each transaction is hashed twice, as it is and as it was signed, and its sender's key once. The
//! hashes of a group are made together.

use minster_keccak::hash_all;
use minster_primitives::{
    B256, DEPOSIT_TYPE, Envelope, Signature, Transaction, TransactionError,
    alloy_consensus::{SignableTransaction, Signed},
};

use crate::recover_all;

/// What [`Transaction::decode`] makes of each of these network forms, but for deposits: they are
/// signed by nobody, so they are refused.
///
/// # Errors
/// Each as [`Transaction::decode`]; a deposit as a type that is not supported.
#[must_use]
pub fn decode_all(list: &[&[u8]]) -> Vec<Result<Transaction, TransactionError>> {
    let mut texts = Texts::default();
    let decoded: Vec<_> = list.iter().map(|bytes| read(bytes, &mut texts)).collect();
    let hashes = hash_all(&texts.all());
    let (hashes, _) = hashes.as_chunks::<2>();
    let signatures = decoded.iter().flatten().map(|(_, signature)| *signature);
    let claims: Vec<_> = hashes.iter().map(|[_, signed]| *signed).zip(signatures).collect();
    let mut found = hashes.iter().zip(recover_all(&claims));
    let transactions = decoded.into_iter().map(|decoded| {
        let (envelope, _) = decoded?;
        let ([hash, _], sender) = found.next().ok_or(TransactionError::InvalidSignature)?;
        let sender = sender.ok_or(TransactionError::InvalidSignature)?;
        Ok(Transaction::from_trusted_parts(with_hash(envelope, *hash), sender))
    });
    transactions.collect()
}

/// What is to be hashed, one after the other.
#[derive(Default)]
struct Texts {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Texts {
    fn add(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        write(&mut self.bytes);
        self.ends.push(self.bytes.len());
    }

    fn all(&self) -> Vec<&[u8]> {
        let starts = std::iter::once(&0).chain(&self.ends);
        starts.zip(&self.ends).map(|(start, end)| &self.bytes[*start..*end]).collect()
    }
}

/// An envelope and its signature, whose `s` is low. What the two hashes are of is in the texts.
fn read(bytes: &[u8], texts: &mut Texts) -> Result<(Envelope, Signature), TransactionError> {
    let envelope = Envelope::decode_network(bytes)?;
    let signature = match &envelope {
        Envelope::Legacy(signed) => *signed.signature(),
        Envelope::Eip2930(signed) => *signed.signature(),
        Envelope::Eip1559(signed) => *signed.signature(),
        Envelope::Eip7702(signed) => *signed.signature(),
        Envelope::Deposit(_) => {
            return Err(TransactionError::UnsupportedType { type_id: DEPOSIT_TYPE });
        }
    };
    if signature.normalize_s().is_some() {
        return Err(TransactionError::HighS);
    }
    // Only the network form of a transaction is decoded to it.
    texts.add(|out| out.extend_from_slice(bytes));
    texts.add(|out| match &envelope {
        Envelope::Legacy(signed) => signed.tx().encode_for_signing(out),
        Envelope::Eip2930(signed) => signed.tx().encode_for_signing(out),
        Envelope::Eip1559(signed) => signed.tx().encode_for_signing(out),
        Envelope::Eip7702(signed) => signed.tx().encode_for_signing(out),
        Envelope::Deposit(_) => {}
    });
    Ok((envelope, signature))
}

/// The envelope, which knows its hash.
fn with_hash(envelope: Envelope, hash: B256) -> Envelope {
    match envelope {
        Envelope::Legacy(signed) => Envelope::Legacy(hashed(signed, hash)),
        Envelope::Eip2930(signed) => Envelope::Eip2930(hashed(signed, hash)),
        Envelope::Eip1559(signed) => Envelope::Eip1559(hashed(signed, hash)),
        Envelope::Eip7702(signed) => Envelope::Eip7702(hashed(signed, hash)),
        deposit @ Envelope::Deposit(_) => deposit,
    }
}

fn hashed<T>(signed: Signed<T>, hash: B256) -> Signed<T> {
    let signature = *signed.signature();
    Signed::new_unchecked(signed.strip_signature(), signature, hash)
}

#[cfg(test)]
mod tests;
