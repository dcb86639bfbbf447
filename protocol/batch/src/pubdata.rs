//! Pubdata: what has to be published of a batch so that anyone who holds the state before it can
//! continue the chain (spec/pubdata.md, clauses `PD-n`).

use alloc::{collections::BTreeMap, vec::Vec};

use alloy_primitives::{B256, Bytes, keccak256};
use minster_state::{Blake3, PathsError, Stem, Tree, TreeError, TreeKey, keys};

use crate::PUBDATA_BYTES_MAX;

mod bound;
mod diff;
mod head;
mod magnitude;
mod wire;

pub use bound::{
    MESSAGE_GAS_PER_BYTE_MIN, account_size_max, code_size_max, slot_size_max, stem_size_max,
    transaction_size_max,
};

use diff::{DiffReader, DiffWriter, Leaf};
use wire::{Reader, Writer};

/// First byte of all pubdata.
pub const PUBDATA_VERSION: u8 = 1;

/// Most bytes of one message to L1.
pub const MESSAGE_SIZE_MAX: usize = 32 << 10;

/// Most messages to L1 in one batch.
pub const MESSAGE_COUNT_MAX: usize = 16_384;

/// Everything needed to continue the chain from the state before a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pubdata {
    /// Values after the batch of the leaves that it changed; zero where one was deleted.
    pub updates: BTreeMap<TreeKey, B256>,
    /// Codes first published in the batch, in the order of their hashes.
    pub codes: Vec<Bytes>,
    /// Messages to L1, in the order in which they were sent.
    pub messages: Vec<Bytes>,
    /// RLP of the last block's header.
    pub header: Bytes,
}

/// Why pubdata was not made, or not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PubdataError {
    /// The old tree is partial and does not show a leaf that the batch changes.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// The paths are not those of stems of the old tree.
    #[error(transparent)]
    Paths(#[from] PathsError),
    /// More bytes than six blobs hold.
    #[error("{size} bytes of pubdata, at most {PUBDATA_BYTES_MAX} fit the blobs of a batch")]
    TooLarge {
        /// Bytes found or needed.
        size: usize,
    },
    /// More than [`MESSAGE_COUNT_MAX`] messages.
    #[error("{count} messages, at most {MESSAGE_COUNT_MAX} are allowed")]
    TooManyMessages {
        /// How many.
        count: usize,
    },
    /// A message of more than [`MESSAGE_SIZE_MAX`] bytes.
    #[error("message of {size} bytes, at most {MESSAGE_SIZE_MAX} are allowed")]
    MessageTooLarge {
        /// Its bytes.
        size: usize,
    },
    /// Leaves are not in the strict order of their keys.
    #[error("leaves are not in the strict order of their keys")]
    LeavesOutOfOrder,
    /// Codes are not in the strict order of their hashes.
    #[error("codes are not in the strict order of their hashes")]
    CodesOutOfOrder,
    /// A code without a mark that this batch sets for the first time.
    #[error("code {code_hash} is not first published in this batch")]
    CodeNotFirst {
        /// keccak256 of the code.
        code_hash: B256,
    },
    /// Not the version that this code reads.
    #[error("version {version} of pubdata is unknown")]
    UnknownVersion {
        /// The byte found.
        version: u8,
    },
    /// The bytes end too early.
    #[error("the pubdata ends too early")]
    Truncated,
    /// Not the bytes that [`encode`] makes for any batch on this tree.
    #[error("the pubdata is not in its canonical encoding")]
    NotCanonical,
}

/// The pubdata of a batch.
///
/// `old` is the tree before the batch, whole or partial; it must show every leaf in `updates`,
/// which has in the order of keys the final value of every leaf that the batch wrote, zero where
/// one is deleted. What has its old value is left out. `codes` are those first published in the
/// batch, in the order of their hashes; `updates` has their marks. `header` is the RLP of the last
/// block's header.
///
/// # Errors
/// [`PubdataError::Tree`] when a partial tree shows too little; the other errors when a limit is
/// passed, or codes, marks and the tree contradict each other.
pub fn encode<H: Blake3>(
    old: &Tree<H>,
    updates: &[(TreeKey, B256)],
    codes: &[Bytes],
    messages: &[Bytes],
    header: &[u8],
) -> Result<Vec<u8>, PubdataError> {
    check_messages(messages)?;
    if !updates.is_sorted_by(|a, b| a.0 < b.0) {
        return Err(PubdataError::LeavesOutOfOrder);
    }
    let code_hashes: Vec<B256> = codes.iter().map(keccak256).collect();
    let marks = marks(old, updates, &code_hashes)?;
    let leaves = changed_leaves(old, updates, &marks)?;

    let mut writer = Writer::default();
    writer.byte(PUBDATA_VERSION);
    writer.prefixed(header);
    writer.list(codes);
    writer.list(messages);
    let new_stems = write_stems(&mut writer, old, &leaves)?;
    let mut diff = DiffWriter::new(writer, &code_hashes);
    for are_new in [false, true] {
        for group in leaves.chunk_by(|a, b| a.key.stem() == b.key.stem()) {
            let Some(first) = group.first() else { continue };
            if new_stems.binary_search(&first.key.stem()).is_ok() == are_new {
                diff.group(group);
            }
        }
    }
    let bytes = diff.finish();
    check_size(bytes.len())?;
    Ok(bytes)
}

/// Reads the pubdata of a batch on the whole tree before it. Setting
/// [`updates`](Pubdata::updates) in `old` gives the tree after it.
///
/// Accepts what [`encode`] makes and nothing else. Memory and time are bounded by the size of
/// `bytes`, whatever they are.
///
/// # Errors
/// When [`encode`] makes these bytes for no batch on `old`.
pub fn decode<H: Blake3>(old: &Tree<H>, bytes: &[u8]) -> Result<Pubdata, PubdataError> {
    check_size(bytes.len())?;
    let mut reader = Reader::new(bytes);
    let version = reader.byte()?;
    if version != PUBDATA_VERSION {
        return Err(PubdataError::UnknownVersion { version });
    }
    let header = Bytes::copy_from_slice(reader.prefixed()?);
    let codes = reader.list()?;
    let messages = reader.list()?;
    let stems = read_stems(&mut reader, old)?;
    let code_hashes: Vec<B256> = codes.iter().map(keccak256).collect();
    let mut diff = DiffReader::new(reader, &code_hashes);
    let mut updates = BTreeMap::new();
    for stem in stems {
        diff.group(old, stem, &mut updates)?;
    }
    for code_hash in &code_hashes {
        updates.insert(keys::published_code_key::<H>(*code_hash), keys::PUBLISHED);
    }
    let pubdata = Pubdata { updates, codes, messages, header };
    if pubdata.encode(old)? != bytes {
        return Err(PubdataError::NotCanonical);
    }
    Ok(pubdata)
}

impl Pubdata {
    /// The pubdata's bytes. See [`encode`].
    ///
    /// # Errors
    /// As for [`encode`].
    pub fn encode<H: Blake3>(&self, old: &Tree<H>) -> Result<Vec<u8>, PubdataError> {
        let updates: Vec<_> = self.updates.iter().map(|(key, value)| (*key, *value)).collect();
        encode(old, &updates, &self.codes, &self.messages, &self.header)
    }
}

fn check_size(size: usize) -> Result<(), PubdataError> {
    if size > PUBDATA_BYTES_MAX {
        return Err(PubdataError::TooLarge { size });
    }
    Ok(())
}

fn check_messages(messages: &[Bytes]) -> Result<(), PubdataError> {
    if messages.len() > MESSAGE_COUNT_MAX {
        return Err(PubdataError::TooManyMessages { count: messages.len() });
    }
    match messages.iter().map(|message| message.len()).find(|size| *size > MESSAGE_SIZE_MAX) {
        Some(size) => Err(PubdataError::MessageTooLarge { size }),
        None => Ok(()),
    }
}

/// The marks of these codes, sorted. Each must be set by the batch and absent before it.
fn marks<H: Blake3>(
    old: &Tree<H>,
    updates: &[(TreeKey, B256)],
    code_hashes: &[B256],
) -> Result<Vec<TreeKey>, PubdataError> {
    if !code_hashes.is_sorted_by(|a, b| a < b) {
        return Err(PubdataError::CodesOutOfOrder);
    }
    let mut marks = Vec::with_capacity(code_hashes.len());
    for code_hash in code_hashes {
        let mark = keys::published_code_key::<H>(*code_hash);
        let found = updates.binary_search_by_key(&mark, |update| update.0);
        let value = found.ok().and_then(|at| updates.get(at)).map(|update| &update.1);
        if value != Some(&keys::PUBLISHED) || old.leaf(&mark)?.is_some() {
            return Err(PubdataError::CodeNotFirst { code_hash: *code_hash });
        }
        marks.push(mark);
    }
    marks.sort_unstable();
    Ok(marks)
}

/// What the diff says, in the order of keys: all that changed, but not the marks of codes.
fn changed_leaves<H>(
    old: &Tree<H>,
    updates: &[(TreeKey, B256)],
    marks: &[TreeKey],
) -> Result<Vec<Leaf>, PubdataError> {
    let mut leaves = Vec::with_capacity(updates.len());
    for (key, new) in updates {
        if marks.binary_search(key).is_ok() {
            continue;
        }
        let before = old.leaf(key)?.unwrap_or(&B256::ZERO);
        if before != new {
            leaves.push(Leaf { key: *key, old: *before, new: *new });
        }
    }
    Ok(leaves)
}

/// Names the stems of these leaves and returns those that are new, sorted.
fn write_stems<H: Blake3>(
    writer: &mut Writer,
    old: &Tree<H>,
    leaves: &[Leaf],
) -> Result<Vec<Stem>, PubdataError> {
    let mut stems: Vec<Stem> = leaves.iter().map(|leaf| leaf.key.stem()).collect();
    stems.dedup();
    let (paths, new) = old.encode_paths(&stems)?;
    writer.prefixed(&paths);
    writer.count(new.len());
    for stem in &new {
        writer.bytes(stem.as_bytes());
    }
    Ok(new)
}

/// The stems that are named, in the order of their groups: those of the old tree, then the new.
fn read_stems<H: Blake3>(
    reader: &mut Reader<'_>,
    old: &Tree<H>,
) -> Result<Vec<Stem>, PubdataError> {
    let mut stems = old.decode_paths(reader.prefixed()?)?;
    let new_count = reader.varint()?;
    for _ in 0..new_count {
        stems.push(Stem::new(reader.array()?));
    }
    Ok(stems)
}

#[cfg(test)]
mod tests;
