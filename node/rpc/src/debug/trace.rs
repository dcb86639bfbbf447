//! `debug_trace*`: blocks are run again, up to the transaction in question and then under a tracer.

use std::{fmt::Display, sync::Arc};

use alloy_primitives::{B256, Bytes};
use alloy_rlp::Decodable;
use alloy_rpc_types_eth::TransactionRequest;
use minster_evm::{
    BlockContext, CallChecks, EvmEnvironment, Execution, ExecutionError, Inspection,
};
use minster_os::ExecutionEnvironment;
use minster_primitives::Header;
use minster_sequencer::{Block, Item, StateError};
use revm_inspectors::tracing::{DebugInspector, DebugInspectorError, TransactionContext};
use serde::Serialize;

use super::{
    answer::TraceJson,
    options::{CallOptions, Order, Tracing as TraceOptions},
    steps::cut,
    watch::{Budget, Watch},
    wording::Wording,
};
use crate::{
    api::Api,
    arguments::Arguments,
    block_parameter::{BlockParameter, BlockTag},
    error::{ApiError, Frame},
    eth::{
        call::{self, CallWording},
        overrides::{OverriddenState, override_block, refuse_beacon_chain},
        redirects::Redirects,
    },
    gate::Deadline,
    halt::Faults,
    json,
    methods::Answer,
};

/// The trace of one of a block's transactions.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TransactionGethTrace {
    tx_hash: B256,
    result: TraceJson,
}

/// Arguments `[hash, options]`.
pub(crate) fn transaction(api: &Api, arguments: &Arguments<'_>) -> Answer<TraceJson> {
    let hash: B256 = arguments.required(0)?;
    let options = arguments.or_default(1)?;
    let located = api.chain().transaction(hash)?.ok_or(ApiError::TransactionNotFound)?;
    let block = api.block(BlockParameter::Number(located.block_number))?;
    let block = block.ok_or(ApiError::TransactionNotFound)?;
    let index = usize::try_from(located.index).unwrap_or(usize::MAX);
    let item = block.items.get(index).ok_or(ApiError::TransactionNotFound)?;
    let mut tracing = Tracing::new(api, &block, index, Order::new(api, options)?)?;
    tracing.trace(item, index)
}

/// Arguments `[number or tag, options]`.
pub(crate) fn block_by_number(
    api: &Api,
    arguments: &Arguments<'_>,
) -> Answer<Vec<TransactionGethTrace>> {
    let BlockTag(parameter) = arguments.required(0)?;
    let options = arguments.or_default(1)?;
    let missing = || unknown(ApiError::HeaderNotFound, parameter);
    let block = api.block(parameter)?.ok_or_else(missing)?;
    whole_block(api, &block, options)
}

/// Arguments `[hash, options]`.
pub(crate) fn block_by_hash(
    api: &Api,
    arguments: &Arguments<'_>,
) -> Answer<Vec<TransactionGethTrace>> {
    let (hash, options) = (arguments.required(0)?, arguments.or_default(1)?);
    whole_block(api, &*known_block(api, hash)?, options)
}

/// Arguments `[RLP of a block, options]`. Only blocks of this chain are traced, because only their
/// state is here.
pub(crate) fn block_by_encoding(
    api: &Api,
    arguments: &Arguments<'_>,
) -> Answer<Vec<TransactionGethTrace>> {
    let bytes: Bytes = arguments.required(0)?;
    let options = arguments.or_default(1)?;
    let undecodable = |reason: &dyn Display| {
        let reason = format!("could not decode block: {reason}");
        ApiError::Tracer { reason }
    };
    let header = header_of(&bytes).map_err(|error| undecodable(&error))?;
    let block = known_block(api, header.hash_slow())?;
    if json::block_rlp(&block) != bytes[..] {
        return Err(undecodable(&"the header is that of a block with another body"));
    }
    whole_block(api, &block, options)
}

/// The header of an encoded block, whatever comes after it.
fn header_of(mut block: &[u8]) -> alloy_rlp::Result<Header> {
    let mut content = alloy_rlp::Header::decode_bytes(&mut block, true)?;
    Header::decode(&mut content)
}

fn known_block(api: &Api, hash: B256) -> Answer<Arc<Block>> {
    let parameter = BlockParameter::Hash(hash);
    api.block(parameter)?.ok_or_else(|| unknown(ApiError::HeaderForHashNotFound, parameter))
}

/// A block that is not there has its name in traces.
fn unknown(error: ApiError, parameter: BlockParameter) -> ApiError {
    match (error, parameter) {
        (ApiError::HeaderNotFound, BlockParameter::Number(number)) => {
            ApiError::BlockNotFound { name: format!("#{number}") }
        }
        (ApiError::HeaderForHashNotFound, BlockParameter::Hash(hash)) => {
            ApiError::BlockNotFound { name: hash.to_string() }
        }
        (error, _) => error,
    }
}

fn whole_block(
    api: &Api,
    block: &Block,
    options: TraceOptions,
) -> Answer<Vec<TransactionGethTrace>> {
    let mut tracing = Tracing::new(api, block, 0, Order::new(api, options)?)?;
    let mut traces = Vec::with_capacity(block.items.len());
    for (index, item) in block.items.iter().enumerate() {
        tracing.order.deadline.check()?;
        let result = tracing.trace(item, index)?;
        traces.push(TransactionGethTrace { tx_hash: item.transaction.hash(), result });
    }
    Ok(traces)
}

/// Arguments `[call, block, options with overrides]`.
pub(crate) fn call(api: &Api, arguments: &Arguments<'_>) -> Answer<TraceJson> {
    let request: TransactionRequest = arguments.required(0)?;
    let parameter: BlockParameter = arguments.required(1)?;
    let options: CallOptions = arguments.or_default(2)?;
    let (mut state, mut context, block) = match (parameter, options.tx_index) {
        // As geth, for which that is too uncertain.
        (BlockParameter::Pending, _) => {
            let reason = "tracing on top of pending is not supported".to_owned();
            return Err(ApiError::Tracer { reason });
        }
        (_, Some(index)) => state_within(api, parameter, index, Deadline::new(&api.config))?,
        (_, None) => {
            let site = api.call_site(parameter).map_err(|error| unknown(error, parameter))?;
            (OverriddenState::new(site.state), site.context, site.block)
        }
    };
    refuse_beacon_chain(&options.block_overrides)?;
    state.lay_block_hashes(override_block(options.block_overrides, &mut context));
    if let Some(overrides) = options.state_overrides {
        state.lay(overrides, &mut api.override_limit())?;
    }
    let described = call::call_request(request, context.chain_id, api.config.call_gas_max)?;
    call::free_of_charge(&described.request, &mut context);
    let order = Order::new(api, options.tracing)?;
    let wording = CallWording::new(Frame::Trace, &described.request, &context, block);
    let refused = |reason| ApiError::Refused(Box::new(wording.refusal(reason)));
    described.check().map_err(refused)?;
    let request = described.request;
    let mut environment = EvmEnvironment::new(state);
    environment.set_block(&context);
    let mut tracing = Tracing {
        environment,
        budget: Budget::new(&api.config, order.deadline),
        order,
        place: TransactionContext::default(),
    };
    let sender = tracing.environment.account(request.from)?.unwrap_or_default();
    let nonce = call::unchecked_nonce(sender.nonce);
    let (trace, _) = tracing.run(|environment, watch| {
        environment
            .inspect_call(request, nonce, CallChecks::Funds, watch)
            .map_err(|error| wording.word(error, sender.balance))
    })?;
    Ok(trace)
}

/// The state within a block, before one of its transactions, and the block's context.
fn state_within(
    api: &Api,
    parameter: BlockParameter,
    index: u64,
    deadline: Deadline,
) -> Answer<(OverriddenState, BlockContext, u64)> {
    let block = api.state_block(parameter).map_err(|error| unknown(error, parameter))?;
    let index = usize::try_from(index).unwrap_or(usize::MAX);
    // Also of a block without transactions, in which nothing is before the first.
    if index >= block.items.len().max(1) {
        let reason = format!("transaction index {index} out of range for block {}", block.hash);
        return Err(ApiError::Tracer { reason });
    }
    let mut environment = replay(api, &block, index, deadline)?;
    let diff = environment.take_diff();
    let mut state = environment.oracle_mut().clone();
    state.apply(diff);
    Ok((state, api.context_of(&block.header), block.number()))
}

/// An environment that has run a block up to one of its transactions.
fn replay(
    api: &Api,
    block: &Block,
    count: usize,
    deadline: Deadline,
) -> Answer<EvmEnvironment<OverriddenState>> {
    let parent = block.number().checked_sub(1).ok_or(ApiError::GenesisNotTraceable)?;
    let (state, _) = api.state(BlockParameter::Number(parent))?;
    let mut environment = EvmEnvironment::new(OverriddenState::new(state));
    environment.begin_block(&api.context_of(&block.header)).map_err(run_again)?;
    for item in block.items.iter().take(count) {
        deadline.check()?;
        let execution = environment.execute(&item.transaction).map_err(run_again)?;
        check_same(item, &execution)?;
    }
    Ok(environment)
}

/// A transaction that was executed once is executed again: a refusal now is a bug.
fn run_again(error: ExecutionError<StateError>) -> ApiError {
    match error {
        ExecutionError::Oracle(error) => error.into(),
        error => ApiError::Internal { reason: format!("a block runs again otherwise: {error}") },
    }
}

fn check_same(item: &Item, execution: &Execution) -> Answer<()> {
    let Execution { gas_used, cycles, .. } = *execution;
    if (gas_used, cycles) == (item.gas_used, item.cycles) {
        return Ok(());
    }
    let hash = item.transaction.hash();
    let reason = format!("{hash} used {gas_used} gas and {cycles} cycles when run again");
    Err(ApiError::Internal { reason })
}

/// A tracer at work.
struct Tracing {
    environment: EvmEnvironment<OverriddenState>,
    budget: Budget,
    order: Order,
    place: TransactionContext,
}

impl Tracing {
    /// Before one of a block's transactions.
    fn new(api: &Api, block: &Block, index: usize, order: Order) -> Answer<Self> {
        let environment = replay(api, block, index, order.deadline)?;
        let budget = Budget::new(&api.config, order.deadline);
        let place = TransactionContext { block_hash: Some(block.hash), ..Default::default() };
        Ok(Self { environment, budget, order, place })
    }

    /// The trace of the next of the block's transactions.
    fn trace(&mut self, item: &Item, index: usize) -> Answer<TraceJson> {
        self.place.tx_hash = Some(item.transaction.hash());
        self.place.tx_index = Some(index);
        let (trace, execution) = self.run(|environment, watch| {
            environment.inspect(&item.transaction, watch).map_err(run_again)
        })?;
        check_same(item, &execution)?;
        Ok(trace)
    }

    /// Runs something under the tracer and keeps what it changed.
    fn run(
        &mut self,
        inspect: impl FnOnce(
            &mut EvmEnvironment<OverriddenState>,
            (Watch<'_, (&mut Faults, &mut DebugInspector)>, Redirects),
        ) -> Answer<Inspection>,
    ) -> Answer<(TraceJson, Execution)> {
        let Self { environment, budget, order, place } = self;
        let Order { inspector, recording, steps_bytes_max, flat, hides_code, empty, .. } = order;
        inspector.fuse().map_err(refused)?;
        let mut faults = Faults::new(recording.faults_depth());
        let redirects = environment.oracle_mut().redirects();
        // The tracer comes first, and hears where calls really go; what it does not hear of is
        // redirected nevertheless.
        let watch = Watch::new((&mut faults, &mut *inspector), budget, *recording);
        let inspection = inspect(environment, (watch, redirects))?;
        budget.take_verdict()?;
        let block = environment.block_env().clone();
        let Inspection { tx, result, .. } = &inspection;
        let mut before = environment.state_before();
        let mut trace = inspector
            .get_result(Some(*place), tx, &block, result, &mut before)
            .map_err(|error| match error {
                DebugInspectorError::Database(error) => ApiError::State(error.0),
                error => refused(error),
            })?;
        drop(before);
        if let Some(empty) = empty {
            empty.add(&mut trace, &result.state);
        }
        Wording::new(&faults.into_found(), *flat).reword(&mut trace);
        if let Some(bytes_max) = *steps_bytes_max {
            cut(&mut trace, bytes_max)?;
        }
        let trace = TraceJson { trace, hides_code: *hides_code };
        budget.settle(&trace)?;
        let execution = environment.keep(inspection);
        Ok((trace, execution))
    }
}

fn refused(error: impl ToString) -> ApiError {
    ApiError::Tracer { reason: error.to_string() }
}
