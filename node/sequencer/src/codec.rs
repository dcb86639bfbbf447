//! The stored forms: log records, archived blocks, change sets, snapshots. All of them are RLP,
//! inside frames whose checksums the storage layer keeps.

use std::sync::Arc;

use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_rlp::{Decodable, Encodable, RlpDecodable, RlpEncodable};
use minster_primitives::{
    Account, Header, Log, Receipt, Signature, SliceHeader, StateDiff, Transaction, Typed2718,
};

use crate::{
    SequencerError,
    block::{Block, Item, Slice},
    state::{StateError, StateView},
};

const SLICE_RECORD: u8 = 1;
const SEAL_RECORD: u8 = 2;

/// A transaction with the sender that was recovered when it came in.
#[derive(Debug, RlpEncodable, RlpDecodable)]
struct StoredTransaction {
    sender: Address,
    bytes: Bytes,
}

#[derive(Debug, RlpEncodable, RlpDecodable)]
struct StoredSlice {
    header: SliceHeader,
    signature: Bytes,
    transactions: Vec<StoredTransaction>,
}

#[derive(Debug, RlpEncodable, RlpDecodable)]
struct StoredSeal {
    number: u64,
    hash: B256,
}

#[derive(Debug, RlpEncodable, RlpDecodable)]
struct StoredItem {
    transaction: StoredTransaction,
    success: bool,
    cumulative_gas_used: u64,
    logs: Vec<Log>,
    deposit_nonce: Vec<u64>,
    gas_used: u64,
    created: Vec<Address>,
    cycles: u64,
}

#[derive(Debug, RlpEncodable, RlpDecodable)]
struct StoredBlock {
    header: Header,
    hash: B256,
    slice_hashes: Vec<B256>,
    state_version: u64,
    items: Vec<StoredItem>,
}

/// An account in a change set or snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, RlpEncodable, RlpDecodable)]
pub(crate) struct StoredAccount {
    pub(crate) address: Address,
    pub(crate) nonce: u64,
    pub(crate) balance: U256,
    pub(crate) code_hash: B256,
}

impl StoredAccount {
    pub(crate) const fn new(address: Address, account: Account) -> Self {
        let Account { nonce, balance, code_hash } = account;
        Self { address, nonce, balance, code_hash }
    }

    pub(crate) const fn account(&self) -> Account {
        Account { nonce: self.nonce, balance: self.balance, code_hash: self.code_hash }
    }
}

/// A slot in a change set or snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, RlpEncodable, RlpDecodable)]
pub(crate) struct StoredSlot {
    pub(crate) address: Address,
    pub(crate) slot: U256,
    pub(crate) value: U256,
}

/// A code that a block was the first to set, so that the state tree marks it since.
#[derive(Debug, Clone, Copy, PartialEq, Eq, RlpEncodable, RlpDecodable)]
pub(crate) struct PublishedCode {
    pub(crate) hash: B256,
    /// Its length in bytes.
    pub(crate) size: u64,
}

/// What a block changed, as the values before it: enough to walk history backwards. Each list
/// ascends by its keys, in which each is once.
#[derive(Debug, PartialEq, Eq, RlpEncodable, RlpDecodable)]
pub(crate) struct ChangeSet {
    /// Accounts that existed before.
    pub(crate) accounts: Vec<StoredAccount>,
    /// Accounts that did not.
    pub(crate) created: Vec<Address>,
    /// Slots, zero where there was nothing.
    pub(crate) slots: Vec<StoredSlot>,
    /// Codes that nobody had set before.
    pub(crate) published: Vec<PublishedCode>,
}

impl ChangeSet {
    /// The values at `before` of everything that `diff` names.
    pub(crate) fn collect(
        diff: &StateDiff,
        published: Vec<PublishedCode>,
        before: &StateView,
    ) -> Result<Self, StateError> {
        let (accounts, created, slots) = (Vec::new(), Vec::new(), Vec::new());
        let mut changes = Self { accounts, created, slots, published };
        for address in diff.accounts.keys() {
            match before.account(*address)? {
                Some(account) => changes.accounts.push(StoredAccount::new(*address, account)),
                None => changes.created.push(*address),
            }
        }
        for (address, slot) in diff.storage.keys() {
            let value = before.storage(*address, *slot)?;
            changes.slots.push(StoredSlot { address: *address, slot: *slot, value });
        }
        Ok(changes)
    }

    /// The account before the block, if the block changed it.
    pub(crate) fn account(&self, address: Address) -> Option<Option<Account>> {
        let found = self.accounts.binary_search_by_key(&address, |stored| stored.address);
        match found {
            Ok(at) => Some(Some(self.accounts[at].account())),
            Err(_) => self.created.binary_search(&address).is_ok().then_some(None),
        }
    }

    /// The slot before the block, if the block changed it.
    pub(crate) fn slot(&self, address: Address, slot: U256) -> Option<U256> {
        let key = |stored: &StoredSlot| (stored.address, stored.slot);
        let found = self.slots.binary_search_by_key(&(address, slot), key);
        found.ok().map(|at| self.slots[at].value)
    }

    /// Keys that it names.
    pub(crate) fn len(&self) -> usize {
        self.accounts.len() + self.created.len() + self.slots.len() + self.published.len()
    }
}

/// A record of the write-ahead log.
#[derive(Debug)]
pub(crate) enum LogRecord {
    /// A signed slice.
    Slice {
        /// Its header.
        header: SliceHeader,
        /// The signature.
        signature: Signature,
        /// Its transactions.
        transactions: Vec<Arc<Transaction>>,
    },
    /// The open block is sealed.
    Seal {
        /// Block number.
        number: u64,
        /// Block hash.
        hash: B256,
    },
}

pub(crate) fn encode<T: Encodable>(value: &T) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.length());
    value.encode(&mut out);
    out
}

pub(crate) fn decode<T: Decodable>(
    what: &'static str,
    mut bytes: &[u8],
) -> Result<T, SequencerError> {
    let value = T::decode(&mut bytes).map_err(|error| record_error(what, error))?;
    if bytes.is_empty() { Ok(value) } else { Err(record_error(what, "trailing bytes")) }
}

fn record_error(what: &'static str, reason: impl ToString) -> SequencerError {
    SequencerError::Record { what, reason: reason.to_string() }
}

pub(crate) fn encode_slice(slice: &Slice) -> Vec<u8> {
    let transactions = slice.items.iter().map(|item| item.transaction.as_ref());
    slice_record(slice.header, &slice.signature, transactions)
}

fn slice_record<'a>(
    header: SliceHeader,
    signature: &Signature,
    transactions: impl Iterator<Item = &'a Transaction>,
) -> Vec<u8> {
    let signature = Bytes::copy_from_slice(&signature.as_bytes());
    let mut out = vec![SLICE_RECORD];
    StoredSlice { header, signature, transactions: transactions.map(store).collect() }
        .encode(&mut out);
    out
}

pub(crate) fn encode_seal(block: &Block) -> Vec<u8> {
    seal_record(block.number(), block.hash)
}

fn seal_record(number: u64, hash: B256) -> Vec<u8> {
    let mut out = vec![SEAL_RECORD];
    StoredSeal { number, hash }.encode(&mut out);
    out
}

/// The record as it stands in the log.
#[cfg(feature = "testing")]
pub(crate) fn encode_record(record: &LogRecord) -> Vec<u8> {
    match record {
        LogRecord::Slice { header, signature, transactions } => {
            slice_record(*header, signature, transactions.iter().map(Arc::as_ref))
        }
        LogRecord::Seal { number, hash } => seal_record(*number, *hash),
    }
}

pub(crate) fn decode_record(bytes: &[u8]) -> Result<LogRecord, SequencerError> {
    match bytes.split_first() {
        Some((&SLICE_RECORD, rest)) => {
            let stored: StoredSlice = decode("slice record", rest)?;
            let signature = Signature::from_raw(&stored.signature)
                .map_err(|error| record_error("slice record", error))?;
            // The parity of a signature has more than one form, of which one is ours.
            if signature.as_bytes().as_slice() != stored.signature.as_ref() {
                return Err(record_error("slice record", "its signature is not as we write it"));
            }
            let transactions =
                stored.transactions.iter().map(load).collect::<Result<Vec<_>, _>>()?;
            Ok(LogRecord::Slice { header: stored.header, signature, transactions })
        }
        Some((&SEAL_RECORD, rest)) => {
            let StoredSeal { number, hash } = decode("seal record", rest)?;
            Ok(LogRecord::Seal { number, hash })
        }
        _ => Err(record_error("log record", "unknown kind")),
    }
}

/// The block that a record seals, if it seals one.
pub(crate) fn sealed_number(bytes: &[u8]) -> Result<Option<u64>, SequencerError> {
    match bytes.split_first() {
        Some((&SEAL_RECORD, rest)) => {
            let StoredSeal { number, .. } = decode("seal record", rest)?;
            Ok(Some(number))
        }
        _ => Ok(None),
    }
}

pub(crate) fn encode_block(block: &Block) -> Vec<u8> {
    let items = block.items.iter().map(|item| StoredItem {
        transaction: store(&item.transaction),
        success: item.receipt.success,
        cumulative_gas_used: item.receipt.cumulative_gas_used,
        logs: item.receipt.logs.clone(),
        deposit_nonce: item.receipt.deposit_nonce.into_iter().collect(),
        gas_used: item.gas_used,
        created: item.created.into_iter().collect(),
        cycles: item.cycles,
    });
    encode(&StoredBlock {
        header: block.header.clone(),
        hash: block.hash,
        slice_hashes: block.slice_hashes.clone(),
        state_version: block.state_version,
        items: items.collect(),
    })
}

pub(crate) fn decode_block(bytes: &[u8]) -> Result<Block, SequencerError> {
    let stored: StoredBlock = decode("block", bytes)?;
    let mut first_log_index = 0;
    let mut items = Vec::with_capacity(stored.items.len());
    for item in stored.items {
        let transaction = load(&item.transaction)?;
        let receipt = Receipt::new(
            transaction.envelope().ty(),
            item.success,
            item.cumulative_gas_used,
            item.logs,
            at_most_one(&item.deposit_nonce)?,
        );
        let log_count = receipt.logs.len() as u64;
        items.push(Arc::new(Item {
            transaction,
            receipt,
            gas_used: item.gas_used,
            created: at_most_one(&item.created)?,
            cycles: item.cycles,
            first_log_index,
        }));
        first_log_index += log_count;
    }
    Ok(Block {
        header: stored.header,
        hash: stored.hash,
        is_open: false,
        items,
        slice_hashes: stored.slice_hashes,
        state_version: stored.state_version,
    })
}

/// The part of a stored block that has its header, whatever that holds.
pub(crate) const HEADER_FRONT_BYTES: usize = 1_024;

/// The header at the front of a stored block.
pub(crate) fn decode_header_front(front: &[u8]) -> Result<Header, SequencerError> {
    const LONG_LIST: u8 = 0xf7;
    let Some(kind) = front.first() else { return Err(record_error("block", "it is empty")) };
    // The list around it may be longer than what is here, so only its head is passed over.
    let head = 1 + usize::from(kind.saturating_sub(LONG_LIST));
    let mut rest = front.get(head..).unwrap_or_default();
    Header::decode(&mut rest).map_err(|error| record_error("block", error))
}

/// What may be missing is a list of one or none.
fn at_most_one<T: Copy>(list: &[T]) -> Result<Option<T>, SequencerError> {
    match list {
        [] => Ok(None),
        [one] => Ok(Some(*one)),
        _ => Err(record_error("block", "two values where one may be")),
    }
}

fn store(transaction: &Transaction) -> StoredTransaction {
    StoredTransaction { sender: transaction.sender(), bytes: transaction.encoded() }
}

fn load(stored: &StoredTransaction) -> Result<Arc<Transaction>, SequencerError> {
    Transaction::decode_trusted(&stored.bytes, stored.sender)
        .map(Arc::new)
        .map_err(|error| record_error("transaction", error))
}
