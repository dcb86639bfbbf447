//! `net_*`.

use alloy_primitives::U64;

use crate::{api::Api, arguments::Arguments, methods::Answer};

/// The chain id in decimal, as geth does by default.
pub(crate) fn version(api: &Api, _: &Arguments<'_>) -> Answer<String> {
    Ok(api.chain().config().chain_id.to_string())
}

/// There is no peer-to-peer network: the server itself listens.
pub(crate) fn listening(_: &Api, _: &Arguments<'_>) -> Answer<bool> {
    Ok(true)
}

pub(crate) fn peer_count(_: &Api, _: &Arguments<'_>) -> Answer<U64> {
    Ok(U64::ZERO)
}
