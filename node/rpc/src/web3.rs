//! `web3_*`.

use alloy_primitives::{B256, Bytes, keccak256};

use crate::{api::Api, arguments::Arguments, methods::Answer};

pub(crate) fn client_version(api: &Api, _: &Arguments<'_>) -> Answer<String> {
    Ok(api.config.node_version.clone())
}

pub(crate) fn sha3(_: &Api, arguments: &Arguments<'_>) -> Answer<B256> {
    Ok(keccak256(arguments.required::<Bytes>(0)?))
}
