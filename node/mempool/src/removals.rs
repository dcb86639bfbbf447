//! The memory of transactions that left the pool without being executed, so that a caller who
//! waits for a receipt can be told why none comes.

use std::{collections::VecDeque, sync::Arc};

use minster_primitives::{B256, alloy_primitives::map::B256Map};
use thiserror::Error;

/// How many removals are remembered; the oldest is forgotten first.
pub const REMOVALS_MAX: usize = 8_192;

/// Why a transaction left the pool without being executed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Removal {
    /// Execution refused it. The message is the executor's.
    #[error("{message}")]
    Rejected {
        /// For the sender of the transaction.
        message: Arc<str>,
    },
    /// Its sender replaced it.
    #[error("transaction replaced by {by}")]
    Replaced {
        /// Hash of the transaction that has its nonce now.
        by: B256,
    },
    /// The pool was full, and others ranked higher.
    #[error("transaction underpriced")]
    Evicted,
    /// It waited longer than the configured lifetime.
    #[error("transaction expired")]
    Expired,
    /// The account's nonce passed it. Where the transaction itself came in by another way, as
    /// through L1, it has a receipt: ask for that first.
    #[error("nonce too low: next nonce {next}")]
    NonceUsed {
        /// The account's nonce.
        next: u64,
    },
}

/// A bounded map of removals.
#[derive(Debug, Default)]
pub(crate) struct Removals {
    order: VecDeque<B256>,
    by_hash: B256Map<Removal>,
}

impl Removals {
    pub(crate) fn record(&mut self, hash: B256, removal: Removal) {
        if self.by_hash.insert(hash, removal).is_some() {
            return;
        }
        self.order.push_back(hash);
        if self.order.len() > REMOVALS_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.by_hash.remove(&oldest);
        }
    }

    pub(crate) fn get(&self, hash: &B256) -> Option<&Removal> {
        self.by_hash.get(hash)
    }
}
