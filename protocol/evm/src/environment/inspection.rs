//! Runs with an inspector that sees every step: traces, access lists, simulated blocks. A node's
//! business alone: the guest is built without it.

use core::cell::RefCell;

use alloy_primitives::{Address, B256, U256};
use minster_primitives::{Envelope, Transaction, TxDeposit};
use revm::{
    Database, DatabaseRef, ExecuteEvm, Inspector,
    bytecode::Bytecode,
    context::{
        BlockEnv, FrameStack, TxEnv,
        result::{EVMError, ExecutionResult, HaltReason, ResultAndState, ResultGas},
    },
    handler::{
        EvmTr, FrameResult, MainnetHandler,
        evm::{ContextDbError, FrameInitResult},
        instructions::InstructionProvider,
    },
    inspector::{InspectorEvmTr, InspectorHandler},
    interpreter::interpreter_action::FrameInit,
    state::{AccountInfo, EvmState},
};

use super::{
    CfgEnv, DepositHandler, EthFrame, EthInterpreter, EvmEnvironment, Execution, ExecutionError,
    Machine, MachineContext, MachineError, MachineInstructions, MachinePrecompiles, Meter, Oracle,
    OracleError, Overlay, constants, deposit_env, intrinsic_cycles, recover_authorities, tx_env,
};
use crate::{CallRequest, touched::Touched};

/// Which checks a call passes that a signed transaction always passes. The sender's code is never
/// looked at, nor is the gas cap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallChecks {
    /// Only that the sender can pay for what it names: `eth_call`.
    Funds,
    /// The nonce and the base fee too.
    All,
}

/// A run under an inspector. Nothing of it is kept until [`EvmEnvironment::keep`].
#[derive(Debug, Clone)]
pub struct Inspection {
    /// The transaction as the machine took it.
    pub tx: TxEnv,
    /// How it ended, and everything that it touched.
    pub result: ResultAndState,
    deposit_nonce: Option<u64>,
}

impl<O: Oracle> EvmEnvironment<O> {
    /// Runs a transaction of a block as [`EvmEnvironment::execute`] does, under an inspector.
    ///
    /// # Errors
    /// As for [`EvmEnvironment::execute`].
    pub fn inspect(
        &mut self,
        transaction: &Transaction,
        inspector: impl Inspector<MachineContext<O>>,
    ) -> Result<Inspection, ExecutionError<O::Error>> {
        self.overlay().forget_changes();
        if let Envelope::Deposit(deposit) = transaction.envelope() {
            return self.inspect_deposit(deposit.inner(), inspector);
        }
        let mut env = tx_env(transaction);
        recover_authorities(&mut env);
        self.inspect_env(env, inspector)
    }

    /// Runs a call that no block contains, under an inspector, in the block and after the
    /// transactions that this environment has seen.
    ///
    /// # Errors
    /// When the call fails its checks, or the oracle fails.
    pub fn inspect_call(
        &mut self,
        request: CallRequest,
        nonce: u64,
        checks: CallChecks,
        inspector: impl Inspector<MachineContext<O>>,
    ) -> Result<Inspection, ExecutionError<O::Error>> {
        self.overlay().forget_changes();
        let before = self.machine.ctx.cfg.clone();
        let cfg: &mut CfgEnv = &mut self.machine.ctx.cfg;
        cfg.disable_eip3607 = true;
        cfg.disable_block_gas_limit = true;
        cfg.disable_base_fee = checks == CallChecks::Funds && request.gas_price == 0;
        cfg.disable_nonce_check = checks == CallChecks::Funds;
        cfg.tx_chain_id_check = false;
        cfg.tx_gas_limit_cap = Some(u64::MAX);
        let mut env = request.into_env(nonce);
        recover_authorities(&mut env);
        let inspection = self.inspect_env(env, inspector);
        self.machine.ctx.cfg = before;
        inspection
    }

    /// Keeps what an inspected run changed, as if it had been executed.
    pub fn keep(&mut self, inspection: Inspection) -> Execution {
        let Inspection { result: ResultAndState { result, state }, deposit_nonce, .. } = inspection;
        self.overlay().commit(state);
        self.execution(result, deposit_nonce)
    }

    /// The block context as the machine has it.
    pub const fn block_env(&self) -> &BlockEnv {
        &self.machine.ctx.block
    }

    /// The state without what an inspected run changed that is not kept.
    pub fn state_before(&mut self) -> StateBefore<'_, O> {
        let overlay = self.overlay();
        let touched = core::mem::replace(overlay.touched_mut(), Touched::new());
        StateBefore { overlay: RefCell::new(overlay), touched }
    }

    fn inspect_env(
        &mut self,
        env: TxEnv,
        inspector: impl Inspector<MachineContext<O>>,
    ) -> Result<Inspection, ExecutionError<O::Error>> {
        let intrinsic = intrinsic_cycles(&env);
        self.begin(Meter::new(self.cycles_max));
        self.machine.ctx.chain.charge(intrinsic);
        self.owe_changes(&env);
        self.machine.ctx.tx = env.clone();
        let mut inspected = Inspected { machine: &mut self.machine, inspector };
        let result = MainnetHandler::default().inspect_run(&mut inspected);
        let result = self.touched(result)?;
        Ok(Inspection { tx: env, result, deposit_nonce: None })
    }

    /// As for an execution, but for a deposit that cannot run at all: its gas and nonce are spent
    /// at once.
    fn inspect_deposit(
        &mut self,
        deposit: &TxDeposit,
        inspector: impl Inspector<MachineContext<O>>,
    ) -> Result<Inspection, ExecutionError<O::Error>> {
        let limit = deposit.gas_limit.saturating_mul(constants::DEPOSIT_CYCLES_PER_GAS);
        self.begin(Meter::new(limit.min(self.cycles_max)));
        let mut sender = self.minted(deposit)?;
        let nonce = sender.nonce;
        self.overlay().set_account(deposit.from, sender).map_err(ExecutionError::Oracle)?;
        let env = deposit_env(deposit, nonce);
        self.machine.ctx.chain.charge(intrinsic_cycles(&env));
        self.owe_changes(&env);
        self.machine.ctx.tx = env.clone();
        let cap = self.machine.ctx.cfg.tx_gas_limit_cap.replace(u64::MAX);
        let mut inspected = Inspected { machine: &mut self.machine, inspector };
        let result = DepositHandler::<_, MachineError<O>>::default().inspect_run(&mut inspected);
        self.machine.ctx.cfg.tx_gas_limit_cap = cap;
        let result = match self.touched(result) {
            Err(ExecutionError::Invalid(_)) => {
                sender.nonce = nonce.saturating_add(1);
                self.overlay().set_account(deposit.from, sender).map_err(ExecutionError::Oracle)?;
                let due = self.touch_sender(deposit.from);
                let mut meter = Meter::new(self.cycles_max);
                meter.charge(intrinsic_cycles(&env).saturating_add(due));
                self.machine.ctx.chain = meter;
                failed_deposit(deposit)
            }
            result => result?,
        };
        Ok(Inspection { tx: env, result, deposit_nonce: Some(nonce) })
    }

    fn touched(
        &mut self,
        result: Result<ExecutionResult, MachineError<O>>,
    ) -> Result<ResultAndState, ExecutionError<O::Error>> {
        let state = self.machine.finalize();
        if result.is_err() {
            self.overlay().touched_mut().refuse();
        }
        match result {
            Ok(result) => Ok(ResultAndState { result, state }),
            Err(EVMError::Transaction(invalid)) => Err(ExecutionError::Invalid(invalid)),
            Err(EVMError::Database(OracleError(error))) => Err(ExecutionError::Oracle(error)),
            Err(other) => Err(ExecutionError::Context(alloc::format!("{other:?}"))),
        }
    }
}

fn failed_deposit(deposit: &TxDeposit) -> ResultAndState {
    let gas = ResultGas::default().with_total_gas_spent(deposit.gas_limit);
    let result = ExecutionResult::Halt { reason: HaltReason::OutOfFunds, gas, logs: alloc::vec![] };
    ResultAndState { result, state: EvmState::default() }
}

/// State as it was before a run that is not kept. Looking at it costs no transaction anything.
#[derive(Debug)]
pub struct StateBefore<'a, O: Oracle> {
    overlay: RefCell<&'a mut Overlay<O>>,
    /// What the block had touched when this was made.
    touched: Touched,
}

impl<O: Oracle> Drop for StateBefore<'_, O> {
    fn drop(&mut self) {
        let touched = core::mem::replace(&mut self.touched, Touched::new());
        *self.overlay.get_mut().touched_mut() = touched;
    }
}

impl<O: Oracle> DatabaseRef for StateBefore<'_, O> {
    type Error = OracleError<O::Error>;

    fn basic_ref(&self, address: Address) -> Result<Option<AccountInfo>, Self::Error> {
        self.overlay.borrow_mut().basic(address)
    }

    fn code_by_hash_ref(&self, code_hash: B256) -> Result<Bytecode, Self::Error> {
        self.overlay.borrow_mut().code_by_hash(code_hash)
    }

    fn storage_ref(&self, address: Address, slot: U256) -> Result<U256, Self::Error> {
        self.overlay.borrow_mut().storage(address, slot)
    }

    fn block_hash_ref(&self, number: u64) -> Result<B256, Self::Error> {
        self.overlay.borrow_mut().block_hash(number)
    }
}

/// The machine with an inspector beside it, for one run.
struct Inspected<'a, O: Oracle, I> {
    machine: &'a mut Machine<O>,
    inspector: I,
}

type Frame = EthFrame<EthInterpreter>;
type Frames = FrameStack<Frame>;
type FrameError<O> = ContextDbError<MachineContext<O>>;

impl<O: Oracle, I> EvmTr for Inspected<'_, O, I> {
    type Context = MachineContext<O>;
    type Instructions = MachineInstructions<O>;
    type Precompiles = MachinePrecompiles;
    type Frame = Frame;

    fn all(&self) -> (&Self::Context, &Self::Instructions, &Self::Precompiles, &Frames) {
        self.machine.all()
    }

    fn all_mut(
        &mut self,
    ) -> (&mut Self::Context, &mut Self::Instructions, &mut Self::Precompiles, &mut Frames) {
        self.machine.all_mut()
    }

    fn frame_init(
        &mut self,
        input: FrameInit,
    ) -> Result<FrameInitResult<'_, Frame>, FrameError<O>> {
        self.machine.frame_init(input)
    }

    fn frame_run(&mut self) -> Result<revm::handler::FrameInitOrResult<Frame>, FrameError<O>> {
        self.machine.frame_run()
    }

    fn frame_return_result(
        &mut self,
        result: FrameResult,
    ) -> Result<Option<FrameResult>, FrameError<O>> {
        self.machine.frame_return_result(result)
    }
}

impl<O: Oracle, I: Inspector<MachineContext<O>>> InspectorEvmTr for Inspected<'_, O, I>
where
    MachineInstructions<O>:
        InstructionProvider<Context = MachineContext<O>, InterpreterTypes = EthInterpreter>,
{
    type Inspector = I;

    fn all_inspector(
        &self,
    ) -> (&Self::Context, &Self::Instructions, &Self::Precompiles, &Frames, &I) {
        let (context, instructions, precompiles, frames) = self.machine.all();
        (context, instructions, precompiles, frames, &self.inspector)
    }

    fn all_mut_inspector(
        &mut self,
    ) -> (&mut Self::Context, &mut Self::Instructions, &mut Self::Precompiles, &mut Frames, &mut I)
    {
        let (context, instructions, precompiles, frames) = self.machine.all_mut();
        (context, instructions, precompiles, frames, &mut self.inspector)
    }
}

impl<O, I> InspectorHandler for DepositHandler<Inspected<'_, O, I>, MachineError<O>>
where
    O: Oracle,
    I: Inspector<MachineContext<O>>,
{
    type IT = EthInterpreter;
}
