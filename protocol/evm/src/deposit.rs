//! How a deposit (`0x7E`) differs from a signed transaction, following the OP Stack: no fee, no
//! nonce or code check of the sender, and never invalid.

use revm::{
    context_interface::{
        ContextTr, JournalTr, Transaction,
        journaled_state::account::JournaledAccountTr,
        result::{HaltReason, InvalidTransaction},
    },
    handler::{EvmTr, FrameResult, FrameTr, Handler, handler::EvmTrError},
    interpreter::{InitialAndFloorGas, interpreter_action::FrameInit},
    state::EvmState,
};

/// The mainnet handler without the checks that a deposit is exempt from.
#[derive(Debug)]
pub struct DepositHandler<EVM, ERROR> {
    _marker: core::marker::PhantomData<(EVM, ERROR)>,
}

impl<EVM, ERROR> Default for DepositHandler<EVM, ERROR> {
    fn default() -> Self {
        Self { _marker: core::marker::PhantomData }
    }
}

impl<EVM, ERROR> Handler for DepositHandler<EVM, ERROR>
where
    EVM: EvmTr<
            Context: ContextTr<Journal: JournalTr<State = EvmState>>,
            Frame: FrameTr<FrameResult = FrameResult, FrameInit = FrameInit>,
        >,
    ERROR: EvmTrError<EVM>,
{
    type Evm = EVM;
    type Error = ERROR;
    type HaltReason = HaltReason;

    fn validate_env(&self, _evm: &mut EVM) -> Result<(), ERROR> {
        Ok(())
    }

    fn validate_against_state_and_deduct_caller(
        &self,
        evm: &mut EVM,
        _init_and_floor_gas: &mut InitialAndFloorGas,
    ) -> Result<(), ERROR> {
        let (_, tx, _, journal, _, _) = evm.ctx_mut().all_mut();
        // Its code is of no interest, and would have to be in the witness.
        let mut caller = journal.load_account_mut(tx.caller())?.data;
        if *caller.balance() < tx.value() {
            return Err(InvalidTransaction::LackOfFundForMaxFee {
                fee: alloc::boxed::Box::new(tx.value()),
                balance: alloc::boxed::Box::new(*caller.balance()),
            }
            .into());
        }
        if tx.kind().is_call() {
            caller.bump_nonce();
        }
        Ok(())
    }

    /// There is no fee, so the vault is not even touched.
    fn reward_beneficiary(
        &self,
        _evm: &mut EVM,
        _exec_result: &mut FrameResult,
    ) -> Result<(), ERROR> {
        Ok(())
    }
}
