//! Accounts that send, and what they sign.

use alloy_primitives::{Address, B256, Bytes, Signature, U256, keccak256};
use eyre::Result;
use minster_primitives::{
    Encodable2718, Envelope,
    alloy_consensus::{SignableTransaction, TxEip1559},
};
use minster_tests::batches::scenarios::workloads::Step;
use secp256k1::{
    Message, SecretKey,
    ecdsa::{RecoverableSignature, RecoveryId},
};
use serde_json::json;

use super::node::Node;

/// The first account that `minster dev` and anvil fund.
const BANK: &str = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

/// Keys of the accounts that send are numbers from here on.
const FIRST_KEY: u64 = 1_000;

/// What each of them is given: more than the fees of all that waits for it in a pool.
const WEI: u64 = 5_000_000_000_000_000_000;

/// What a transfer of ether takes.
pub const TRANSFER_GAS: u64 = 21_000;

/// Wei per gas: more than it costs under load, and little enough for what accounts are given.
const FEE_MAX: u128 = 100_000_000_000;
const TIP: u128 = 1_000_000_000;

/// An account and its next nonce.
pub struct Account {
    pub address: Address,
    pub nonce: u64,
    key: SecretKey,
    chain_id: u64,
}

impl Account {
    fn new(node: &Node, chain_id: u64, key: B256) -> Result<Self> {
        let key = SecretKey::from_secret_bytes(key.0)?;
        let public = key.public_key().serialize_uncompressed();
        let address = Address::from_raw_public_key(&public[1..]);
        let nonce = node.nonce(address)?;
        Ok(Self { address, nonce, key, chain_id })
    }

    /// A signed transaction with this nonce, in its network form.
    pub fn sign(&self, nonce: u64, step: Step, gas_limit: u64) -> Vec<u8> {
        let transaction = TxEip1559 {
            chain_id: self.chain_id,
            nonce,
            gas_limit,
            max_fee_per_gas: FEE_MAX,
            max_priority_fee_per_gas: TIP,
            to: step.to,
            value: U256::from(step.wei),
            input: step.input,
            ..TxEip1559::default()
        };
        let message = Message::from_digest(transaction.signature_hash().0);
        let signature = RecoverableSignature::sign_ecdsa_recoverable(message, &self.key);
        let (id, compact) = signature.serialize_compact();
        let is_odd = matches!(id, RecoveryId::One | RecoveryId::Three);
        let signature = Signature::from_bytes_and_parity(&compact, is_odd);
        Envelope::Eip1559(transaction.into_signed(signature)).encoded_2718()
    }

    /// Sends a transaction with the next nonce. Returns its hash.
    ///
    /// # Errors
    /// When the node refuses it.
    pub fn send(&mut self, node: &Node, step: Step, gas_limit: u64) -> Result<B256> {
        let raw = self.sign(self.nonce, step, gas_limit);
        node.send(&raw)?;
        self.nonce += 1;
        Ok(keccak256(raw))
    }
}

/// The account that gives, and those that it has given ether to: so many that send.
///
/// # Errors
/// When the node refuses something.
pub fn funded(node: &Node, count: u64) -> Result<(Account, Vec<Account>)> {
    let chain_id = node.number("eth_chainId", &json!([]))?;
    let mut bank = Account::new(node, chain_id, BANK.parse()?)?;
    let mut accounts = Vec::new();
    for index in 0..count {
        let key = B256::from(U256::from(FIRST_KEY + index));
        let account = Account::new(node, chain_id, key)?;
        if account.nonce == 0 {
            bank.send(node, Step::call(account.address, WEI, Bytes::new()), TRANSFER_GAS)?;
        }
        accounts.push(account);
    }
    Ok((bank, accounts))
}
