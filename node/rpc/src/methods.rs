//! The method table: every method of the server, by namespace.
//!
//! *Quick* methods answer from memory in microseconds, on the async thread. *Heavy* ones run on
//! the blocking pool, behind the gate. *Waiting* ones are async.

use std::{collections::BTreeMap, sync::Arc};

use jsonrpsee::{
    RpcModule,
    core::RegisterMethodError,
    types::{Extensions, Params},
};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::{
    accept::Asker,
    api::Api,
    arguments::Arguments,
    bounded::to_text,
    debug,
    dev::{signing, time},
    error::ApiError,
    eth::{
        access_list, blocks, call, chain, estimate, fees, filters, logs, proof, simulate, state,
        subscribe, transactions,
    },
    minster, net, txpool, web3,
};

/// A method's answer.
pub(crate) type Answer<T> = Result<T, ApiError>;

/// A method without waits.
type Handler<T> = fn(&Api, &Arguments<'_>) -> Answer<T>;

/// Builds the table.
pub(crate) fn register(api: Arc<Api>) -> Result<RpcModule<Api>, RegisterMethodError> {
    let (has_debug, has_txpool) = (api.config.debug, api.config.txpool);
    let mut table = Table { module: RpcModule::from_arc(api) };
    register_state(&mut table)?;
    register_blocks(&mut table)?;
    register_transactions(&mut table)?;
    register_filters(&mut table)?;
    register_development(&mut table)?;
    register_others(&mut table)?;
    if has_txpool {
        register_txpool(&mut table)?;
    }
    if has_debug {
        register_debug(&mut table)?;
    }
    subscribe::register(&mut table.module)?;
    register_modules(&mut table)?;
    Ok(table.module)
}

/// The namespaces of whatever is there, this one too. geth's versions are all the same.
fn register_modules(table: &mut Table) -> Result<(), RegisterMethodError> {
    let names = table.module.method_names().filter_map(|name| name.split_once('_'));
    let namespaces = names.map(|(namespace, _)| namespace).chain(["rpc"]);
    let modules: BTreeMap<_, _> = namespaces.map(|namespace| (namespace, "1.0")).collect();
    table.module.register_method("rpc_modules", move |params, _, _| -> Answer<_> {
        Arguments::new(&params, 0)?;
        Ok(modules.clone())
    })?;
    Ok(())
}

fn register_state(table: &mut Table) -> Result<(), RegisterMethodError> {
    table.quick("eth_chainId", 0, state::chain_id)?;
    table.heavy("eth_config", 0, chain::configuration)?;
    table.heavy("eth_capabilities", 0, chain::capabilities)?;
    table.quick("eth_syncing", 0, state::syncing)?;
    table.quick("eth_accounts", 0, signing::accounts)?;
    table.quick("eth_coinbase", 0, state::coinbase)?;
    table.heavy_unless("eth_getBalance", 2, is_recent::<1>, state::balance)?;
    table.heavy_unless("eth_getTransactionCount", 2, is_recent::<1>, state::transaction_count)?;
    table.heavy_unless("eth_getCode", 2, is_recent::<1>, state::code)?;
    table.heavy_unless("eth_getStorageAt", 3, is_recent::<2>, state::storage_at)?;
    table.heavy_unless("eth_getStorageValues", 2, is_recent::<1>, state::storage_values)?;
    table.heavy("eth_getProof", 3, proof::proof)?;
    table.heavy("eth_call", 4, call::call)?;
    table.heavy("eth_estimateGas", 4, estimate::estimate_gas)?;
    table.heavy("eth_fillTransaction", 1, signing::fill_transaction)?;
    table.heavy("eth_createAccessList", 3, access_list::create_access_list)?;
    table.heavy_or("eth_simulateV1", 2, simulate::simulate, simulate::timed_out)?;
    table.quick("eth_gasPrice", 0, fees::gas_price)?;
    table.quick("eth_maxPriorityFeePerGas", 0, fees::max_priority_fee)?;
    table.quick("eth_baseFee", 0, fees::base_fee)?;
    table.quick("eth_blobBaseFee", 0, fees::blob_base_fee)?;
    table.heavy("eth_feeHistory", 3, fees::fee_history)
}

fn register_blocks(table: &mut Table) -> Result<(), RegisterMethodError> {
    table.quick("eth_blockNumber", 0, blocks::block_number)?;
    table.heavy("eth_getBlockByNumber", 2, blocks::by_number)?;
    table.heavy("eth_getBlockByHash", 2, blocks::by_hash)?;
    table.heavy("eth_getHeaderByNumber", 1, blocks::header_by_number)?;
    table.heavy("eth_getHeaderByHash", 1, blocks::header_by_hash)?;
    table.heavy("eth_getBlockReceipts", 1, blocks::receipts)?;
    table.heavy("eth_getBlockTransactionCountByNumber", 1, blocks::transaction_count_by_number)?;
    table.heavy("eth_getBlockTransactionCountByHash", 1, blocks::transaction_count_by_hash)?;
    table.heavy("eth_getUncleCountByBlockNumber", 1, blocks::uncle_count_by_number)?;
    table.heavy("eth_getUncleCountByBlockHash", 1, blocks::uncle_count_by_hash)?;
    table.heavy("eth_getUncleByBlockNumberAndIndex", 2, blocks::uncle_by_number)?;
    table.heavy("eth_getUncleByBlockHashAndIndex", 2, blocks::uncle_by_hash)
}

fn register_transactions(table: &mut Table) -> Result<(), RegisterMethodError> {
    table.module.register_async_method(
        "eth_sendRawTransaction",
        |params: Params<'static>, api, _| async move {
            transactions::send_raw(&api, &params).await
        },
    )?;
    table.module.register_async_method(
        "eth_sendRawTransactionSync",
        |params: Params<'static>, api, _| async move {
            transactions::send_raw_sync(&api, &params).await
        },
    )?;
    table.heavy_unless("eth_getTransactionByHash", 1, is_at_hand, transactions::by_hash)?;
    table.heavy_unless("eth_getTransactionReceipt", 1, is_at_hand, transactions::receipt)?;
    table.heavy_unless("eth_getRawTransactionByHash", 1, is_at_hand, transactions::raw_by_hash)?;
    table.heavy(
        "eth_getTransactionByBlockNumberAndIndex",
        2,
        transactions::by_block_number_and_index,
    )?;
    table.heavy(
        "eth_getTransactionByBlockHashAndIndex",
        2,
        transactions::by_block_hash_and_index,
    )?;
    table.heavy(
        "eth_getRawTransactionByBlockNumberAndIndex",
        2,
        transactions::raw_by_block_number_and_index,
    )?;
    table.heavy(
        "eth_getRawTransactionByBlockHashAndIndex",
        2,
        transactions::raw_by_block_hash_and_index,
    )
}

fn register_development(table: &mut Table) -> Result<(), RegisterMethodError> {
    table.quick("eth_sign", 2, signing::sign)?;
    table.quick("personal_sign", 2, signing::personal_sign)?;
    table.heavy("eth_signTypedData_v4", 2, signing::sign_typed_data)?;
    table.heavy("eth_signTransaction", 1, signing::sign_transaction)?;
    table.heavy("eth_sendTransaction", 1, signing::send_transaction)?;
    table.heavy("evm_mine", 1, time::mine)?;
    table.heavy("evm_increaseTime", 1, time::increase_time)?;
    table.heavy("evm_setNextBlockTimestamp", 1, time::set_next_block_timestamp)
}

fn register_filters(table: &mut Table) -> Result<(), RegisterMethodError> {
    table.heavy("eth_getLogs", 1, logs::get_logs)?;
    table.heavy("eth_newFilter", 1, filters::new_filter)?;
    table.heavy("eth_newBlockFilter", 0, filters::new_block_filter)?;
    table.heavy("eth_newPendingTransactionFilter", 1, filters::new_pending_filter)?;
    table.module.register_async_method(
        "eth_getFilterChanges",
        |params: Params<'static>, api, extensions| async move {
            let (asker, arguments_max) = (asker(&extensions), 1);
            Request { api, params, asker, arguments_max }.filter_changes().await
        },
    )?;
    table.heavy("eth_getFilterLogs", 1, filters::logs)?;
    table.quick("eth_uninstallFilter", 1, filters::uninstall)
}

fn register_others(table: &mut Table) -> Result<(), RegisterMethodError> {
    table.quick("net_version", 0, net::version)?;
    table.quick("net_listening", 0, net::listening)?;
    table.quick("net_peerCount", 0, net::peer_count)?;
    table.quick("web3_clientVersion", 0, web3::client_version)?;
    table.quick("web3_sha3", 1, web3::sha3)?;
    table.heavy("minster_getFinality", 1, minster::finality::finality)?;
    table.heavy("minster_getBatch", 1, minster::batches::batch)?;
    table.heavy("minster_getBatchProof", 1, minster::batches::batch_proof)?;
    table.quick("minster_getProving", 0, minster::batches::proving)
}

fn register_txpool(table: &mut Table) -> Result<(), RegisterMethodError> {
    table.quick("txpool_status", 0, txpool::status)?;
    table.heavy("txpool_content", 0, txpool::content)?;
    table.heavy("txpool_inspect", 0, txpool::inspect)?;
    table.heavy("txpool_contentFrom", 1, txpool::content_from)
}

fn register_debug(table: &mut Table) -> Result<(), RegisterMethodError> {
    table.heavy("debug_getRawHeader", 1, debug::raw_header)?;
    table.heavy("debug_getRawBlock", 1, debug::raw_block)?;
    table.heavy("debug_getRawReceipts", 1, debug::raw_receipts)?;
    table.heavy_unless("debug_getRawTransaction", 1, is_at_hand, transactions::raw_by_hash)?;
    table.quick("debug_getBadBlocks", 0, debug::bad_blocks)?;
    table.heavy("debug_traceTransaction", 2, debug::trace::transaction)?;
    table.heavy("debug_traceBlock", 2, debug::trace::block_by_encoding)?;
    table.heavy("debug_traceBlockByNumber", 2, debug::trace::block_by_number)?;
    table.heavy("debug_traceBlockByHash", 2, debug::trace::block_by_hash)?;
    table.heavy("debug_traceCall", 3, debug::trace::call)
}

/// The table under construction.
struct Table {
    module: RpcModule<Api>,
}

impl Table {
    fn quick<T: Serialize + Clone + 'static>(
        &mut self,
        name: &'static str,
        arguments_max: usize,
        handler: Handler<T>,
    ) -> Result<(), RegisterMethodError> {
        self.module.register_method(name, move |params, api, _| {
            handler(api, &Arguments::new(&params, arguments_max)?)
        })?;
        Ok(())
    }

    fn heavy<T: Serialize + 'static>(
        &mut self,
        name: &'static str,
        arguments_max: usize,
        handler: Handler<T>,
    ) -> Result<(), RegisterMethodError> {
        self.heavy_or(name, arguments_max, handler, |error| error)
    }

    /// With errors of its own, also where the time is up before the handler ends.
    fn heavy_or<T: Serialize + 'static>(
        &mut self,
        name: &'static str,
        arguments_max: usize,
        handler: Handler<T>,
        reworded: fn(ApiError) -> ApiError,
    ) -> Result<(), RegisterMethodError> {
        self.module.register_async_method(
            name,
            move |params: Params<'static>, api, extensions| async move {
                let request = Request { api, params, asker: asker(&extensions), arguments_max };
                // Large answers are made into JSON there too.
                let api = Arc::clone(&request.api);
                let answer = api.gate.run(request.asker, move || request.answer(handler));
                answer.await.map_err(reworded)
            },
        )?;
        Ok(())
    }

    /// Quick where what is asked for is at hand, heavy where it may have to be read from disk.
    fn heavy_unless<T: Serialize + 'static>(
        &mut self,
        name: &'static str,
        arguments_max: usize,
        is_quick: fn(&Api, &Arguments<'_>) -> bool,
        handler: Handler<T>,
    ) -> Result<(), RegisterMethodError> {
        self.module.register_async_method(
            name,
            move |params: Params<'static>, api, extensions| async move {
                let request = Request { api, params, asker: asker(&extensions), arguments_max };
                if is_quick(&request.api, &request.arguments()?) {
                    return request.answer(handler);
                }
                let api = Arc::clone(&request.api);
                api.gate.run(request.asker, move || request.answer(handler)).await
            },
        )?;
        Ok(())
    }
}

const NO_CHANGES: [(); 0] = [];

/// A request of a heavy method.
struct Request {
    api: Arc<Api>,
    params: Params<'static>,
    asker: Asker,
    arguments_max: usize,
}

impl Request {
    fn arguments(&self) -> Answer<Arguments<'_>> {
        Ok(Arguments::new(&self.params, self.arguments_max)?.asked_by(self.asker))
    }

    fn answer<T: Serialize>(&self, handler: Handler<T>) -> Answer<Box<RawValue>> {
        self.text(&handler(&self.api, &self.arguments()?)?)
    }

    fn text(&self, value: &impl Serialize) -> Answer<Box<RawValue>> {
        let held = Arc::clone(&self.api.answers).part(self.asker);
        let maximum = self.api.config.response_bytes_max;
        to_text(value, usize::try_from(maximum).unwrap_or(usize::MAX), held)
    }

    /// The changes of a filter: told when their answer is made in time, and to one who asks alone.
    async fn filter_changes(self) -> Answer<Box<RawValue>> {
        let (api, asker) = (Arc::clone(&self.api), self.asker);
        let work = move || {
            let (changes, told) = filters::changes(&self.api, &self.arguments()?)?;
            Ok((self.text(&changes)?, self.text(&NO_CHANGES)?, told))
        };
        let (changes, nothing, told) = api.gate.run(asker, work).await?;
        Ok(if api.filters.tell(&told)? { changes } else { nothing })
    }
}

fn asker(extensions: &Extensions) -> Asker {
    extensions.get().copied()
}

/// Whether the block argument is one whose state is at hand.
fn is_recent<const BLOCK_INDEX: usize>(_: &Api, arguments: &Arguments<'_>) -> bool {
    let tag = arguments.written(BLOCK_INDEX).map(RawValue::get);
    matches!(tag, None | Some("\"latest\"" | "\"pending\""))
}

/// Whether the transaction of the first argument is at hand. What is no hash is refused at once.
fn is_at_hand(api: &Api, arguments: &Arguments<'_>) -> bool {
    let hash = arguments.required(0);
    hash.map_or(true, |hash| api.chain().has_transaction_at_hand(hash))
}
