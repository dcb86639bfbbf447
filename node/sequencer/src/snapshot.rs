//! Snapshots of the whole state, written beside the running chain.

use std::{
    collections::BTreeMap,
    io::{Read, Write},
    num::NonZeroUsize,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, SyncSender},
    },
};

use alloy_primitives::{B256, Bytes};
use alloy_rlp::{Encodable, RlpDecodable, RlpEncodable};
use minster_primitives::{Header, StateDiff};
use minster_storage::{RECORD_BYTES_MAX, archive::Archive, snapshot::Snapshots};

use crate::{
    Block, SequencerError,
    chain::index::Index,
    codec::{StoredAccount, StoredSlot, decode, encode},
    journal::JournalMessage,
    state::{StateError, StateStore},
    stats::Stats,
};

/// Snapshots that stay on disk: the newest, and one to fall back on.
const SNAPSHOTS_KEPT: NonZeroUsize = NonZeroUsize::MIN.saturating_add(1);

const HEAD: u8 = 0;
const ACCOUNT: u8 = 1;
const SLOT: u8 = 2;
const CODE: u8 = 3;
const END: u8 = 4;

/// A snapshot is due: the state after this block.
pub(crate) struct SnapshotRequest {
    pub(crate) block: Arc<Block>,
    /// First log record that the snapshot does not cover.
    pub(crate) wal_sequence: u64,
}

/// Where the chain stood at the snapshot.
#[derive(Debug, RlpEncodable, RlpDecodable)]
pub(crate) struct SnapshotHead {
    pub(crate) header: Header,
    pub(crate) hash: B256,
    /// Sequence and hash of the last slice.
    pub(crate) slice_sequence: u64,
    pub(crate) slice_hash: B256,
}

/// The snapshot thread.
pub(crate) struct SnapshotWriter {
    pub(crate) store: Arc<StateStore>,
    pub(crate) index: Arc<Index>,
    pub(crate) snapshots: Snapshots,
    pub(crate) blocks: Arc<Archive>,
    pub(crate) changes: Arc<Archive>,
    pub(crate) journal: SyncSender<JournalMessage>,
    pub(crate) stats: Arc<Stats>,
    /// The block of the oldest snapshot that is kept; see [`oldest_block`].
    pub(crate) oldest: Arc<AtomicU64>,
}

impl SnapshotWriter {
    /// Runs until the journal is gone.
    pub(crate) fn run(&self, requests: &Receiver<SnapshotRequest>) -> Result<(), SequencerError> {
        while let Ok(request) = requests.recv() {
            let wal_sequence = match self.write(&request) {
                Ok(()) => Some(self.oldest_needed()?),
                Err(SequencerError::State(StateError::Pruned { .. })) => {
                    self.stats.snapshot_skipped();
                    tracing::warn!(
                        block = request.block.number(),
                        "snapshot skipped: the state moved on before it was written"
                    );
                    None
                }
                Err(error) => return Err(error),
            };
            if self.journal.send(JournalMessage::SnapshotDone { wal_sequence }).is_err() {
                break;
            }
        }
        Ok(())
    }

    /// Writes one snapshot, and the index up to its block, also where the snapshot comes too late.
    pub(crate) fn write(&self, request: &SnapshotRequest) -> Result<(), SequencerError> {
        let written = self.write_state(request);
        match &written {
            Ok(()) => {}
            // It needs no state, and what waits for it takes memory.
            Err(SequencerError::State(StateError::Pruned { .. })) if self.index.has_ended() => {
                self.blocks.sync()?;
                self.changes.sync()?;
            }
            Err(_) => return written,
        }
        self.index.write(request.block.number(), &self.changes)?;
        written
    }

    /// Writes the state; the archives reach at least as far when the snapshot exists.
    fn write_state(&self, request: &SnapshotRequest) -> Result<(), SequencerError> {
        let block = &request.block;
        let view = self.store.view(block.state_version)?;
        let (mut accounts, mut slots) = (Vec::new(), Vec::new());
        view.for_each(
            |address, account| accounts.push(StoredAccount::new(address, account)),
            |address, slot, value| slots.push(StoredSlot { address, slot, value }),
        )?;
        accounts.sort_unstable_by_key(|account| account.address);
        slots.sort_unstable_by_key(|slot| (slot.address, slot.slot));
        let head = SnapshotHead {
            header: block.header.clone(),
            hash: block.hash,
            slice_sequence: block.state_version,
            slice_hash: block.slice_hashes.last().copied().unwrap_or_default(),
        };
        // Also those that no account has any more, because the tree marks each for ever; but none
        // that a later slice has set since, because this tree does not.
        let codes = self.store.codes_at(block.state_version);
        // Only now: the state moves on meanwhile, and is held for so long alone.
        self.blocks.sync()?;
        self.changes.sync()?;
        self.snapshots
            .write(request.wal_sequence, |out| write_all(out, &head, &accounts, &slots, &codes))?;
        self.snapshots.keep(SNAPSHOTS_KEPT)?;
        self.oldest.store(oldest_block(&self.snapshots)?, Ordering::Release);
        Ok(())
    }

    /// The log must reach back to the oldest snapshot that is kept; to genesis, which never
    /// changes, while there are too few to fall back on.
    pub(crate) fn oldest_needed(&self) -> Result<u64, SequencerError> {
        let kept = self.snapshots.sequences()?;
        Ok(kept.get(SNAPSHOTS_KEPT.get() - 1).copied().unwrap_or(0))
    }
}

/// The block of the oldest snapshot: whichever a start takes, it needs no older one. Genesis while
/// there are too few to fall back on, and when that one cannot be read: then nobody knows what may
/// go.
pub(crate) fn oldest_block(snapshots: &Snapshots) -> Result<u64, SequencerError> {
    let kept = snapshots.sequences()?;
    let Some(oldest) = kept.get(SNAPSHOTS_KEPT.get() - 1).copied() else { return Ok(0) };
    let head = match snapshots.look(oldest) {
        Ok(Some(content)) => read_head(&mut { content }),
        Ok(None) => return Ok(0),
        Err(error) => Err(error.into()),
    };
    match head {
        // Nobody has verified what it says; that its hash fits says at least that it is a head.
        Ok(head) if head.header.hash_slow() == head.hash => Ok(head.header.number),
        Ok(_) => {
            tracing::warn!(sequence = oldest, "a snapshot has a wrong head: nothing is pruned");
            Ok(0)
        }
        Err(error) if error.is_failure() => Err(error),
        Err(error) => {
            tracing::warn!(%error, "nothing is pruned while this snapshot is there");
            Ok(0)
        }
    }
}

pub(crate) fn write_all(
    out: &mut dyn Write,
    head: &SnapshotHead,
    accounts: &[StoredAccount],
    slots: &[StoredSlot],
    codes: &[Bytes],
) -> std::io::Result<()> {
    write_entry(out, HEAD, head)?;
    for account in accounts {
        write_entry(out, ACCOUNT, account)?;
    }
    for slot in slots {
        write_entry(out, SLOT, slot)?;
    }
    for code in codes {
        write_entry(out, CODE, code)?;
    }
    out.write_all(&[END])
}

/// Writes a state of a few keys.
#[cfg(any(test, feature = "testing"))]
pub(crate) fn write_state(
    out: &mut dyn Write,
    head: &SnapshotHead,
    state: &StateDiff,
    codes: &[Bytes],
) -> std::io::Result<()> {
    let accounts = state.accounts.iter();
    let accounts = accounts.filter_map(|(address, account)| {
        account.map(|account| StoredAccount::new(*address, account))
    });
    let slots = state.storage.iter().map(|((address, slot), value)| StoredSlot {
        address: *address,
        slot: *slot,
        value: *value,
    });
    write_all(out, head, &accounts.collect::<Vec<_>>(), &slots.collect::<Vec<_>>(), codes)
}

fn write_entry<T: Encodable>(out: &mut dyn Write, kind: u8, value: &T) -> std::io::Result<()> {
    let bytes = encode(value);
    // What no start could read back is not written.
    let length = u32::try_from(bytes.len()).ok().filter(|_| bytes.len() <= RECORD_BYTES_MAX);
    let length = length.ok_or_else(|| std::io::Error::other("an entry is too long"))?;
    out.write_all(&[kind])?;
    out.write_all(&length.to_le_bytes())?;
    out.write_all(&bytes)
}

/// Reads a snapshot whose checksum is right. The entries stand in the order in which they are
/// written, each once.
pub(crate) fn read(mut input: impl Read) -> Result<(SnapshotHead, StateDiff), SequencerError> {
    let head = read_head(&mut input)?;
    let (mut last_kind, mut state) = (HEAD, StateDiff::default());
    loop {
        let [kind] = read_array(&mut input)?;
        if kind < last_kind {
            return Err(read_error("an entry is out of order"));
        }
        last_kind = kind;
        if kind == END {
            break;
        }
        add_entry(&mut state, kind, &read_entry(&mut input)?)?;
    }
    match input.read(&mut [0]) {
        Ok(0) => Ok((head, state)),
        Ok(_) => Err(read_error("it goes on after its end")),
        Err(error) => Err(read_error(error)),
    }
}

/// What a snapshot begins with.
fn read_head(input: &mut impl Read) -> Result<SnapshotHead, SequencerError> {
    let [HEAD] = read_array(input)? else { return Err(read_error("the head is missing")) };
    decode("snapshot head", &read_entry(input)?)
}

/// Takes an entry that comes after all of its kind so far.
fn add_entry(state: &mut StateDiff, kind: u8, bytes: &[u8]) -> Result<(), SequencerError> {
    let is_next = match kind {
        ACCOUNT => {
            let stored: StoredAccount = decode("snapshot account", bytes)?;
            push(&mut state.accounts, stored.address, Some(stored.account()))
        }
        SLOT => {
            let stored: StoredSlot = decode("snapshot slot", bytes)?;
            push(&mut state.storage, (stored.address, stored.slot), stored.value)
        }
        CODE => {
            let code: Bytes = decode("snapshot code", bytes)?;
            push(&mut state.codes, alloy_primitives::keccak256(&code), code)
        }
        _ => return Err(read_error("an entry is of an unknown kind")),
    };
    if is_next { Ok(()) } else { Err(read_error("an entry is out of order")) }
}

/// Adds what is to be the last entry. Whether it is.
fn push<K: Ord, V>(map: &mut BTreeMap<K, V>, key: K, value: V) -> bool {
    let is_last = map.last_key_value().is_none_or(|(last, _)| *last < key);
    map.insert(key, value);
    is_last
}

fn read_array<const N: usize>(input: &mut impl Read) -> Result<[u8; N], SequencerError> {
    let mut bytes = [0; N];
    input.read_exact(&mut bytes).map_err(read_error)?;
    Ok(bytes)
}

fn read_entry(input: &mut impl Read) -> Result<Vec<u8>, SequencerError> {
    let length = u32::from_le_bytes(read_array(input)?);
    if length as usize > RECORD_BYTES_MAX {
        return Err(read_error("an entry is too long"));
    }
    // What is not there is not waited for with memory.
    let mut bytes = Vec::new();
    let read = input.take(length.into()).read_to_end(&mut bytes).map_err(read_error)?;
    if read < length as usize {
        return Err(read_error("an entry is incomplete"));
    }
    Ok(bytes)
}

fn read_error(reason: impl ToString) -> SequencerError {
    SequencerError::Record { what: "snapshot", reason: reason.to_string() }
}

#[cfg(test)]
mod tests;
