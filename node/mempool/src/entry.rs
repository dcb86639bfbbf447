//! One pooled transaction with what the pool needs to know of it, computed once.

use std::sync::Arc;

use minster_primitives::{B256, Encodable2718, Transaction, TransactionFields, U256};

/// How much a transaction pays at some base fee, as one number to compare by.
///
/// At or above [`Score::COVERED`] it is the effective tip plus that offset. Below, the fee cap does
/// not reach the base fee, and the score says by how much. Both sides saturate at 2^63 wei (9.2
/// ether) per gas: what pays more than that, or lacks more, is equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Score(u64);

impl Score {
    /// Zero tip.
    const COVERED: Self = Self(1 << 63);

    /// Whether the fee cap reaches the base fee.
    pub(crate) fn is_covered(self) -> bool {
        self >= Self::COVERED
    }
}

/// Place in the order in which tails are evicted; the lowest goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rank {
    /// In the executable run, and the fee cap reaches the base fee.
    pub(crate) executable: bool,
    pub(crate) score: Score,
}

/// A pooled transaction.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) transaction: Arc<Transaction>,
    pub(crate) hash: B256,
    pub(crate) nonce: u64,
    pub(crate) gas_limit: u64,
    pub(crate) fee_cap: u128,
    pub(crate) tip_cap: u128,
    /// The most it can cost its sender: gas limit × fee cap + value.
    pub(crate) cost: U256,
    /// Bytes of the encoding.
    pub(crate) size: usize,
    pub(crate) added_ms: u64,
    /// Number of the arrival; unique, given by the pool.
    pub(crate) arrival: u64,
    /// Taken for execution, outcome not known yet.
    pub(crate) in_flight: bool,
}

impl Entry {
    pub(crate) fn new(transaction: Arc<Transaction>, added_ms: u64) -> Self {
        let envelope = transaction.envelope();
        let fee_cap = envelope.max_fee_per_gas();
        let gas_limit = envelope.gas_limit();
        let cost = U256::from(gas_limit)
            .saturating_mul(U256::from(fee_cap))
            .saturating_add(envelope.value());
        Self {
            hash: envelope.hash(),
            nonce: envelope.nonce(),
            gas_limit,
            fee_cap,
            tip_cap: envelope.priority_fee_or_price(),
            cost,
            size: envelope.encode_2718_len(),
            added_ms,
            arrival: 0,
            in_flight: false,
            transaction,
        }
    }

    pub(crate) fn score(&self, base_fee: u64) -> Score {
        let saturated = |wei: u128| u64::try_from(wei).unwrap_or(u64::MAX);
        let Score(covered) = Score::COVERED;
        Score(match self.fee_cap.checked_sub(base_fee.into()) {
            Some(room) => covered.saturating_add(saturated(room.min(self.tip_cap))),
            // The fee cap is below the base fee, so that the deficit is at least 1.
            None => covered.saturating_sub(base_fee - saturated(self.fee_cap)),
        })
    }

    pub(crate) fn rank(&self, in_run: bool, base_fee: u64) -> Rank {
        let score = self.score(base_fee);
        Rank { executable: in_run && score.is_covered(), score }
    }

    /// Whether this may take the place of `old`: geth's rule, in which both caps rise by the
    /// percentage, rounded down, and by at least one wei.
    pub(crate) fn replaces(&self, old: &Self, bump_percent: u64) -> bool {
        let enough = |old: u128, new: u128| {
            let threshold =
                U256::from(old) * U256::from(100 + u128::from(bump_percent)) / U256::from(100_u8);
            new > old && U256::from(new) >= threshold
        };
        enough(old.fee_cap, self.fee_cap) && enough(old.tip_cap, self.tip_cap)
    }
}
