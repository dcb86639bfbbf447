//! Transactions and calls as requests describe them.

use std::borrow::Cow;

use alloy_eips::{
    eip2930::{AccessList, AccessListItem},
    eip7702::{Authorization, SignedAuthorization},
};
use alloy_primitives::{Address, B256, TxKind};
use alloy_rpc_types_eth::TransactionRequest;
use serde_json::value::RawValue;

use super::{Big, FromJson, HexError, Misread, Quantity, Structure, hex::Word, list};

const TRANSACTION: Structure = Structure::tagged("ethapi.TransactionArgs");
const ACCESS_TUPLE: Structure = Structure::nameless("types.AccessTuple");
const AUTHORIZATION: Structure = Structure::nameless("types.SetCodeAuthorization");

impl<'a> FromJson<'a> for TransactionRequest {
    fn go_type() -> Cow<'static, str> {
        TRANSACTION.go_type()
    }

    fn from_json(json: &'a RawValue) -> Result<Self, Misread> {
        let mut request = Self::default();
        for member in TRANSACTION.members(json)? {
            match member.name() {
                "from" => request.from = member.read()?,
                "to" => request.to = member.read()?.map(TxKind::Call),
                "gas" => request.gas = member.read()?.map(|Quantity(gas)| gas),
                "gasPrice" => request.gas_price = member.read()?.map(|Big(fee)| fee),
                "maxFeePerGas" => request.max_fee_per_gas = member.read()?.map(|Big(fee)| fee),
                "maxPriorityFeePerGas" => {
                    request.max_priority_fee_per_gas = member.read()?.map(|Big(fee)| fee);
                }
                "maxFeePerBlobGas" => {
                    request.max_fee_per_blob_gas = member.read()?.map(|Big(fee)| fee);
                }
                "value" => request.value = member.read()?.map(|Big(value)| value),
                "nonce" => request.nonce = member.read()?.map(|Quantity(nonce)| nonce),
                "chainId" => request.chain_id = member.read()?.map(|Big(id)| id),
                "data" => request.input.data = member.read()?,
                "input" => request.input.input = member.read()?,
                "accessList" => request.access_list = member.read()?,
                "authorizationList" => request.authorization_list = member.read()?,
                "blobVersionedHashes" => {
                    let hashes: Option<Vec<B256>> = member.read()?;
                    request.blob_versioned_hashes = hashes.or(request.blob_versioned_hashes);
                }
                // Whatever they hold, this is a blob transaction, which is refused for that.
                "blobs" | "commitments" | "proofs" if member.json().is_some() => {
                    request.blob_versioned_hashes.get_or_insert_default();
                }
                _ => {}
            }
        }
        Ok(request)
    }
}

impl<'a> FromJson<'a> for AccessList {
    fn go_type() -> Cow<'static, str> {
        Cow::Borrowed("types.AccessList")
    }

    fn from_json(json: &'a RawValue) -> Result<Self, Misread> {
        let items = list(json, Self::go_type)?.into_iter();
        items.map(FromJson::from_json).collect::<Result<_, _>>().map(Self)
    }
}

impl<'a> FromJson<'a> for AccessListItem {
    fn go_type() -> Cow<'static, str> {
        ACCESS_TUPLE.go_type()
    }

    fn from_json(json: &'a RawValue) -> Result<Self, Misread> {
        let (mut address, mut storage_keys) = (None, None);
        for member in ACCESS_TUPLE.members(json)? {
            match member.name() {
                "address" => address = member.read()?,
                "storageKeys" => storage_keys = member.read()?,
                _ => {}
            }
        }
        let missing = |name| move || missing(&ACCESS_TUPLE, name);
        Ok(Self {
            address: address.ok_or_else(missing("address"))?,
            storage_keys: storage_keys.ok_or_else(missing("storageKeys"))?,
        })
    }
}

impl<'a> FromJson<'a> for SignedAuthorization {
    fn go_type() -> Cow<'static, str> {
        AUTHORIZATION.go_type()
    }

    fn from_json(json: &'a RawValue) -> Result<Self, Misread> {
        let (mut chain_id, mut address, mut nonce) = (None, None, None);
        let (mut y_parity, mut r, mut s) = (None, None, None);
        for member in AUTHORIZATION.members(json)? {
            match member.name() {
                "chainId" => chain_id = member.read()?,
                "address" => address = member.read::<Address>()?,
                "nonce" => nonce = member.read()?,
                "yParity" => y_parity = member.read()?,
                "r" => r = member.read()?,
                "s" => s = member.read()?,
                _ => {}
            }
        }
        let missing = |name| move || missing(&AUTHORIZATION, name);
        let Word(chain_id) = chain_id.ok_or_else(missing("chainId"))?;
        let address = address.ok_or_else(missing("address"))?;
        let Quantity(nonce) = nonce.ok_or_else(missing("nonce"))?;
        let Quantity(y_parity) = y_parity.ok_or_else(missing("yParity"))?;
        let [Word(r), Word(s)] = [r.ok_or_else(missing("r"))?, s.ok_or_else(missing("s"))?];
        // geth takes the lowest eight of its bits, whatever the others are.
        let y_parity =
            u8::try_from(y_parity).map_err(|_| Misread::words(HexError::TooLarge { bits: 8 }))?;
        let authorization = Authorization { chain_id, address, nonce };
        Ok(Self::new_unchecked(authorization, y_parity, r, s))
    }
}

fn missing(structure: &Structure, name: &str) -> Misread {
    let structure = structure.short_name();
    Misread::Words(format!("missing required field '{name}' for {structure}"))
}
