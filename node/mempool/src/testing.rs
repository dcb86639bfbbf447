//! Transactions for tests. Nobody signed them: the sender is stated.

use std::sync::Arc;

use minster_primitives::{
    Address, Bytes, Envelope, Signature, Transaction, TxKind, U256,
    alloy_consensus::{SignableTransaction, TxEip1559},
};

use crate::{FeeContext, SenderAccount};

/// What a test says of a transaction; the rest is fixed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Draft {
    pub(crate) sender: u8,
    pub(crate) nonce: u64,
    pub(crate) tip: u128,
    pub(crate) fee: u128,
    pub(crate) value: u64,
    pub(crate) data_size: usize,
}

impl Draft {
    pub(crate) fn new(sender: u8, nonce: u64, tip: u128) -> Self {
        Self { sender, nonce, tip, fee: tip.saturating_add(1_000), value: 0, data_size: 0 }
    }

    pub(crate) fn fee(self, fee: u128) -> Self {
        Self { fee, ..self }
    }

    pub(crate) fn value(self, value: u64) -> Self {
        Self { value, ..self }
    }

    pub(crate) fn data_size(self, data_size: usize) -> Self {
        Self { data_size, ..self }
    }

    pub(crate) fn build(self) -> Arc<Transaction> {
        let tx = TxEip1559 {
            chain_id: 1,
            nonce: self.nonce,
            gas_limit: 21_000,
            max_fee_per_gas: self.fee,
            max_priority_fee_per_gas: self.tip,
            to: TxKind::Call(Address::ZERO),
            value: U256::from(self.value),
            access_list: Default::default(),
            // One sender's bytes, so that no two senders have the same hash.
            input: Bytes::from(vec![self.sender; self.data_size.max(1)]),
        };
        let envelope = Envelope::Eip1559(tx.into_signed(Signature::test_signature()));
        Arc::new(Transaction::from_trusted_parts(envelope, address(self.sender)))
    }
}

pub(crate) fn address(sender: u8) -> Address {
    Address::repeat_byte(sender)
}

/// An account at nonce 0 that can pay for anything.
pub(crate) const RICH: SenderAccount =
    SenderAccount { nonce: 0, balance: U256::from_limbs([0, 0, 1, 0]) };

pub(crate) const FEES: FeeContext = FeeContext { base_fee: 100, block_gas_limit: 30_000_000 };
