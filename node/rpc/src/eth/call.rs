//! `eth_call`, and what it shares with estimates.

use alloy_primitives::{Address, Bytes, TxKind, U256};
use alloy_rpc_types_eth::{TransactionRequest, state::StateOverride};
use minster_evm::{
    BlockContext, CallChecks, CallRequest, EvmEnvironment, Execution, ExecutionError,
    InvalidTransaction, MachineContext, Oracle, Outcome, simulate,
};
use minster_primitives::Account;
use minster_sequencer::StateError;
use revm::{Inspector, inspector::NoOpInspector};

use super::{
    fees::{complete_fees, suggested_tip},
    overrides::{OverriddenState, override_block, refuse_beacon_chain},
};
use crate::{
    api::{Api, CallSite},
    arguments::Arguments,
    block_parameter::BlockParameter,
    error::{ApiError, CallRefusal, Frame},
    halt::{self, Faults},
    methods::Answer,
    read::BlockOverrides,
};

/// What ran longer, by the meter, is not run twice for the words of its failure.
const TWICE_CYCLES_MAX: u64 = 50_000_000;

/// What a call's refusal is worded with.
#[derive(Debug, Clone)]
pub(crate) struct CallWording {
    frame: Frame,
    from: Address,
    fee_max: u128,
    tip_max: Option<u128>,
    input_size: usize,
    gas_limit: u64,
    value: U256,
    base_fee: u64,
    block: u64,
}

impl CallWording {
    pub(crate) fn new(
        frame: Frame,
        request: &CallRequest,
        context: &BlockContext,
        block: u64,
    ) -> Self {
        Self {
            frame,
            from: request.from,
            fee_max: request.gas_price,
            tip_max: request.gas_priority_fee,
            input_size: request.input.len(),
            gas_limit: request.gas_limit,
            value: request.value,
            base_fee: context.base_fee,
            block,
        }
    }

    /// The answer to a call that did not run, whose sender has so much.
    pub(crate) fn word(&self, error: ExecutionError<StateError>, balance: U256) -> ApiError {
        let refusal = |reason| self.refusal(self.funds_first(reason, balance));
        ApiError::from_execution(error, refusal).at_block(self.block)
    }

    /// geth asks whether the sender can pay before it asks whether the gas is enough.
    pub(crate) fn funds_first(
        &self,
        reason: InvalidTransaction,
        balance: U256,
    ) -> InvalidTransaction {
        use InvalidTransaction as Invalid;
        let is_of_gas = matches!(
            reason,
            Invalid::CallGasCostMoreThanGasLimit { .. } | Invalid::GasFloorMoreThanGasLimit { .. }
        );
        if !is_of_gas {
            return reason;
        }
        let fee = U256::from(self.gas_limit).checked_mul(U256::from(self.fee_max));
        match fee.and_then(|fee| fee.checked_add(self.value)) {
            Some(fee) if fee <= balance => reason,
            Some(fee) => {
                Invalid::LackOfFundForMaxFee { fee: Box::new(fee), balance: Box::new(balance) }
            }
            None => Invalid::OverflowPaymentInTransaction,
        }
    }

    pub(crate) const fn refusal(&self, reason: InvalidTransaction) -> CallRefusal {
        let Self { frame, from, fee_max, tip_max, input_size, base_fee, .. } = *self;
        CallRefusal { reason, frame, from, fee_max, tip_max, base_fee, input_size }
    }
}

/// How a call ended, and the gas that it took before refunds.
#[derive(Debug)]
pub(crate) struct Spent {
    pub(crate) execution: Execution,
    pub(crate) gas: u64,
}

/// A call with the state and the block it runs in, to be run at any gas limit.
#[derive(Debug)]
pub(crate) struct PreparedCall {
    pub(crate) state: OverriddenState,
    pub(crate) context: BlockContext,
    pub(crate) described: Described,
    /// The gas limit that the caller named.
    pub(crate) named_gas: Option<u64>,
    /// The node's limit.
    pub(crate) gas_max: u64,
    named_nonce: Option<u64>,
    block: u64,
}

/// What a call's arguments say: all of them are read before anything is looked for.
struct Asked {
    request: TransactionRequest,
    parameter: BlockParameter,
    overrides: (Option<StateOverride>, BlockOverrides),
}

impl Asked {
    fn new(arguments: &Arguments<'_>) -> Answer<Self> {
        Ok(Self {
            request: arguments.required(0)?,
            parameter: arguments.or_default(1)?,
            overrides: (arguments.optional(2)?, arguments.or_default(3)?),
        })
    }
}

impl PreparedCall {
    /// From the arguments `[call, block, state overrides, block overrides]`.
    pub(crate) fn new(api: &Api, arguments: &Arguments<'_>) -> Answer<Self> {
        let Asked { request, parameter, overrides } = Asked::new(arguments)?;
        Self::at(api, request, parameter)?.overridden(api, overrides)
    }

    /// The same of a transaction that is to be sent: at `latest` it runs in the block that comes.
    pub(crate) fn to_send(api: &Api, arguments: &Arguments<'_>) -> Answer<Self> {
        let Asked { request, parameter, overrides } = Asked::new(arguments)?;
        let parameter = match parameter {
            BlockParameter::Latest => BlockParameter::Pending,
            parameter => parameter,
        };
        Self::at(api, request, parameter)?.overridden(api, overrides)
    }

    /// The same with the fees that a transaction would have, where it names none.
    pub(crate) fn priced(api: &Api, arguments: &Arguments<'_>) -> Answer<Self> {
        let Asked { mut request, parameter, overrides } = Asked::new(arguments)?;
        let site = api.call_site(parameter)?;
        complete_fees(&mut request, site.context.base_fee, suggested_tip(api))?;
        Self::on(api, request, site)?.overridden(api, overrides)
    }

    fn overridden(
        mut self,
        api: &Api,
        (state_override, block_override): (Option<StateOverride>, BlockOverrides),
    ) -> Answer<Self> {
        refuse_beacon_chain(&block_override)?;
        self.state.lay_block_hashes(override_block(block_override, &mut self.context));
        if let Some(overrides) = state_override {
            self.state.lay(overrides, &mut api.override_limit())?;
        }
        free_of_charge(&self.described.request, &mut self.context);
        Ok(self)
    }

    /// A request at a block.
    pub(crate) fn at(
        api: &Api,
        request: TransactionRequest,
        parameter: BlockParameter,
    ) -> Answer<Self> {
        let site = api.call_site(parameter)?;
        Self::on(api, request, site)
    }

    fn on(api: &Api, request: TransactionRequest, site: CallSite) -> Answer<Self> {
        let CallSite { state, block, mut context } = site;
        let (named_gas, gas_max) = (request.gas, api.config.call_gas_max);
        let named_nonce = request.nonce;
        let described = call_request(request, context.chain_id, gas_max)?;
        free_of_charge(&described.request, &mut context);
        let state = OverriddenState::new(state);
        Ok(Self { state, context, described, named_gas, gas_max, named_nonce, block })
    }

    /// Runs the call at its gas limit.
    pub(crate) fn run(&self) -> Answer<Execution> {
        let gas = self.described.request.gas_limit;
        self.run_framed(gas, Frame::Call { gas })
    }

    /// Runs the call at a gas limit that an estimate tries.
    pub(crate) fn run_at(&self, gas: u64) -> Answer<Execution> {
        self.run_framed(gas, Frame::Estimate { gas })
    }

    /// The same, with the gas that was spent before refunds.
    pub(crate) fn spend_at(&self, gas: u64) -> Answer<Spent> {
        let frame = Frame::Estimate { gas };
        self.inspect_request(self.request_at(gas, frame)?, NoOpInspector, frame)
    }

    fn run_framed(&self, gas_limit: u64, frame: Frame) -> Answer<Execution> {
        let request = self.request_at(gas_limit, frame)?;
        // Calls that go elsewhere need somebody to tell them. Who signed the authorizations is
        // found as for a transaction only there.
        if !self.state.redirects().is_empty() || !request.authorization_list.is_empty() {
            return Ok(self.inspect_request(request, NoOpInspector, frame)?.execution);
        }
        match simulate(self.state.clone(), &self.context, request) {
            Err(ExecutionError::Invalid(InvalidTransaction::NonceOverflowInTransaction)) => {
                let request = self.request_at(gas_limit, frame)?;
                Ok(self.inspect_request(request, NoOpInspector, frame)?.execution)
            }
            ran => ran.map_err(|error| self.refused(error, gas_limit, frame)),
        }
    }

    /// Runs the call under an inspector.
    pub(crate) fn inspect(
        &self,
        inspector: impl Inspector<MachineContext<OverriddenState>>,
        frame: Frame,
    ) -> Answer<Execution> {
        let request = self.request_at(self.described.request.gas_limit, frame)?;
        Ok(self.inspect_request(request, inspector, frame)?.execution)
    }

    /// The request at a gas limit, if it can run at all.
    fn request_at(&self, gas_limit: u64, frame: Frame) -> Answer<CallRequest> {
        let refused =
            |reason| ApiError::Refused(Box::new(self.wording(gas_limit, frame).refusal(reason)));
        self.described.check().map_err(refused)?;
        Ok(CallRequest { gas_limit, ..self.described.request.clone() })
    }

    /// The nonce that the caller named, or the sender's.
    pub(crate) fn nonce(&self) -> Answer<u64> {
        match self.named_nonce {
            Some(nonce) => Ok(nonce),
            None => Ok(self.sender()?.nonce),
        }
    }

    fn sender(&self) -> Result<Account, StateError> {
        let account = self.state.clone().account(self.described.request.from)?;
        Ok(account.unwrap_or_default())
    }

    fn inspect_request(
        &self,
        request: CallRequest,
        inspector: impl Inspector<MachineContext<OverriddenState>>,
        frame: Frame,
    ) -> Answer<Spent> {
        let mut environment = EvmEnvironment::new(self.state.clone());
        environment.set_block(&self.context);
        let nonce = unchecked_nonce(self.sender()?.nonce);
        let gas_limit = request.gas_limit;
        // The inspector comes first, and hears where calls really go.
        let inspector = (inspector, self.state.redirects());
        environment
            .inspect_call(request, nonce, CallChecks::Funds, inspector)
            .map(|inspection| {
                let gas = inspection.result.result.gas().total_gas_spent();
                Spent { gas, execution: environment.keep(inspection) }
            })
            .map_err(|error| self.refused(error, gas_limit, frame))
    }

    fn refused(&self, error: ExecutionError<StateError>, gas_limit: u64, frame: Frame) -> ApiError {
        match self.sender() {
            Ok(sender) => self.wording(gas_limit, frame).word(error, sender.balance),
            Err(error) => error.into(),
        }
    }

    /// The words for the refusal of this call at a gas limit.
    fn wording(&self, gas_limit: u64, frame: Frame) -> CallWording {
        let request = &self.described.request;
        CallWording { gas_limit, ..CallWording::new(frame, request, &self.context, self.block) }
    }

    /// The failure of an execution with so much gas that did not return, apart from those for want
    /// of gas.
    pub(crate) fn failure(&self, execution: &Execution, gas: u64) -> Option<ApiError> {
        let limit = self.context.transaction_cycles_max;
        match &execution.outcome {
            Outcome::Success => None,
            Outcome::Revert => Some(ApiError::Reverted { output: execution.output.clone() }),
            Outcome::Halt { .. } if execution.cycles > limit => {
                Some(ApiError::ProvingBudget { limit })
            }
            Outcome::Halt { reason } => {
                Some(ApiError::Halted { words: self.halt_words(reason, execution, gas) })
            }
        }
    }

    /// geth's words for a halt. Where they say more than the machine's name for it does, the call
    /// is run again to see.
    fn halt_words(&self, reason: &str, execution: &Execution, gas: u64) -> String {
        let seen = || {
            let mut faults = Faults::outermost();
            let request = CallRequest { gas_limit: gas, ..self.described.request.clone() };
            let again = self.inspect_request(request, &mut faults, Frame::Call { gas });
            let is_same = again.is_ok_and(|again| again.execution.outcome == execution.outcome);
            faults.into_words().filter(|_| is_same)
        };
        // All gas is used up by a halt, so the meter says how long it ran.
        let is_short = execution.cycles <= TWICE_CYCLES_MAX;
        let words = if is_short && halt::names_more(reason) { seen() } else { None };
        words.unwrap_or_else(|| halt::message(reason))
    }
}

pub(crate) fn call(api: &Api, arguments: &Arguments<'_>) -> Answer<Bytes> {
    let call = PreparedCall::new(api, arguments)?;
    let execution = call.run()?;
    match call.failure(&execution, call.described.request.gas_limit) {
        Some(error) => Err(error),
        None => Ok(execution.output),
    }
}

/// What the machine is given for a nonce that nothing looks at: it refuses the last one whatever it
/// is told to check.
pub(crate) fn unchecked_nonce(nonce: u64) -> u64 {
    nonce.min(u64::MAX - 1)
}

/// What pays nothing runs where nothing is asked for: `BASEFEE` is zero, whatever the block says.
pub(crate) const fn free_of_charge(request: &CallRequest, context: &mut BlockContext) {
    if request.gas_price == 0 {
        context.base_fee = 0;
    }
}

/// A call as a request describes it.
#[derive(Debug)]
pub(crate) struct Described {
    pub(crate) request: CallRequest,
    /// Whether it has a list of authorizations, and none in it.
    authorizes_nothing: bool,
}

impl Described {
    /// Refuses what is not the machine's to see: an empty list is none to it.
    pub(crate) const fn check(&self) -> Result<(), InvalidTransaction> {
        if self.authorizes_nothing {
            return Err(InvalidTransaction::EmptyAuthorizationList);
        }
        Ok(())
    }
}

/// geth's reading of a call's fields.
pub(crate) fn call_request(
    request: TransactionRequest,
    chain_id: u64,
    gas_max: u64,
) -> Answer<Described> {
    if let Some(have) = request.chain_id.filter(|have| *have != chain_id) {
        return Err(ApiError::ChainId { have, want: chain_id });
    }
    // A price of blobs alone makes no blob transaction, and is of no use.
    if request.blob_versioned_hashes.is_some() {
        return Err(ApiError::BlobTransaction);
    }
    let (gas_price, gas_priority_fee) = fees(&request)?;
    // geth refuses two that differ where it makes a transaction of them, and calls with `input`.
    let input = request.input.input.or(request.input.data);
    let authorizes_nothing = request.authorization_list.as_ref().is_some_and(Vec::is_empty);
    let request = CallRequest {
        from: request.from.unwrap_or_default(),
        kind: request.to.unwrap_or(TxKind::Create),
        gas_limit: request.gas.unwrap_or(gas_max).min(gas_max),
        gas_price,
        gas_priority_fee,
        value: request.value.unwrap_or_default(),
        input: input.unwrap_or_default(),
        access_list: request.access_list.unwrap_or_default(),
        authorization_list: request.authorization_list.unwrap_or_default(),
    };
    Ok(Described { request, authorizes_nothing })
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
    // The machine refuses a tip above the fee. What is left out is zero: a free call.
    Ok((fee.unwrap_or_default(), fee.or(tip).map(|_| tip.unwrap_or_default())))
}

#[cfg(test)]
mod tests;
