//! One machine, reused for every transaction of every block.

use alloc::vec::Vec;

use alloy_primitives::{Address, Bytes, Log, TxKind, U256};
use minster_params::constants;
use minster_primitives::{Account, Change, Envelope, StateDiff, Transaction, TxDeposit};
use revm::{
    ExecuteEvm, SystemCallEvm,
    context::{
        CfgEnv, Evm, TxEnv,
        result::{EVMError, ExecutionResult, HaltReason, InvalidTransaction, OutOfGasError},
    },
    context_interface::either::Either,
    handler::{EthFrame, Handler},
    interpreter::interpreter::EthInterpreter,
    primitives::hardfork::SpecId,
};
use thiserror::Error;

use crate::{
    BlockContext, Meter, Oracle, Overlay,
    deposit::DepositHandler,
    instructions::{MachineContext, MachineInstructions, machine_instructions},
    overlay::OracleError,
    precompiles::MachinePrecompiles,
    transaction::{deposit_env, intrinsic_cycles, recover_authorities, tx_env},
};

type Machine<O> = Evm<
    MachineContext<O>,
    (),
    MachineInstructions<O>,
    MachinePrecompiles,
    EthFrame<EthInterpreter>,
>;
type MachineError<O> = EVMError<OracleError<<O as Oracle>::Error>, InvalidTransaction>;

/// How a transaction ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The outermost call returned.
    Success,
    /// The outermost call reverted; its data is the output.
    Revert,
    /// The outermost call halted and used all gas.
    Halt {
        /// Why, in words.
        reason: alloc::string::String,
    },
}

/// What one transaction did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Execution {
    /// How it ended.
    pub outcome: Outcome,
    /// Gas used, refunds taken off.
    pub gas_used: u64,
    /// Logs in order.
    pub logs: Vec<Log>,
    /// Return data, revert data, or the created contract's code.
    pub output: Bytes,
    /// Address of the contract that a creation made.
    pub created: Option<Address>,
    /// Proving cost in cycle-equivalents.
    pub cycles: u64,
    /// For a deposit, the sender's nonce before it ran.
    pub deposit_nonce: Option<u64>,
}

impl Execution {
    /// Whether the outermost call returned.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.outcome == Outcome::Success
    }
}

/// Why a transaction did not run.
#[derive(Debug, Error)]
pub enum ExecutionError<E: core::error::Error> {
    /// It may not be in a block at this point; nothing has changed.
    #[error("{0}")]
    Invalid(InvalidTransaction),
    /// The oracle failed: in the guest a lying witness, in the node a bug.
    #[error("state oracle: {0}")]
    Oracle(E),
    /// The machine refused its own context: a bug of the caller.
    #[error("block context: {0}")]
    Context(alloc::string::String),
}

/// The machine and what it has changed since the last [`EvmEnvironment::take_diff`].
#[expect(missing_debug_implementations, reason = "the machine's tables have no useful form")]
pub struct EvmEnvironment<O: Oracle> {
    machine: Machine<O>,
    cycles_max: u64,
}

impl<O: Oracle> EvmEnvironment<O> {
    /// A machine over an oracle. [`EvmEnvironment::set_block`] comes before any execution.
    #[must_use]
    pub fn new(oracle: O) -> Self {
        let mut context = MachineContext::new(Overlay::new(oracle), SpecId::OSAKA);
        context.cfg = CfgEnv::new_with_spec(SpecId::OSAKA);
        let machine = Evm::new(context, machine_instructions(), MachinePrecompiles::new());
        Self { machine, cycles_max: 0 }
    }

    /// Sets the block context for what follows.
    pub fn set_block(&mut self, context: &BlockContext) {
        self.machine.ctx.cfg = context.cfg_env();
        self.machine.ctx.block = context.block_env();
        self.cycles_max = context.transaction_cycles_max;
        self.overlay().touched_mut().begin_block();
    }

    /// The oracle below, for a caller that advances it.
    pub const fn oracle_mut(&mut self) -> &mut O {
        self.machine.ctx.journaled_state.database.oracle_mut()
    }

    /// The account as the transactions so far left it.
    ///
    /// # Errors
    /// When the oracle cannot know.
    pub fn account(&mut self, address: Address) -> Result<Option<Account>, O::Error> {
        self.overlay().account(address)
    }

    /// Takes what changed since the last take; from then on the oracle must answer with it.
    pub fn take_diff(&mut self) -> StateDiff {
        self.overlay().take_diff()
    }

    /// Takes everything that the last transaction or call by the system changed, in order. What it
    /// changed twice, as a deposit may change its sender, is there twice.
    #[must_use]
    pub fn take_changes(&mut self) -> Vec<Change> {
        self.overlay().take_changes()
    }

    /// A call by the system (EIP-2935): no fee, no nonce, not in the block's gas.
    ///
    /// # Errors
    /// When the oracle fails.
    pub fn system_call(
        &mut self,
        contract: Address,
        input: Bytes,
    ) -> Result<(), ExecutionError<O::Error>> {
        self.overlay().forget_changes();
        self.begin(Meter::new(u64::MAX));
        let result =
            self.machine.system_call_one_with_caller(constants::SYSTEM_ADDRESS, contract, input);
        self.finish(result).map(|_| ())
    }

    /// Runs one transaction and keeps what it changed.
    ///
    /// # Errors
    /// [`ExecutionError::Invalid`] if it may not be in this block, with nothing changed; a deposit
    /// is never invalid.
    pub fn execute(
        &mut self,
        transaction: &Transaction,
    ) -> Result<Execution, ExecutionError<O::Error>> {
        self.overlay().forget_changes();
        if let Envelope::Deposit(deposit) = transaction.envelope() {
            return self.execute_deposit(deposit.inner());
        }
        let mut env = tx_env(transaction);
        recover_authorities(&mut env);
        let intrinsic = intrinsic_cycles(&env);
        self.begin(Meter::new(self.cycles_max));
        self.machine.ctx.chain.charge(intrinsic);
        self.owe_changes(&env);
        let result = self.machine.transact_one(env);
        let result = self.finish(result)?;
        Ok(self.execution(result, None))
    }

    /// A transaction starts.
    fn begin(&mut self, meter: Meter) {
        self.machine.ctx.chain = meter;
        self.overlay().touched_mut().begin();
    }

    /// The accounts that a transaction changes whatever it runs.
    fn owe_changes(&mut self, env: &TxEnv) {
        let beneficiary = self.machine.ctx.block.beneficiary;
        let touched = self.overlay().touched_mut();
        touched.account_change(env.caller);
        touched.account(beneficiary);
        touched.account_change(beneficiary);
        if let (TxKind::Call(to), false) = (env.kind, env.value.is_zero()) {
            touched.account_change(to);
        }
        for authorization in &env.authorization_list {
            if let Either::Right(recovered) = authorization
                && let Some(authority) = recovered.authority()
            {
                touched.account_change(authority);
            }
        }
    }

    /// The OP Stack's rule: what is minted stays, whatever the call does; a deposit that cannot
    /// run at all uses all its gas and the sender's nonce.
    fn execute_deposit(
        &mut self,
        deposit: &TxDeposit,
    ) -> Result<Execution, ExecutionError<O::Error>> {
        // Never above what a block reserves for one transaction.
        let limit = deposit.gas_limit.saturating_mul(constants::DEPOSIT_CYCLES_PER_GAS);
        let limit = limit.min(self.cycles_max);
        self.begin(Meter::new(limit));
        let mut sender = self.minted(deposit)?;
        let nonce = sender.nonce;
        self.overlay().set_account(deposit.from, sender).map_err(ExecutionError::Oracle)?;
        let env = deposit_env(deposit, nonce);
        let intrinsic = intrinsic_cycles(&env);
        self.machine.ctx.chain.charge(intrinsic);
        self.owe_changes(&env);
        self.machine.ctx.tx = env;
        // EIP-7825 caps what a transaction may use, not what L1 has paid for.
        let cap = self.machine.ctx.cfg.tx_gas_limit_cap.replace(u64::MAX);
        let result =
            DepositHandler::<Machine<O>, MachineError<O>>::default().run(&mut self.machine);
        self.machine.ctx.cfg.tx_gas_limit_cap = cap;
        match self.finish(result) {
            Ok(result) => Ok(self.execution(result, Some(nonce))),
            Err(ExecutionError::Invalid(reason)) => {
                sender.nonce = nonce.saturating_add(1);
                self.overlay().set_account(deposit.from, sender).map_err(ExecutionError::Oracle)?;
                let cycles = intrinsic.saturating_add(self.touch_sender(deposit.from));
                Ok(Execution {
                    outcome: Outcome::Halt { reason: alloc::format!("failed deposit: {reason}") },
                    gas_used: deposit.gas_limit,
                    logs: Vec::new(),
                    output: Bytes::new(),
                    created: None,
                    // Whatever gas it has: it is in the block.
                    cycles: cycles.min(self.cycles_max),
                    deposit_nonce: Some(nonce),
                })
            }
            Err(error) => Err(error),
        }
    }

    /// What a deposit that cannot run owes for its sender, which it changes all the same.
    fn touch_sender(&mut self, sender: Address) -> u64 {
        let touched = self.overlay().touched_mut();
        touched.account(sender);
        touched.account_change(sender);
        touched.take_due()
    }

    fn minted(&mut self, deposit: &TxDeposit) -> Result<Account, ExecutionError<O::Error>> {
        let mut sender = self
            .overlay()
            .account(deposit.from)
            .map_err(ExecutionError::Oracle)?
            .unwrap_or_default();
        // No L1 holds this much ether; without the bound a forged amount could pass 2^128.
        let mint = if deposit.mint <= constants::DEPOSIT_MINT_MAX { deposit.mint } else { 0 };
        sender.balance = sender.balance.saturating_add(U256::from(mint));
        Ok(sender)
    }

    /// Runs a call that no block contains (see `simulate`).
    #[cfg(feature = "simulation")]
    pub(crate) fn run_simulation(
        &mut self,
        env: TxEnv,
        intrinsic_cycles: u64,
    ) -> Result<Execution, ExecutionError<O::Error>> {
        let cfg = &mut self.machine.ctx.cfg;
        cfg.disable_eip3607 = true;
        cfg.disable_block_gas_limit = true;
        cfg.disable_base_fee = env.gas_price == 0;
        cfg.disable_nonce_check = true;
        cfg.tx_chain_id_check = false;
        cfg.tx_gas_limit_cap = Some(u64::MAX);
        self.begin(Meter::new(self.cycles_max));
        self.machine.ctx.chain.charge(intrinsic_cycles);
        self.owe_changes(&env);
        let result = self.machine.transact_one(env);
        let result = self.finish(result)?;
        Ok(self.execution(result, None))
    }

    const fn overlay(&mut self) -> &mut Overlay<O> {
        &mut self.machine.ctx.journaled_state.database
    }

    /// Commits the journal on success, clears it on failure.
    fn finish(
        &mut self,
        result: Result<ExecutionResult, MachineError<O>>,
    ) -> Result<ExecutionResult, ExecutionError<O::Error>> {
        let state = self.machine.finalize();
        if result.is_err() {
            self.overlay().touched_mut().refuse();
        }
        let result = result.map_err(|error| match error {
            EVMError::Transaction(invalid) => ExecutionError::Invalid(invalid),
            EVMError::Database(OracleError(error)) => ExecutionError::Oracle(error),
            other => ExecutionError::Context(alloc::format!("{other:?}")),
        })?;
        self.overlay().commit(state);
        Ok(result)
    }

    fn execution(&mut self, result: ExecutionResult, deposit_nonce: Option<u64>) -> Execution {
        let gas_used = result.tx_gas_used();
        let created = result.created_address();
        let (outcome, logs, output) = match result {
            ExecutionResult::Success { logs, output, .. } => {
                (Outcome::Success, logs, output.into_data())
            }
            ExecutionResult::Revert { output, .. } => (Outcome::Revert, Vec::new(), output),
            ExecutionResult::Halt { reason, .. } => {
                // There was gas for no instruction after what was touched last. Otherwise one was
                // charged for it.
                let due = self.overlay().touched_mut().take_due();
                let is_metered = self.machine.ctx.chain.charge(due);
                let past = HaltReason::OutOfGas(OutOfGasError::Basic);
                let reason = alloc::format!("{:?}", if is_metered { reason } else { past });
                (Outcome::Halt { reason }, Vec::new(), Bytes::new())
            }
        };
        let cycles = self.machine.ctx.chain.used();
        Execution { outcome, gas_used, logs, output, created, cycles, deposit_nonce }
    }
}

#[cfg(feature = "simulation")]
mod inspection;
#[cfg(feature = "simulation")]
pub use inspection::{CallChecks, Inspection, StateBefore};

#[cfg(test)]
mod tests;
