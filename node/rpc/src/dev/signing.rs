//! Transactions that the node completes and signs, and messages that it signs.

use std::sync::Arc;

use alloy_dyn_abi::TypedData;
use alloy_primitives::{Address, B256, Bytes, Signature, U256};
use alloy_rpc_types_eth::TransactionRequest;
use minster_primitives::{Encodable2718, Envelope, Transaction};
use minster_sequencer::SubmitError;
use serde::Serialize;

use crate::{
    api::Api,
    arguments::Arguments,
    block_parameter::BlockParameter,
    error::ApiError,
    eth::{
        call::{PreparedCall, call_request},
        estimate::estimate,
        fees::{complete_fees, next_base_fee, suggested_tip},
        transactions::announce,
        unsigned::Unsigned,
    },
    gate::Deadline,
    json::{self, TransactionJson},
    methods::Answer,
    read::Foreign,
};

/// A transaction as bytes and in its fields.
#[derive(Debug, Serialize)]
pub(crate) struct RawAndFieldsJson {
    raw: Bytes,
    tx: TransactionJson,
}

impl RawAndFieldsJson {
    fn new(envelope: Envelope, from: Address) -> Self {
        let raw = envelope.encoded_2718().into();
        let transaction = Arc::new(Transaction::from_trusted_parts(envelope, from));
        Self { raw, tx: json::pooled(&transaction) }
    }
}

/// Addresses of the keys that the node signs with.
pub(crate) fn accounts(api: &Api, _: &Arguments<'_>) -> Answer<Vec<Address>> {
    Ok(api.config.dev_keys.addresses())
}

/// Arguments `[address, message]`: EIP-191's signature of a message.
pub(crate) fn sign(api: &Api, arguments: &Arguments<'_>) -> Answer<Bytes> {
    let (from, message): (Address, Bytes) = (arguments.required(0)?, arguments.required(1)?);
    let signature = api.config.dev_keys.sign_message(from, &message)?;
    Ok(Bytes::copy_from_slice(&signature.as_bytes()))
}

/// Completes a transaction; its signature is zeros.
pub(crate) fn fill_transaction(api: &Api, arguments: &Arguments<'_>) -> Answer<RawAndFieldsJson> {
    let request: TransactionRequest = arguments.required(0)?;
    let from = request.from.unwrap_or_default();
    let unsigned = complete(api, request)?;
    let no_signature = Signature::new(U256::ZERO, U256::ZERO, false);
    Ok(RawAndFieldsJson::new(unsigned.into_envelope(no_signature), from))
}

/// Signs a transaction that names its gas, price and nonce, as geth demands.
pub(crate) fn sign_transaction(api: &Api, arguments: &Arguments<'_>) -> Answer<RawAndFieldsJson> {
    let request: TransactionRequest = arguments.required(0)?;
    let missing = |reason: &'static str| ApiError::Incomplete { reason };
    let has_fees = request.max_fee_per_gas.is_some() && request.max_priority_fee_per_gas.is_some();
    if request.gas.is_none() {
        return Err(missing("gas not specified"));
    }
    if request.gas_price.is_none() && !has_fees {
        return Err(missing("missing gasPrice or maxFeePerGas/maxPriorityFeePerGas"));
    }
    if request.nonce.is_none() {
        return Err(missing("nonce not specified"));
    }
    let from = request.from.unwrap_or_default();
    Ok(RawAndFieldsJson::new(signed(api, request)?, from))
}

/// Completes, signs and sends a transaction. Of two at once from one account the second gets its
/// nonce when the first is in the pool.
pub(crate) fn send_transaction(api: &Api, arguments: &Arguments<'_>) -> Answer<B256> {
    let request: TransactionRequest = arguments.required(0)?;
    let turn = api.config.dev_keys.turn(request.from.unwrap_or_default())?;
    let _turn = request.nonce.is_none().then(|| turn.lock());
    if request.has_eip4844_fields() {
        return Err(ApiError::Incomplete { reason: "signing blob transactions not supported" });
    }
    let hash = api.sequencer.submit(&signed(api, request)?.encoded_2718())?;
    announce(api, hash);
    Ok(hash)
}

/// Arguments `[message, address]`: the same as [`sign`], the other way round.
pub(crate) fn personal_sign(api: &Api, arguments: &Arguments<'_>) -> Answer<Bytes> {
    let (message, from): (Bytes, Address) = (arguments.required(0)?, arguments.required(1)?);
    let signature = api.config.dev_keys.sign_message(from, &message)?;
    Ok(Bytes::copy_from_slice(&signature.as_bytes()))
}

/// Arguments `[address, typed data]`: EIP-712's signature of typed data, which are JSON or a text
/// that is JSON.
pub(crate) fn sign_typed_data(api: &Api, arguments: &Arguments<'_>) -> Answer<Bytes> {
    let from: Address = arguments.required(0)?;
    let keys = &api.config.dev_keys;
    // Before the work: most nodes have no keys.
    if !keys.addresses().contains(&from) {
        return Err(ApiError::UnknownAccount);
    }
    let Foreign(data): Foreign<TypedData> = arguments.required(1)?;
    let hash = data.eip712_signing_hash();
    let hash = hash.map_err(|error| ApiError::TypedData { reason: error.to_string() })?;
    let signature = keys.sign_hash(from, &hash)?;
    Ok(Bytes::copy_from_slice(&signature.as_bytes()))
}

fn signed(api: &Api, request: TransactionRequest) -> Answer<Envelope> {
    let keys = &api.config.dev_keys;
    let from = request.from.unwrap_or_default();
    if !keys.addresses().contains(&from) {
        return Err(ApiError::UnknownAccount);
    }
    let unsigned = complete(api, request)?;
    let signature = keys.sign_hash(from, &unsigned.signature_hash())?;
    Ok(unsigned.into_envelope(signature))
}

/// The transaction with everything that the request leaves open: nonce, fees, gas.
fn complete(api: &Api, mut request: TransactionRequest) -> Answer<Unsigned> {
    let from = request.from.unwrap_or_default();
    let chain_id = api.chain().config().chain_id;
    let is_priced = request.gas_price.is_some();
    request.input.unique_input().map_err(|_| ApiError::DataAndInput)?;
    complete_fees(&mut request, next_base_fee(api), suggested_tip(api))?;
    check_target(&request)?;
    let nonce = match request.nonce {
        Some(nonce) => nonce,
        None => {
            let account = api.chain().state()?.account(from)?;
            let nonce = account.map_or(0, |account| account.nonce);
            api.pool().pending_nonce(from, nonce)
        }
    };
    if request.gas.is_none() {
        let call = PreparedCall::at(api, request.clone(), BlockParameter::Pending)?;
        request.gas = Some(estimate(call, Deadline::new(&api.config))?);
    }
    let gas_max = u64::MAX;
    let described = call_request(request, chain_id, gas_max)?;
    described.check().map_err(SubmitError::Invalid)?;
    Unsigned::new(described.request, nonce, chain_id, is_priced)
}

/// A creation has code, and authorizes nothing.
fn check_target(request: &TransactionRequest) -> Answer<()> {
    if request.to.is_some_and(|to| to.is_call()) {
        return Ok(());
    }
    if request.input.input().is_none_or(|input| input.is_empty()) {
        let reason = "contract creation without any data provided";
        return Err(ApiError::Incomplete { reason });
    }
    if request.authorization_list.as_ref().is_some_and(|list| !list.is_empty()) {
        let reason =
            "authorizationList provided for contract creation, but \"to\" field is missing";
        return Err(ApiError::Incomplete { reason });
    }
    Ok(())
}
