//! Receipts, and the two ordered roots that a header carries.

use alloc::{boxed::Box, vec::Vec};

use alloy_eips::eip2718::{Encodable2718, IsTyped2718, Typed2718};
use alloy_primitives::{B256, Bloom, Bytes, Log};
use alloy_rlp::{BufMut, Encodable, Header};

use crate::{Transaction, transaction::DEPOSIT_TYPE, trie::ordered_root};

/// `depositReceiptVersion` of every deposit receipt (OP Stack, Canyon).
pub const DEPOSIT_RECEIPT_VERSION: u64 = 1;

/// What one transaction did, as the receipts root commits to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// EIP-2718 type of the transaction.
    pub tx_type: u8,
    /// Whether the outermost call succeeded.
    pub success: bool,
    /// Gas used in the block up to and including this transaction.
    pub cumulative_gas_used: u64,
    /// Logs in order of emission.
    pub logs: Vec<Log>,
    /// For a deposit, the sender's nonce before it ran.
    pub deposit_nonce: Option<u64>,
    /// Only where there are logs: receipts are moved and kept, and most of them would carry zeros.
    bloom: Option<Box<Bloom>>,
}

impl Receipt {
    /// A receipt with its bloom computed from the logs.
    #[must_use]
    pub fn new(
        tx_type: u8,
        success: bool,
        cumulative_gas_used: u64,
        logs: Vec<Log>,
        deposit_nonce: Option<u64>,
    ) -> Self {
        let bloom = (!logs.is_empty()).then(|| Box::new(alloy_primitives::logs_bloom(&logs)));
        Self { tx_type, success, cumulative_gas_used, logs, deposit_nonce, bloom }
    }

    /// Bloom filter over the logs.
    #[must_use]
    pub fn bloom(&self) -> &Bloom {
        self.bloom.as_deref().unwrap_or(&Bloom::ZERO)
    }

    fn payload_length(&self) -> usize {
        let deposit = self
            .deposit_nonce
            .map_or(0, |nonce| nonce.length().saturating_add(DEPOSIT_RECEIPT_VERSION.length()));
        [
            self.success.length(),
            self.cumulative_gas_used.length(),
            self.bloom().length(),
            self.logs.length(),
            deposit,
        ]
        .iter()
        .fold(0, |sum: usize, length| sum.saturating_add(*length))
    }

    fn header(&self) -> Header {
        Header { list: true, payload_length: self.payload_length() }
    }
}

impl Typed2718 for Receipt {
    fn ty(&self) -> u8 {
        self.tx_type
    }
}

impl IsTyped2718 for Receipt {
    fn is_type(type_id: u8) -> bool {
        matches!(type_id, 0 | 1 | 2 | 4 | DEPOSIT_TYPE)
    }
}

impl Encodable2718 for Receipt {
    fn encode_2718_len(&self) -> usize {
        self.header().length_with_payload().saturating_add(usize::from(self.tx_type != 0))
    }

    fn encode_2718(&self, out: &mut dyn BufMut) {
        if self.tx_type != 0 {
            out.put_u8(self.tx_type);
        }
        self.header().encode(out);
        self.success.encode(out);
        self.cumulative_gas_used.encode(out);
        self.bloom().encode(out);
        self.logs.encode(out);
        if let Some(nonce) = self.deposit_nonce {
            nonce.encode(out);
            DEPOSIT_RECEIPT_VERSION.encode(out);
        }
    }
}

/// The header's `transactionsRoot`.
#[must_use]
pub fn transactions_root(transactions: &[&Transaction]) -> B256 {
    ordered_root(transactions, |tx, out| tx.envelope().encode_2718(out))
}

/// The same, of transactions in their network form.
#[must_use]
pub fn encoded_transactions_root(transactions: &[Bytes]) -> B256 {
    ordered_root(transactions, |bytes, out| out.extend_from_slice(bytes))
}

/// The header's `receiptsRoot`.
#[must_use]
pub fn receipts_root(receipts: &[&Receipt]) -> B256 {
    ordered_root(receipts, |receipt, out| receipt.encode_2718(out))
}

#[cfg(test)]
mod tests;
