//! What the chain and this node are: EIP-7910's configuration, and how far back answers go.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, FixedBytes, U64, address};
use minster_params::constants::HISTORY_STORAGE_ADDRESS;
use serde::Serialize;

use crate::{api::Api, arguments::Arguments, error::ApiError, gate::Deadline, methods::Answer};

/// Answer of `eth_config`.
#[derive(Debug, Serialize)]
pub(crate) struct ConfigurationJson {
    current: ForkJson,
    /// No fork is scheduled, so that there is neither a next nor a last one.
    next: Option<ForkJson>,
    last: Option<ForkJson>,
}

/// One fork's configuration.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ForkJson {
    activation_time: u64,
    blob_schedule: BlobScheduleJson,
    chain_id: U64,
    fork_id: FixedBytes<4>,
    precompiles: BTreeMap<&'static str, Address>,
    system_contracts: BTreeMap<&'static str, Address>,
}

/// A chain without blobs.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct BlobScheduleJson {
    base_fee_update_fraction: u64,
    max: u64,
    target: u64,
}

/// Osaka's precompiled contracts by the names of EIP-7910.
pub(crate) const PRECOMPILES: [(&str, Address); 18] = [
    ("ECREC", address!("0000000000000000000000000000000000000001")),
    ("SHA256", address!("0000000000000000000000000000000000000002")),
    ("RIPEMD160", address!("0000000000000000000000000000000000000003")),
    ("ID", address!("0000000000000000000000000000000000000004")),
    ("MODEXP", address!("0000000000000000000000000000000000000005")),
    ("BN254_ADD", address!("0000000000000000000000000000000000000006")),
    ("BN254_MUL", address!("0000000000000000000000000000000000000007")),
    ("BN254_PAIRING", address!("0000000000000000000000000000000000000008")),
    ("BLAKE2F", address!("0000000000000000000000000000000000000009")),
    ("KZG_POINT_EVALUATION", address!("000000000000000000000000000000000000000a")),
    ("BLS12_G1ADD", address!("000000000000000000000000000000000000000b")),
    ("BLS12_G1MSM", address!("000000000000000000000000000000000000000c")),
    ("BLS12_G2ADD", address!("000000000000000000000000000000000000000d")),
    ("BLS12_G2MSM", address!("000000000000000000000000000000000000000e")),
    ("BLS12_PAIRING_CHECK", address!("000000000000000000000000000000000000000f")),
    ("BLS12_MAP_FP_TO_G1", address!("0000000000000000000000000000000000000010")),
    ("BLS12_MAP_FP2_TO_G2", address!("0000000000000000000000000000000000000011")),
    ("P256VERIFY", address!("0000000000000000000000000000000000000100")),
];

/// The rules have been Osaka's since genesis.
pub(crate) fn configuration(api: &Api, _: &Arguments<'_>) -> Answer<ConfigurationJson> {
    let genesis = api.chain().block(0)?.ok_or(ApiError::HeaderNotFound)?;
    let current = ForkJson {
        // EIP-7910's for what holds from genesis on.
        activation_time: 0,
        blob_schedule: BlobScheduleJson::default(),
        chain_id: U64::from(api.chain().config().chain_id),
        // EIP-6122: no fork after genesis has a time to be folded in.
        fork_id: crc32fast::hash(genesis.hash.as_slice()).to_be_bytes().into(),
        precompiles: PRECOMPILES.into(),
        system_contracts: [("HISTORY_STORAGE_ADDRESS", HISTORY_STORAGE_ADDRESS)].into(),
    };
    Ok(ConfigurationJson { current, next: None, last: None })
}

/// Answer of `eth_capabilities`.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct CapabilitiesJson {
    head: HeadJson,
    state: ResourceJson,
    tx: ResourceJson,
    logs: ResourceJson,
    receipts: ResourceJson,
    blocks: ResourceJson,
    stateproofs: ResourceJson,
}

#[derive(Debug, Clone, Serialize)]
struct HeadJson {
    number: U64,
    hash: B256,
}

/// How far back something is answered.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
struct ResourceJson {
    disabled: bool,
    oldest_block: U64,
    #[serde(skip_serializing_if = "Option::is_none")]
    delete_strategy: Option<WindowJson>,
}

#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase", tag = "type", rename = "window")]
struct WindowJson {
    retention_blocks: U64,
}

/// Blocks and what is in them are kept for ever or for a window, which is wider than that of state;
/// that of proofs is narrower still.
pub(crate) fn capabilities(api: &Api, _: &Arguments<'_>) -> Answer<CapabilitiesJson> {
    let head = api.chain().latest();
    let deadline = Deadline::new(&api.config);
    let past = api.chain().oldest_past(deadline.at());
    let oldest = past.map_err(|error| deadline.word(error))?;
    let resource = |oldest: u64, window: Option<u64>| ResourceJson {
        disabled: false,
        oldest_block: U64::from(oldest),
        delete_strategy: window.map(|window| WindowJson { retention_blocks: U64::from(window) }),
    };
    let history = api.sequencer.history();
    let blocks = resource(api.chain().oldest_block(), history.blocks.map(Into::into));
    let state = history.state_blocks.or(history.blocks).map(Into::into);
    Ok(CapabilitiesJson {
        head: HeadJson { number: U64::from(head.number()), hash: head.hash },
        state: resource(oldest.state, state),
        tx: blocks,
        logs: blocks,
        receipts: blocks,
        blocks,
        stateproofs: resource(oldest.proofs, Some(api.chain().proof_blocks_max())),
    })
}

#[cfg(test)]
mod tests;
