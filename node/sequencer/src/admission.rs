//! From raw bytes to the pool: what a transaction is checked for before it is answered.

use std::sync::{Arc, atomic::Ordering};

use alloy_primitives::B256;
use minster_evm::{BlockContext, validate_transaction};
use minster_mempool::{FeeContext, SenderAccount};
use minster_primitives::{KECCAK256_EMPTY, Transaction, TransactionError, TransactionFields};
use minster_recovery::decode_all;

use crate::{
    Sequencer,
    clock::steady_ms,
    intake::{Answer, Waiting},
    node::Shared,
    submit::{Closed, SubmitError, invalid},
};

impl Sequencer {
    /// Takes a raw transaction into the pool, on this thread.
    ///
    /// # Errors
    /// Says why not, in geth's words where geth has them.
    pub fn submit(&self, bytes: &[u8]) -> Result<B256, SubmitError> {
        self.admit_all(&[bytes]).pop().unwrap_or(Err(SubmitError::Stopping))
    }

    /// Takes a raw transaction into the pool, together with others that wait.
    ///
    /// # Errors
    /// As [`Sequencer::submit`]; [`SubmitError::Overloaded`] when too many wait.
    pub async fn submit_soon(&self, bytes: Vec<u8>) -> Result<B256, SubmitError> {
        let answer = match self.shared.intake.offer(bytes) {
            Ok(answer) => answer,
            Err(error) => {
                let refused = Err(error);
                self.shared.stats.answered(&refused);
                return refused;
            }
        };
        // A node that stops lets go of those that wait.
        answer.await.unwrap_or(Err(SubmitError::Stopping))
    }

    /// Answers those who called [`Sequencer::submit_soon`], until the node stops.
    pub(crate) fn run_intake(&self) {
        while let Some(group) = self.shared.intake.take_group() {
            let bytes: Vec<&[u8]> = group.iter().map(|waiting| waiting.bytes.as_slice()).collect();
            let answers = self.admit_all(&bytes);
            for (Waiting { answer, .. }, outcome) in group.into_iter().zip(answers) {
                // Who gave up waiting finds the transaction by its hash.
                let _ = answer.send(outcome);
            }
        }
    }

    /// Answers for each, in their order.
    fn admit_all(&self, list: &[&[u8]]) -> Vec<Answer> {
        // Asked once: what changes meanwhile gives no member of the group another reason.
        let answers: Vec<Answer> = match self.closed() {
            Some(closed) => list.iter().map(|_| Err(closed.into())).collect(),
            None => self.add_all(decode_all(list)),
        };
        for (answer, bytes) in answers.iter().zip(list) {
            self.shared.stats.answered(answer);
            match answer {
                Ok(transaction) => tracing::debug!(%transaction, "accepted"),
                Err(reason) => tracing::debug!(%reason, bytes = bytes.len(), "refused"),
            }
        }
        answers
    }

    /// Why everything is refused: the node stops, or is too far ahead of its prover.
    fn closed(&self) -> Option<Closed> {
        let shared = &self.shared;
        if shared.stop.load(Ordering::Acquire) || shared.is_draining.load(Ordering::Acquire) {
            return Some(Closed::Stopping);
        }
        self.backlog_refusal()
    }

    /// Checks each transaction and puts those that pass in the pool, all at once.
    fn add_all(&self, decoded: Vec<Result<Transaction, TransactionError>>) -> Vec<Answer> {
        let context = self.shared.chain.next_context(self.now());
        let (mut passed, mut hashes) = (Vec::new(), Vec::new());
        let checked: Vec<Answer> = decoded
            .into_iter()
            .map(|transaction| {
                let transaction = transaction?;
                let sender = self.check(&transaction, &context)?;
                let hash = transaction.hash();
                passed.push((Arc::new(transaction), sender));
                hashes.push(hash);
                Ok(hash)
            })
            .collect();
        let Shared { pool, stats, .. } = &*self.shared;
        let fees = FeeContext { base_fee: context.base_fee, block_gas_limit: context.gas_limit };
        stats.submitted(&hashes);
        let mut added = pool.add_all(passed, fees, steady_ms()).into_iter();
        let answers = checked.into_iter().map(|answer| {
            let hash = answer?;
            if let Some(Err(error)) = added.next() {
                stats.forget(hash);
                return Err(error.into());
            }
            Ok(hash)
        });
        answers.collect()
    }

    /// What is checked before the pool's own rules; gives the sender's account as last executed.
    fn check(
        &self,
        transaction: &Transaction,
        context: &BlockContext,
    ) -> Result<SenderAccount, SubmitError> {
        let chain = &self.shared.chain;
        validate_transaction(transaction, context)
            .map_err(|reason| invalid(reason, transaction, context))?;
        let fee_cap = transaction.envelope().max_fee_per_gas();
        let address = transaction.sender();
        if fee_cap < u128::from(chain.config().base_fee_min) {
            let base_fee = context.base_fee;
            return Err(SubmitError::FeeCapBelowMinimum { address, fee_cap, base_fee });
        }
        let account = chain.state_store().account(address).unwrap_or_default();
        if account.code_hash != KECCAK256_EMPTY {
            let code = chain.state_store().code(account.code_hash);
            if !code.is_ok_and(|code| code.is_eip7702()) {
                return Err(SubmitError::SenderHasCode { address });
            }
        }
        Ok(SenderAccount { nonce: account.nonce, balance: account.balance })
    }
}

#[cfg(test)]
mod tests;
