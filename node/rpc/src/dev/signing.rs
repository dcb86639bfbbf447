//! Transactions that the node completes and signs, and messages that it signs.

use std::sync::Arc;

use alloy_primitives::{Address, B256, Bytes, Signature, U256};
use alloy_rpc_types_eth::TransactionRequest;
use minster_primitives::{Encodable2718, Envelope, Transaction};
use serde::Serialize;

use crate::{
    api::Api,
    arguments::Arguments,
    block_parameter::BlockParameter,
    error::ApiError,
    eth::{
        call::{PreparedCall, call_request},
        estimate::estimate,
        fees::{next_base_fee, suggested_tip},
        transactions::submit,
        unsigned::Unsigned,
    },
    json::{self, TransactionJson},
    methods::Answer,
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
    let missing = |what: &'static str| ApiError::NotSpecified { what };
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

/// Completes, signs and sends a transaction.
pub(crate) fn send_transaction(api: &Api, arguments: &Arguments<'_>) -> Answer<B256> {
    let request: TransactionRequest = arguments.required(0)?;
    submit(api, &signed(api, request)?.encoded_2718())
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
    if !is_priced {
        let tip = u128::from(suggested_tip(api));
        let fee_max = request.max_fee_per_gas;
        // Room for the base fee to double.
        let base_fee = u128::from(next_base_fee(api)).saturating_mul(2);
        let tip = request
            .max_priority_fee_per_gas
            .unwrap_or_else(|| fee_max.map_or(tip, |fee_max| tip.min(fee_max)));
        request.max_priority_fee_per_gas = Some(tip);
        request.max_fee_per_gas = Some(fee_max.unwrap_or(base_fee.saturating_add(tip)));
    }
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
        request.gas = Some(estimate(call)?);
    }
    let gas_max = u64::MAX;
    Unsigned::new(call_request(request, chain_id, gas_max)?, nonce, chain_id, is_priced)
}
