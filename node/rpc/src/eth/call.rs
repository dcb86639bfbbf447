//! `eth_call`, and what it shares with estimates.

use alloy_primitives::{Address, Bytes, TxKind};
use alloy_rpc_types_eth::{BlockOverrides, TransactionRequest, state::StateOverride};
use minster_evm::{
    BlockContext, CallChecks, CallRequest, EvmEnvironment, Execution, ExecutionError,
    InvalidTransaction, MachineContext, Outcome, simulate,
};
use minster_sequencer::StateError;
use revm::{Inspector, inspector::NoOpInspector};

use super::overrides::{OverriddenState, override_block};
use crate::{
    api::{Api, CallSite},
    arguments::Arguments,
    block_parameter::BlockParameter,
    error::{ApiError, CallRefusal},
    methods::Answer,
};

/// Index of the state overrides among a call's arguments.
const STATE_ARGUMENT: usize = 2;
/// Index of the block overrides among a call's arguments.
const BLOCK_ARGUMENT: usize = 3;

/// What a call's refusal is worded with.
#[derive(Debug, Clone)]
pub(crate) struct CallWording {
    from: Address,
    fee_max: u128,
    tip_max: Option<u128>,
    base_fee: u64,
    block: u64,
}

impl CallWording {
    pub(crate) const fn new(request: &CallRequest, context: &BlockContext, block: u64) -> Self {
        Self {
            from: request.from,
            fee_max: request.gas_price,
            tip_max: request.gas_priority_fee,
            base_fee: context.base_fee,
            block,
        }
    }

    /// The answer to a call that did not run.
    pub(crate) fn word(&self, error: ExecutionError<StateError>) -> ApiError {
        ApiError::from_execution(error, |reason| self.refusal(reason)).at_block(self.block)
    }

    pub(crate) const fn refusal(&self, reason: InvalidTransaction) -> CallRefusal {
        let Self { from, fee_max, tip_max, base_fee, .. } = *self;
        CallRefusal { reason, from, fee_max, tip_max, base_fee }
    }
}

/// A call with the state and the block it runs in, to be run at any gas limit.
#[derive(Debug)]
pub(crate) struct PreparedCall {
    pub(crate) state: OverriddenState,
    pub(crate) context: BlockContext,
    pub(crate) request: CallRequest,
    /// Whether the caller named a gas limit.
    pub(crate) names_gas: bool,
    block: u64,
}

impl PreparedCall {
    /// From the arguments `[call, block, state overrides, block overrides]`.
    pub(crate) fn new(api: &Api, arguments: &Arguments<'_>) -> Answer<Self> {
        let request: TransactionRequest = arguments.required(0)?;
        let parameter: BlockParameter = arguments.or_default(1)?;
        let state_override: Option<StateOverride> = arguments.optional(STATE_ARGUMENT)?;
        let block_override: Option<BlockOverrides> = arguments.optional(BLOCK_ARGUMENT)?;
        let mut call = Self::at(api, request, parameter)?;
        if let Some(overrides) = state_override {
            call.state.lay(overrides, &api.override_limit(), STATE_ARGUMENT)?;
        }
        if let Some(overrides) = block_override {
            let hashes = override_block(overrides, &mut call.context, BLOCK_ARGUMENT)?;
            call.state.lay_block_hashes(hashes);
        }
        Ok(call)
    }

    /// A request at a block.
    pub(crate) fn at(
        api: &Api,
        request: TransactionRequest,
        parameter: BlockParameter,
    ) -> Answer<Self> {
        let CallSite { state, block, context } = api.call_site(parameter)?;
        let names_gas = request.gas.is_some_and(|gas| gas > 0);
        let request = call_request(request, context.chain_id, api.config.call_gas_max)?;
        Ok(Self { state: OverriddenState::new(state), context, request, names_gas, block })
    }

    /// Runs the call at its gas limit.
    pub(crate) fn run(&self) -> Answer<Execution> {
        self.run_at(self.request.gas_limit)
    }

    /// Runs the call at another gas limit.
    pub(crate) fn run_at(&self, gas_limit: u64) -> Answer<Execution> {
        let request = CallRequest { gas_limit, ..self.request.clone() };
        if !self.state.redirects().is_empty() {
            return self.inspect_request(request, NoOpInspector);
        }
        simulate(self.state.clone(), &self.context, request)
            .map_err(|error| self.wording().word(error))
    }

    /// Runs the call under an inspector.
    pub(crate) fn inspect(
        &self,
        inspector: impl Inspector<MachineContext<OverriddenState>>,
    ) -> Answer<Execution> {
        self.inspect_request(self.request.clone(), inspector)
    }

    fn inspect_request(
        &self,
        request: CallRequest,
        inspector: impl Inspector<MachineContext<OverriddenState>>,
    ) -> Answer<Execution> {
        let mut environment = EvmEnvironment::new(self.state.clone());
        environment.set_block(&self.context);
        let account = environment.account(self.request.from)?;
        let nonce = account.map_or(0, |account| account.nonce);
        // The inspector comes first, and hears where calls really go.
        let inspector = (inspector, self.state.redirects());
        environment
            .inspect_call(request, nonce, CallChecks::Funds, inspector)
            .map(|inspection| environment.keep(inspection))
            .map_err(|error| self.wording().word(error))
    }

    const fn wording(&self) -> CallWording {
        CallWording::new(&self.request, &self.context, self.block)
    }

    /// The failure of an execution that did not return, apart from those for want of gas.
    pub(crate) fn failure(&self, execution: &Execution) -> Option<ApiError> {
        let limit = self.context.transaction_cycles_max;
        match &execution.outcome {
            Outcome::Success => None,
            Outcome::Revert => Some(ApiError::Reverted { output: execution.output.clone() }),
            Outcome::Halt { .. } if execution.cycles > limit => {
                Some(ApiError::ProvingBudget { limit })
            }
            Outcome::Halt { reason } => Some(ApiError::Halted { reason: reason.clone() }),
        }
    }
}

pub(crate) fn call(api: &Api, arguments: &Arguments<'_>) -> Answer<Bytes> {
    let call = PreparedCall::new(api, arguments)?;
    let execution = call.run()?;
    match call.failure(&execution) {
        Some(error) => Err(error),
        None => Ok(execution.output),
    }
}

/// geth's reading of a call's fields.
pub(crate) fn call_request(
    request: TransactionRequest,
    chain_id: u64,
    gas_max: u64,
) -> Answer<CallRequest> {
    if let Some(have) = request.chain_id.filter(|have| *have != chain_id) {
        return Err(ApiError::ChainId { have, want: chain_id });
    }
    if request.blob_versioned_hashes.is_some()
        || request.max_fee_per_blob_gas.is_some()
        || request.sidecar.is_some()
    {
        return Err(ApiError::BlobTransaction);
    }
    let (gas_price, gas_priority_fee) = fees(&request)?;
    let input = request.input.try_into_unique_input().map_err(|_| ApiError::DataAndInput)?;
    let gas = request.gas.filter(|gas| *gas > 0).unwrap_or(gas_max);
    Ok(CallRequest {
        from: request.from.unwrap_or_default(),
        kind: request.to.unwrap_or(TxKind::Create),
        gas_limit: gas.min(gas_max),
        gas_price,
        gas_priority_fee,
        value: request.value.unwrap_or_default(),
        input: input.unwrap_or_default(),
        access_list: request.access_list.unwrap_or_default(),
        authorization_list: request.authorization_list.unwrap_or_default(),
    })
}

/// The largest fee and tip per gas.
fn fees(request: &TransactionRequest) -> Answer<(u128, Option<u128>)> {
    let (fee, tip) = (request.max_fee_per_gas, request.max_priority_fee_per_gas);
    if let Some(gas_price) = request.gas_price {
        if fee.is_some() || tip.is_some() {
            return Err(ApiError::MixedFees);
        }
        return Ok((gas_price, None));
    }
    match (fee, tip) {
        (Some(fee), Some(tip)) if fee < tip => Err(ApiError::TipAboveFee { fee, tip }),
        // A tip alone, or a fee of zero, asks for a free call.
        (None | Some(0), _) => Ok((0, None)),
        (Some(fee), tip) => Ok((fee, Some(tip.unwrap_or_default()))),
    }
}

#[cfg(test)]
mod tests;
