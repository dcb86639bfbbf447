//! State and block overrides as requests write them.

use std::{borrow::Cow, collections::BTreeMap};

use alloy_primitives::{
    Address, B256, U256,
    map::{AddressHashMap, B256HashMap},
};
use alloy_rpc_types_eth::state::AccountOverride;
use serde_json::value::RawValue;

use super::{Big, FromJson, FromKey, Misread, Quantity, Structure, list, map, text};

const ACCOUNT: Structure = Structure::tagged("override.OverrideAccount");
const BLOCK: Structure = Structure::untagged("override.BlockOverrides");

/// Letters of a hash.
const HASH_TEXT_SIZE: usize = 66;

/// What differs in a block. Both the names of geth and older ones are taken.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct BlockOverrides {
    pub(crate) number: Option<u64>,
    pub(crate) time: Option<u64>,
    pub(crate) gas_limit: Option<u64>,
    pub(crate) coinbase: Option<Address>,
    pub(crate) prev_randao: Option<B256>,
    pub(crate) base_fee: Option<u64>,
    pub(crate) blob_base_fee: Option<u128>,
    /// What `BLOCKHASH` answers.
    pub(crate) block_hashes: Option<BTreeMap<u64, B256>>,
    pub(crate) beacon_root: Option<B256>,
    /// How many there are.
    pub(crate) withdrawals: Option<usize>,
}

impl<'a> FromJson<'a> for BlockOverrides {
    fn go_type() -> Cow<'static, str> {
        BLOCK.go_type()
    }

    fn from_json(json: &'a RawValue) -> Result<Self, Misread> {
        let mut block = Self::default();
        for member in BLOCK.members(json)? {
            match member.name() {
                "number" | "blockNumber" => block.number = member.read()?.map(|Big(it)| it),
                "time" | "timestamp" => block.time = member.read()?.map(|Quantity(it)| it),
                "gasLimit" => block.gas_limit = member.read()?.map(|Quantity(it)| it),
                "feeRecipient" | "coinbase" => block.coinbase = member.read()?,
                "prevRandao" | "random" => {
                    block.prev_randao = member.read()?.map(|Randao(it)| it);
                }
                "baseFeePerGas" | "baseFee" => block.base_fee = member.read()?.map(|Big(it)| it),
                "blobBaseFee" => block.blob_base_fee = member.read()?.map(|Big(it)| it),
                "blockHash" => block.block_hashes = member.read()?,
                "beaconRoot" | "parentBeaconBlockRoot" => block.beacon_root = member.read()?,
                "withdrawals" => block.withdrawals = member.read()?.map(|Withdrawals(it)| it),
                // There is none to override, but a wrong one is refused.
                "difficulty" => drop(member.read::<Big<U256>>()?),
                _ => {}
            }
        }
        Ok(block)
    }
}

/// How many there are; none is ever made, so that nobody asks what they hold.
struct Withdrawals(usize);

impl<'a> FromJson<'a> for Withdrawals {
    fn go_type() -> Cow<'static, str> {
        Cow::Borrowed("types.Withdrawals")
    }

    fn from_json(json: &'a RawValue) -> Result<Self, Misread> {
        list(json, Self::go_type).map(|items| Self(items.len()))
    }
}

/// A hash, as in geth, or a number, as in the specification.
struct Randao(B256);

impl<'a> FromJson<'a> for Randao {
    fn go_type() -> Cow<'static, str> {
        B256::go_type()
    }

    fn from_json(json: &'a RawValue) -> Result<Self, Misread> {
        if text(json).is_some_and(|text| (1..HASH_TEXT_SIZE).contains(&text.len())) {
            let Big(number) = Big::<U256>::from_json(json)?;
            return Ok(Self(number.into()));
        }
        B256::from_json(json).map(Self)
    }
}

impl<'a> FromJson<'a> for AccountOverride {
    fn go_type() -> Cow<'static, str> {
        ACCOUNT.go_type()
    }

    fn from_json(json: &'a RawValue) -> Result<Self, Misread> {
        let mut account = Self::default();
        for member in ACCOUNT.members(json)? {
            match member.name() {
                "nonce" => account.nonce = member.read()?.map(|Quantity(it)| it),
                "code" => account.code = member.read()?,
                "balance" => account.balance = member.read()?.map(|Big(it)| it),
                "state" => account.state = member.read()?,
                "stateDiff" => account.state_diff = member.read()?,
                "movePrecompileToAddress" => account.move_precompile_to = member.read()?,
                _ => {}
            }
        }
        Ok(account)
    }
}

/// State overrides.
impl<'a> FromJson<'a> for AddressHashMap<AccountOverride> {
    fn go_type() -> Cow<'static, str> {
        Cow::Borrowed("override.StateOverride")
    }

    fn from_json(json: &'a RawValue) -> Result<Self, Misread> {
        map(json, Self::go_type)
    }
}

/// Slots of an account.
impl<'a> FromJson<'a> for B256HashMap<B256> {
    fn go_type() -> Cow<'static, str> {
        Cow::Borrowed("map[common.Hash]common.Hash")
    }

    fn from_json(json: &'a RawValue) -> Result<Self, Misread> {
        map(json, Self::go_type)
    }
}

impl<'a, K: FromKey + Ord, V: FromJson<'a>> FromJson<'a> for BTreeMap<K, V> {
    fn go_type() -> Cow<'static, str> {
        Cow::Owned(format!("map[{}]{}", K::GO_TYPE, V::go_type()))
    }

    fn from_json(json: &'a RawValue) -> Result<Self, Misread> {
        map(json, Self::go_type)
    }
}
