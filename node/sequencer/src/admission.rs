//! From raw bytes to the pool: what a transaction is checked for before it is answered.

use std::sync::{Arc, atomic::Ordering};

use alloy_primitives::B256;
use minster_evm::{BlockContext, validate_transaction};
use minster_mempool::{FeeContext, SenderAccount};
use minster_primitives::{
    DEPOSIT_TYPE, Envelope, KECCAK256_EMPTY, SenderClaim, Signature, Transaction, TransactionError,
    TransactionFields,
};
use minster_recovery::recover_all;

use crate::{
    Sequencer,
    clock::steady_ms,
    intake::{Answer, Waiting},
    submit::{SubmitError, invalid},
};

/// A transaction whose sender is not known yet.
struct Signed {
    envelope: Envelope,
    claim: (B256, Signature),
}

/// What the transactions of a group are checked against.
struct Site {
    context: BlockContext,
    steady_ms: u64,
}

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
        let decoded: Vec<_> = list.iter().map(|bytes| self.decode(bytes)).collect();
        let claims: Vec<_> = decoded.iter().flatten().map(|signed| signed.claim).collect();
        let mut senders = recover_all(&claims).into_iter();
        let context = self.shared.chain.next_context(self.now());
        let site = Site { context, steady_ms: steady_ms() };
        let answers = decoded.into_iter().map(|decoded| {
            let Signed { envelope, .. } = decoded?;
            let sender = senders.next().flatten().ok_or(TransactionError::InvalidSignature)?;
            self.admit(Transaction::from_trusted_parts(envelope, sender), &site)
        });
        let answers: Vec<Answer> = answers.collect();
        for (answer, bytes) in answers.iter().zip(list) {
            self.shared.stats.answered(answer);
            match answer {
                Ok(transaction) => tracing::debug!(%transaction, "accepted"),
                Err(reason) => tracing::debug!(%reason, bytes = bytes.len(), "refused"),
            }
        }
        answers
    }

    fn decode(&self, bytes: &[u8]) -> Result<Signed, SubmitError> {
        self.ensure_open()?;
        let envelope = Envelope::decode_network(bytes)?;
        match SenderClaim::of(&envelope)? {
            SenderClaim::Signed(prehash, signature) => {
                Ok(Signed { envelope, claim: (prehash, signature) })
            }
            // Deposits come from L1 alone.
            SenderClaim::Stated(_) => {
                Err(TransactionError::UnsupportedType { type_id: DEPOSIT_TYPE }.into())
            }
        }
    }

    /// Refuses everything while the node stops, or is too far ahead of its prover.
    fn ensure_open(&self) -> Result<(), SubmitError> {
        let shared = &self.shared;
        if shared.stop.load(Ordering::Acquire) || shared.is_draining.load(Ordering::Acquire) {
            return Err(SubmitError::Stopping);
        }
        self.backlog_refusal().map_or(Ok(()), Err)
    }

    fn admit(&self, transaction: Transaction, site: &Site) -> Answer {
        let Site { context, steady_ms } = site;
        let chain = &self.shared.chain;
        validate_transaction(&transaction, context)
            .map_err(|reason| invalid(reason, &transaction, context))?;
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
        let hash = transaction.hash();
        let sender = SenderAccount { nonce: account.nonce, balance: account.balance };
        let fees = FeeContext { base_fee: context.base_fee, block_gas_limit: context.gas_limit };
        self.shared.stats.submitted(hash);
        match self.shared.pool.add(Arc::new(transaction), sender, fees, *steady_ms) {
            Ok(_) => Ok(hash),
            Err(error) => {
                self.shared.stats.forget(hash);
                Err(error.into())
            }
        }
    }
}
