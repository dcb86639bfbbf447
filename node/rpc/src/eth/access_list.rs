//! `eth_createAccessList`: what a call touches, found as geth finds it.

use alloy_eips::eip2930::AccessList;
use alloy_primitives::{B256, Signature, U64, U256};
use minster_evm::CallRequest;
use revm::primitives::eip7702::PER_EMPTY_ACCOUNT_COST;
use revm_inspectors::access_list::AccessListInspector;
use serde::Serialize;

use super::{call::PreparedCall, unsigned::Unsigned};
use crate::{
    api::Api,
    arguments::Arguments,
    error::{ApiError, Frame},
    gate::Deadline,
    methods::Answer,
};

/// Answer of `eth_createAccessList`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AccessListJson {
    access_list: AccessList,
    /// Why the call failed, which does not make the list useless.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// Gas that the call uses with the list.
    gas_used: U64,
}

/// Arguments `[call, block, state overrides]`.
pub(crate) fn create_access_list(api: &Api, arguments: &Arguments<'_>) -> Answer<AccessListJson> {
    let mut call = PreparedCall::priced(api, arguments)?;
    let CallRequest { gas_limit, authorization_list, .. } = &call.described.request;
    let authorizations_max = gas_limit / PER_EMPTY_ACCOUNT_COST;
    if u64::try_from(authorization_list.len()).is_ok_and(|count| count > authorizations_max) {
        let reason = "insufficient gas to process all authorizations";
        return Err(ApiError::Incomplete { reason });
    }
    let deadline = Deadline::new(&api.config);
    // A list makes what it names cheaper, so that the call may go another way with it: until the
    // list is the one that the call was run with. It only grows, and gas bounds what is touched.
    loop {
        let given = call.described.request.access_list.clone();
        let mut inspector = AccessListInspector::new(given.clone());
        let frame = Frame::AccessList { hash: transaction_hash(&call)? };
        let execution = call.inspect(&mut inspector, frame)?;
        let access_list = inspector.into_access_list();
        if access_list == given {
            let error =
                call.failure(&execution, call.described.request.gas_limit).map(
                    |error| match error {
                        // Without the reason: the machine's own words.
                        ApiError::Reverted { .. } => "execution reverted".to_owned(),
                        error => error.to_string(),
                    },
                );
            let gas_used = U64::from(execution.gas_used);
            return Ok(AccessListJson { access_list, error, gas_used });
        }
        call.described.request.access_list = access_list;
        deadline.check()?;
    }
}

/// The hash of the transaction that the call would be, without a signature.
fn transaction_hash(call: &PreparedCall) -> Answer<B256> {
    let request = call.described.request.clone();
    let is_priced = request.gas_priority_fee.is_none();
    let unsigned = Unsigned::new(request, call.nonce()?, call.context.chain_id, is_priced)?;
    let no_signature = Signature::new(U256::ZERO, U256::ZERO, false);
    Ok(unsigned.into_envelope(no_signature).hash())
}
