//! The `state_test` fixture format: what a file says, not yet what it means.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, Bloom, Bytes, U64, U256};
use serde::Deserialize;
use serde_json::Value;

/// A file: fixtures by name.
pub type File = BTreeMap<String, Fixture>;

/// One fixture.
#[derive(Debug, Deserialize)]
pub struct Fixture {
    /// The block.
    pub env: Env,
    /// State before.
    pub pre: BTreeMap<Address, Account>,
    /// The transaction's fields; those that vary are lists.
    pub transaction: TransactionFields,
    /// What must come out, by fork.
    pub post: BTreeMap<String, Vec<Post>>,
    /// Chain id and blob schedule.
    #[serde(default)]
    pub config: Config,
}

/// The block.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Env {
    /// `COINBASE`.
    pub current_coinbase: Address,
    /// `GASLIMIT`.
    pub current_gas_limit: U64,
    /// `NUMBER`.
    pub current_number: U64,
    /// `TIMESTAMP`.
    pub current_timestamp: U64,
    /// `PREVRANDAO`.
    pub current_random: B256,
    /// `BASEFEE`.
    pub current_base_fee: U64,
    /// `BLOBBASEFEE` follows from it.
    #[serde(default)]
    pub current_excess_blob_gas: U64,
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Account {
    /// Balance.
    pub balance: U256,
    /// Nonce.
    pub nonce: U64,
    /// Code.
    pub code: Bytes,
    /// Storage.
    #[serde(default)]
    pub storage: BTreeMap<U256, U256>,
}

/// The transaction's fields. Values that may be out of range in a fixture of an invalid
/// transaction stay text.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TransactionFields {
    /// Data, by index.
    pub data: Vec<Bytes>,
    /// Gas limit, by index.
    pub gas_limit: Vec<String>,
    /// Value, by index.
    pub value: Vec<String>,
    /// Access list, by index of the data.
    #[serde(default)]
    pub access_lists: Option<Vec<Option<Vec<AccessListItem>>>>,
    /// Nonce.
    pub nonce: String,
    /// Target; empty for a creation.
    #[serde(default)]
    pub to: String,
    /// Sender.
    pub sender: Option<Address>,
    /// Gas price.
    pub gas_price: Option<String>,
    /// Fee cap.
    pub max_fee_per_gas: Option<String>,
    /// Tip cap.
    pub max_priority_fee_per_gas: Option<String>,
    /// Authorizations.
    pub authorization_list: Option<Vec<Authorization>>,
    /// Blob hashes: makes it type 3.
    pub blob_versioned_hashes: Option<Value>,
}

/// An entry of an access list.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccessListItem {
    /// Account.
    pub address: Address,
    /// Slots.
    pub storage_keys: Vec<B256>,
}

/// An authorization of EIP-7702.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Authorization {
    /// Chain id.
    pub chain_id: String,
    /// Delegate.
    pub address: Address,
    /// Nonce.
    pub nonce: String,
    /// Parity.
    pub y_parity: Option<String>,
    /// Parity under its older name.
    pub v: Option<String>,
    /// Signature.
    pub r: String,
    /// Signature.
    pub s: String,
}

/// What must come out.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Post {
    /// Which of the lists' entries.
    pub indexes: Indexes,
    /// The transaction's bytes.
    pub txbytes: Bytes,
    /// keccak256 of the logs' RLP.
    pub logs: B256,
    /// State after.
    pub state: BTreeMap<Address, Account>,
    /// Why it must be refused.
    pub expect_exception: Option<Value>,
    /// The receipt, when it must not be refused.
    pub receipt: Option<Receipt>,
}

/// Which of the lists' entries.
#[derive(Debug, Deserialize)]
pub struct Indexes {
    /// Of `data` and `accessLists`.
    pub data: usize,
    /// Of `gasLimit`.
    pub gas: usize,
    /// Of `value`.
    pub value: usize,
}

/// The receipt.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Receipt {
    /// Hash of the transaction.
    pub transaction_hash: B256,
    /// Gas used.
    pub cumulative_gas_used: U64,
    /// Bloom.
    pub bloom: Bloom,
    /// Success.
    pub status: bool,
    /// Its encoding.
    pub rlp: Option<Bytes>,
}

/// Chain id and blob schedule.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Config {
    /// Chain id.
    pub chainid: Option<U64>,
    /// By fork.
    #[serde(default)]
    pub blob_schedule: BTreeMap<String, BlobSchedule>,
}

/// The blob schedule of a fork.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BlobSchedule {
    /// Denominator of the exponent.
    pub base_fee_update_fraction: U64,
}

/// A number of a field that may be out of range.
#[must_use]
pub fn number(text: &str) -> Option<U256> {
    let text = text.strip_prefix("0x:bigint ").unwrap_or(text);
    match text.strip_prefix("0x") {
        Some("") => Some(U256::ZERO),
        Some(digits) => U256::from_str_radix(digits, 16).ok(),
        None => U256::from_str_radix(text, 10).ok(),
    }
}
