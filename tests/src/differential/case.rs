//! Accounts, a block and transactions: what both sides are given.

use alloy_eips::eip2930::{AccessList, AccessListItem};
use alloy_eips::eip7702::{Authorization, SignedAuthorization};
use alloy_primitives::{Address, B256, Bytes, TxKind, U64, U256};
use alloy_signer::SignerSync;
use minster_params::{ChainConfig, Genesis, GenesisAccount};
use minster_primitives::alloy_consensus::{
    SignableTransaction, Signed, TxEip1559, TxEip2930, TxEip7702, TxLegacy,
};
use minster_primitives::{Encodable2718, Envelope, Signature};
use serde::Serialize;

use super::{AccountState, Accounts};
use crate::batches::chain::Chain;
use crate::batches::signer;

/// The chain's id.
pub const CHAIN_ID: u64 = 1337;
/// Accounts with keys.
pub const KEYS: u64 = 3;
/// Contracts before the first transaction.
pub const CONTRACTS: u64 = 3;
/// What accounts with keys have, in wei.
const BALANCE: u64 = 1 << 60;

/// The block that all transactions are in.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Block {
    /// Number.
    pub number: U64,
    /// Timestamp in seconds.
    pub timestamp: U64,
    /// Gas limit.
    pub gas_limit: U64,
    /// Base fee in wei per gas.
    pub base_fee: U64,
    /// Recipient of tips.
    pub coinbase: Address,
    /// Value of PREVRANDAO.
    pub prev_randao: B256,
}

impl Default for Block {
    fn default() -> Self {
        Self {
            number: U64::from(7),
            timestamp: U64::from(1_700_000_000),
            gas_limit: U64::from(1_000_000_000),
            base_fee: U64::from(7),
            coinbase: Address::repeat_byte(0xfe),
            prev_randao: B256::repeat_byte(0x5a),
        }
    }
}

/// What the oracle reads.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Case {
    /// The chain's id.
    pub chain_id: U64,
    /// The block.
    pub block: Block,
    /// Accounts before the first transaction.
    pub accounts: Accounts,
    /// In their network form.
    pub transactions: Vec<Bytes>,
}

/// The address of a contract by its number.
#[must_use]
pub fn contract(number: u64) -> Address {
    Address::from_word(U256::from(0xc000 + number).into())
}

/// An account that an address list names with slots.
#[must_use]
pub fn access(address: Address, slots: u8) -> AccessList {
    let storage_keys = (0..slots).map(|slot| B256::from(U256::from(slot))).collect();
    AccessList(vec![AccessListItem { address, storage_keys }])
}

/// The accounts with keys, and contracts with code and slots.
#[must_use]
pub fn accounts(contracts: Vec<(Bytes, Vec<U256>)>) -> Accounts {
    let rich = AccountState { balance: U256::from(BALANCE), ..AccountState::default() };
    let keys = (0..KEYS).map(|key| (signer(key).address(), rich.clone()));
    let mut accounts: Accounts = keys.collect();
    for (number, (code, slots)) in (0..).zip(contracts) {
        let slots = (0..).zip(slots).filter(|(_, value)| !value.is_zero());
        let storage = slots.map(|(slot, value)| (U256::from(slot), value)).collect();
        let (balance, nonce) = (U256::from(1_000), U64::from(1));
        accounts.insert(contract(number), AccountState { balance, nonce, code, storage });
    }
    accounts
}

impl Case {
    /// A chain that ran the transactions which it did not refuse, each in a block of its own.
    #[must_use]
    pub fn chain(&self) -> Chain {
        let config = ChainConfig {
            base_fee_initial: self.block.base_fee.to(),
            base_fee_min: 1,
            fee_vault: self.block.coinbase,
            ..ChainConfig::new(CHAIN_ID)
        };
        let account = |account: &AccountState| GenesisAccount {
            nonce: account.nonce.to(),
            balance: account.balance,
            code: account.code.clone(),
            storage: account.storage.clone(),
        };
        let accounts = self.accounts.iter().map(|(address, given)| (*address, account(given)));
        let timestamp = self.block.timestamp.to();
        let mut chain = Chain::new(Genesis { config, timestamp, accounts: accounts.collect() });
        for transaction in &self.transactions {
            // What is refused is in no batch.
            if chain.offer(transaction).is_ok() {
                chain.seal();
            }
        }
        chain
    }
}

/// A type of transaction, with what only it has.
#[derive(Debug, Clone)]
pub enum Kind {
    /// Type 0.
    Legacy,
    /// Type 1.
    Access(Address, u8),
    /// Type 2, with a tip.
    Fee(u8),
    /// Type 4: by which key, for which chain, with which nonce, to where.
    Code(Vec<(u64, u64, u64, Address)>),
}

/// A transaction before it is signed.
#[derive(Debug, Clone)]
pub struct Unsigned {
    /// Who sends it.
    pub key: u64,
    /// Its type.
    pub kind: Kind,
    /// Target, or a creation.
    pub to: Option<Address>,
    /// Wei.
    pub value: u64,
    /// Gas limit.
    pub gas: u64,
    /// Input.
    pub input: Bytes,
}

impl Unsigned {
    /// The network form under the sender's signature.
    ///
    /// # Panics
    /// Never: small numbers are keys.
    #[must_use]
    pub fn signed(self, nonce: u64) -> Bytes {
        let Self { key, kind, to, value, gas, input } = self;
        let (chain_id, gas_limit, value) = (CHAIN_ID, gas, U256::from(value));
        let (price, target) = (100, to.map_or(TxKind::Create, TxKind::Call));
        let envelope = match kind {
            Kind::Legacy => Envelope::Legacy(sign(
                key,
                TxLegacy {
                    chain_id: Some(chain_id),
                    nonce,
                    gas_price: price,
                    gas_limit,
                    to: target,
                    value,
                    input,
                },
            )),
            Kind::Access(address, slots) => Envelope::Eip2930(sign(
                key,
                TxEip2930 {
                    chain_id,
                    nonce,
                    gas_price: price,
                    gas_limit,
                    to: target,
                    value,
                    access_list: access(address, slots),
                    input,
                },
            )),
            Kind::Fee(tip) => Envelope::Eip1559(sign(
                key,
                TxEip1559 {
                    chain_id,
                    nonce,
                    gas_limit,
                    max_fee_per_gas: price,
                    max_priority_fee_per_gas: tip.into(),
                    to: target,
                    value,
                    access_list: AccessList::default(),
                    input,
                },
            )),
            Kind::Code(list) => Envelope::Eip7702(sign(
                key,
                TxEip7702 {
                    chain_id,
                    nonce,
                    gas_limit,
                    max_fee_per_gas: price,
                    max_priority_fee_per_gas: 1,
                    to: to.unwrap_or_else(|| contract(0)),
                    value,
                    access_list: AccessList::default(),
                    authorization_list: list.into_iter().map(authorize).collect(),
                    input,
                },
            )),
        };
        envelope.encoded_2718().into()
    }
}

fn sign<T: SignableTransaction<Signature>>(key: u64, transaction: T) -> Signed<T> {
    let signature = signer(key).sign_hash_sync(&transaction.signature_hash()).expect("a key signs");
    transaction.into_signed(signature)
}

fn authorize((key, chain_id, nonce, address): (u64, u64, u64, Address)) -> SignedAuthorization {
    let authorization = Authorization { chain_id: U256::from(chain_id), address, nonce };
    let signature = signer(key).sign_hash_sync(&authorization.signature_hash());
    authorization.into_signed(signature.expect("a key signs"))
}
